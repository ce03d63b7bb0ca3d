import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../lab/host.js';
import { type CliOptions, type CliRun, orchestrate } from './cli.js';

/** Values that must never be seen anywhere but on the host itself. */
export const canaries = {
  KEYCLOAK_ADMIN_PASSWORD: 'canary-Admin$p4ss\\word"1',
  ALICE_PASSWORD: "canary-Alice'p4ss 2",
} as const;

/** An inventory of lab hosts in a folder of its own, and the command line on it. */
export interface Fleet extends AsyncDisposable {
  readonly folder: string;
  readonly inventory: string;
  run(args: readonly string[], options?: Partial<CliOptions>): Promise<CliRun>;
}

/** More of the inventory, as YAML: lines for `vars`, one variable map a host. */
export interface FleetOptions {
  readonly vars?: string;
  /** The section `proof`; by default alice signs in. */
  readonly proof?: string;
  readonly hostVars?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Writes an inventory for these hosts: alice may sign in, Lua is mended unless the variables say otherwise. */
export async function fleetOf(
  hosts: Readonly<Record<string, Host>>,
  options: FleetOptions = {},
): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrate-fleet-'));
  const inventory = join(folder, 'hosts.yml');
  const rows = Object.entries(hosts).map(
    ([name, host]) =>
      `  ${name}: { address: ${host.address}, port: ${host.port}, identityFile: ${host.privateKeyPath}, knownHosts: ${host.knownHostsPath}, vars: { domain: ${host.domain}${options.hostVars?.[name] ?? ''} } }`,
  );
  const yaml = `defaults: { user: admin, become: true }
vars:
${options.vars ?? '  prosody: { mendLua: true }'}
  users:
    - { username: alice, email: alice@example.com, firstName: Alice, lastName: Liddell, password: { secret: ALICE_PASSWORD } }
${options.proof ?? 'proof: { user: alice }'}
hosts:
${rows.join('\n')}
`;
  await writeFile(inventory, yaml);
  const env = { ...canaries, ...options.env };
  return {
    folder,
    inventory,
    run: (args, more = {}) =>
      orchestrate([...args, '--inventory', inventory], {
        cwd: folder,
        ...more,
        env: { ...env, ...more.env },
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
