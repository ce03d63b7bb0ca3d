import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A real OpenSSH server on a loopback port, with a home folder for the client beside it. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  /** HOME of the client: `.ssh/id_ed25519` and `.ssh/known_hosts` are in it. */
  readonly home: string;
  /** The server's public host key, as in a `.pub` file. */
  readonly hostKey: string;
  log(): Promise<string>;
}

/** What differs from a plain server. */
export interface SshdOptions {
  /** Lines put in front of the config. */
  readonly config?: readonly string[];
  readonly hostKeyType?: 'ed25519' | 'rsa' | 'ecdsa';
  /** The client does not know the host key. */
  readonly unknown?: boolean;
  /** The client's key is not in `authorized_keys`. */
  readonly unauthorized?: boolean;
  /** What stands before the key in `authorized_keys`. */
  readonly keyOptions?: string;
}

/** Starts `/usr/sbin/sshd` as root; anybody who holds the client's key may log in as any user. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrate-sshd-'));
  await chmod(folder, 0o755);
  const home = join(folder, 'home');
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const type = options.hostKeyType ?? 'ed25519';
  await Promise.all([
    makeKey(join(folder, 'host'), type),
    makeKey(join(home, '.ssh', 'id_ed25519'), 'ed25519'),
  ]);
  const hostKey = await readFile(join(folder, 'host.pub'), 'utf8');
  const clientKey = await readFile(join(home, '.ssh', 'id_ed25519.pub'), 'utf8');
  const port = await freePort();
  await Promise.all([
    writeFile(
      join(folder, 'authorized_keys'),
      options.unauthorized === true ? '' : `${options.keyOptions ?? ''} ${clientKey}`,
    ),
    writeFile(
      join(home, '.ssh', 'known_hosts'),
      options.unknown === true ? '' : `[127.0.0.1]:${port} ${hostKey}`,
    ),
    writeFile(join(folder, 'config'), configOf(folder, port, options.config ?? [])),
  ]);
  await mkdir('/run/sshd', { recursive: true });
  const server = spawn('/usr/sbin/sshd', ['-D', '-f', join(folder, 'config'), '-E', join(folder, 'log')]);
  const log = (): Promise<string> => readFile(join(folder, 'log'), 'utf8').catch(() => '');
  await listening(log, server);
  return {
    port,
    folder,
    home,
    hostKey,
    log,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** Makes a key pair with ssh-keygen. */
export async function makeKey(path: string, type: string, passphrase = ''): Promise<void> {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  await run('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', path]);
}

/** A port on which nobody listens at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const configOf = (folder: string, port: number, lines: readonly string[]): string =>
  [
    ...lines,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `PidFile ${join(folder, 'pid')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'AcceptEnv LANG LC_*',
    'LogLevel VERBOSE',
    '',
  ].join('\n');

async function listening(
  log: () => Promise<string>,
  server: { readonly exitCode: number | null },
): Promise<void> {
  const until = performance.now() + 10_000;
  while (!(await log()).includes('Server listening')) {
    if (server.exitCode !== null || performance.now() > until)
      throw new Error(`sshd did not start: ${await log()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
