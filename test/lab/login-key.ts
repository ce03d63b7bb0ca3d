import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';

/** A key pair made for one host, and the known_hosts file that pins that host, in a folder of their own (0700). */
export interface LoginKey {
  readonly privateKeyPath: string;
  readonly knownHostsPath: string;
  /** One line, as it stands in authorized_keys. */
  readonly publicKey: string;
  dispose(): Promise<void>;
}

/** Makes an ed25519 key in `folder`, or in a fresh temporary folder when none is named. */
export async function makeLoginKey(folder?: string): Promise<LoginKey> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'orchestrate-lab-key-')));
  await mkdir(home, { recursive: true, mode: 0o700 });
  const pair = keyPair();
  const privateKeyPath = join(home, 'id_ed25519');
  const knownHostsPath = join(home, 'known_hosts');
  await writeFile(privateKeyPath, pair.private, { mode: 0o600 });
  await writeFile(`${privateKeyPath}.pub`, `${pair.public}\n`);
  return {
    privateKeyPath,
    knownHostsPath,
    publicKey: pair.public,
    dispose: () =>
      remove(folder === undefined ? [home] : [privateKeyPath, `${privateKeyPath}.pub`, knownHostsPath]),
  };
}

/** ssh2 drops the zero that one public key in 256 begins with, and then cannot read what it wrote (keygen.js). */
function keyPair(): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'orchestrate-lab' });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

/** In a folder that somebody named, only what we put there. */
async function remove(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

/** Writes a known_hosts file that knows exactly this host. `hostKeys` holds the host's `*.pub` files, a line each. */
export async function pinHost(
  path: string,
  where: { address: string; port: number },
  hostKeys: string,
): Promise<void> {
  const lines = hostKeys
    .split('\n')
    .map((line) => line.split(' ').slice(0, 2))
    .filter((words) => words.length === 2)
    .map(([type, key]) => `[${where.address}]:${where.port} ${type} ${key}\n`);
  if (lines.length === 0) throw new Error(`no host keys to pin in: ${hostKeys}`);
  await writeFile(path, lines.join(''), { mode: 0o600 });
}
