import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** A real Keycloak of the tests, fresh at its start and shared by all of a process's tests. */
export interface TestKeycloak {
  readonly port: number;
  readonly admin: { readonly username: string; readonly password: string };
  /** Seconds from its start to its first answer "ready". */
  readonly startedIn: number;
}

/** The newest version that the tests prove. */
const version = '26.7.3';
const cache =
  process.env['ORCHESTRATE_CACHE'] ??
  path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'orchestrate');
const zip = path.join(cache, `keycloak-quarkus-dist-${version}.zip`);
const image = `quay.io/keycloak/keycloak:${version}`;
const admin = { username: 'admin', password: 'Adm1n-of-the-tests' };
const run = promisify(execFile);

const shared: { starting?: Promise<TestKeycloak | null> } = {};

/**
 * Starts Keycloak, once: from the distribution in the cache with this machine's Java, else from the image.
 * null, with a loud word on stderr, when there is neither.
 */
export function testKeycloak(): Promise<TestKeycloak | null> {
  shared.starting ??= start();
  return shared.starting;
}

/** For a suite's `before`: gives Keycloak, or skips the suite. */
export async function keycloakOrSkip(context: Mocha.Context): Promise<TestKeycloak> {
  context.timeout(240_000);
  const keycloak = await testKeycloak();
  return keycloak ?? context.skip();
}

async function start(): Promise<TestKeycloak | null> {
  if (existsSync(zip) && (await answers('java', '-version'))) return startFromZip();
  if (await answers('docker', 'image', 'inspect', image)) return startFromImage();
  console.error(
    `\n  SKIPPED: every test against a real Keycloak. Neither ${zip} with Java nor the image ${image} is here.\n`,
  );
  return null;
}

const answers = (command: string, ...words: readonly string[]): Promise<boolean> =>
  run(command, words).then(
    () => true,
    () => false,
  );

async function startFromZip(): Promise<TestKeycloak> {
  const home = await unpacked();
  const [port, management] = [await freePort(), await freePort()];
  const work = mkdtempSync(path.join(tmpdir(), 'keycloak-'));
  const log = openSync(path.join(work, 'log'), 'w');
  const began = Date.now();
  const child = spawn(
    path.join(home, 'bin/kc.sh'),
    ['start', '--optimized', '--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`].concat([
      `--http-management-port=${management}`,
      '--hostname-strict=false',
      '--proxy-headers=xforwarded',
    ]),
    { env: { ...process.env, ...settings, KC_CACHE: 'local' }, stdio: ['ignore', log, log], detached: true },
  );
  child.unref();
  process.on('exit', () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    rmSync(work, { recursive: true, force: true });
  });
  await ready(`http://127.0.0.1:${management}/health/ready`, () =>
    child.exitCode === null ? null : readFileSync(path.join(work, 'log'), 'utf8').slice(-2000),
  );
  return { port, admin, startedIn: (Date.now() - began) / 1000 };
}

/** Unpacks and builds the distribution beside its archive; done once a machine. */
async function unpacked(): Promise<string> {
  const folder = path.join(cache, `keycloak-test-${version}`);
  const home = path.join(folder, `keycloak-${version}`);
  if (existsSync(path.join(folder, 'built'))) return home;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run('unzip', ['-q', zip, '-d', folder]);
  await run(path.join(home, 'bin/kc.sh'), ['build', '--db=dev-mem', '--health-enabled=true']);
  mkdirSync(path.join(folder, 'built'));
  return home;
}

async function startFromImage(): Promise<TestKeycloak> {
  const [port, management] = [await freePort(), await freePort()];
  const began = Date.now();
  const { stdout } = await run('docker', [
    ...['run', '-d', '--rm', '--label', 'orchestrate.test=keycloak', '--memory', '1200m'],
    ...['-p', `127.0.0.1:${port}:8080`, '-p', `127.0.0.1:${management}:9000`],
    ...Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...[image, 'start-dev', '--db=dev-mem', '--health-enabled=true', '--proxy-headers=xforwarded'],
  ]);
  const container = stdout.trim();
  process.on('exit', () => {
    spawn('docker', ['rm', '-f', container], { stdio: 'ignore', detached: true }).unref();
  });
  await ready(`http://127.0.0.1:${management}/health/ready`, () => null);
  return { port, admin, startedIn: (Date.now() - began) / 1000 };
}

const settings = {
  KC_BOOTSTRAP_ADMIN_USERNAME: admin.username,
  KC_BOOTSTRAP_ADMIN_PASSWORD: admin.password,
  JAVA_OPTS_KC_HEAP: '-Xms128m -Xmx512m',
};

/** Waits for "ready", for three minutes at most, or until `dead` tells why it will never come. */
async function ready(url: string, dead: () => string | null): Promise<void> {
  for (const end = Date.now() + 180_000; Date.now() < end; ) {
    const is = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (is) return;
    const last = dead();
    if (last !== null) throw new Error(`Keycloak ended before it was ready:\n${last}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('Keycloak was not ready within three minutes');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
