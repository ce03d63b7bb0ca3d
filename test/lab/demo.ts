/** `npm run demo`: a stock Jitsi-like host, the flagship on it, the proof, and what to look at next. */
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { cacheFolder } from './cache.js';
import { clean } from './clean.js';
import { ensureEngine } from './engine.js';
import { type Host, startHost } from './host.js';
import { ensureKeycloakArchive } from './keycloak-image.js';
import { sayOnStderr } from './progress.js';

const root = join(import.meta.dirname, '../..');
const cli = join(root, 'dist/src/cli/main.js');
const folder = join(await cacheFolder(), 'demo');
const inventory = join(folder, 'hosts.yml');

const yaml = (host: Host, archive: string): string => `# Written by \`npm run demo\`.
defaults: { user: admin, port: ${host.port}, become: true, identityFile: ${host.privateKeyPath}, knownHosts: ${host.knownHostsPath} }
vars:
  keycloak: { imageArchive: ${archive} }
  prosody: { mendLua: true }
  users:
    - { username: alice, email: alice@${host.domain}, firstName: Alice, lastName: Liddell, password: { secret: ALICE_PASSWORD } }
proof: { user: alice }
hosts:
  meet-1: { address: ${host.address}, vars: { domain: ${host.domain} } }
`;

async function up(): Promise<void> {
  console.log(
    'A throw-away Jitsi host is set up and signed in to. The first time this takes about 6 minutes, later 2.\n',
  );
  // Even the look for an earlier demo needs an engine, and a new machine has none.
  await ensureEngine(sayOnStderr);
  await down();
  const archive = await ensureKeycloakArchive(sayOnStderr);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const host = await startHost({ keptFor: folder, keyFolder: folder });
  console.log(
    `\nthe host runs: ${host.domain}, SSH on ${host.address}:${host.port}; real Jitsi plugin: ${host.jitsi === 'stand-in' ? 'not run' : 'run'}`,
  );
  await writeFile(inventory, yaml(host, archive), { mode: 0o600 });
  const secret = (name: string): string => `${name}="${randomBytes(15).toString('base64url')}"\n`;
  await writeFile(join(folder, '.env'), secret('KEYCLOAK_ADMIN_PASSWORD') + secret('ALICE_PASSWORD'), {
    mode: 0o600,
  });
  orchestrate('what would change', 'plan');
  orchestrate('do it', 'apply', '--yes');
  orchestrate('a second time there is nothing to do', 'apply', '--yes');
  orchestrate('a user signs in once more', 'verify');
  await say(host);
}

function orchestrate(title: string, ...args: readonly string[]): void {
  console.log(`\n── ${title}: orchestrate ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [cli, ...args, '--inventory', inventory], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

async function say(host: Host): Promise<void> {
  const env = await readFile(join(folder, '.env'), 'utf8');
  const password = /^ALICE_PASSWORD="(.*)"$/m.exec(env)?.[1] ?? '';
  const command = (args: string): string => `  npx orchestrate ${args} --inventory ${inventory}`;
  console.log(`
── the host stays up
look at it:       ssh -p ${host.port} -i ${host.privateKeyPath} -o UserKnownHostsFile=${host.knownHostsPath} admin@${host.address}
sign in yourself: https://${host.domain}:${host.httpsPort}/ with "127.0.0.1 ${host.domain}" in /etc/hosts, as alice with ${password}
what differs:
${command('drift')}
put it all back:
${command('rollback')}
remove the host:
  npm run demo -- --down`);
}

async function down(): Promise<void> {
  await clean({ keptFor: folder });
  await rm(folder, { recursive: true, force: true });
}

try {
  if (process.argv.includes('--down')) {
    await down();
    console.log('the demo host is gone');
  } else await up();
} catch (error) {
  sayOnStderr(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
