import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { makeKey } from './sshd.js';

const { Server } = ssh2;

/** One command that a client wants run. */
export interface FakeCommand {
  readonly channel: ServerChannel;
  readonly commandLine: string;
  /** The TCP connection underneath, to cut or to freeze. */
  readonly socket: Socket;
  /** All of stdin. */
  readonly script: () => Promise<string>;
}

/** An SSH server in this process, for faults that a real one does not produce on demand. */
export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  /** HOME of a client that knows the first host key. */
  readonly home: string;
  /** Shows another host key from the next connection on. */
  swapHostKey(): void;
  /** How many clients are connected. */
  connections(): number;
}

/** @param onCommand gets every command; until then all is well */
export async function startFakeServer(onCommand: (command: FakeCommand) => unknown): Promise<FakeServer> {
  const home = await mkdtemp(join(tmpdir(), 'orchestrate-client-'));
  await mkdir(join(home, '.ssh'));
  // Not by ssh2's own generator: one in a few hundred of its keys does not parse.
  await Promise.all(['host', 'other', '.ssh/id_ed25519'].map((name) => makeKey(join(home, name), 'ed25519')));
  const hostKeys = await Promise.all(['host', 'other'].map((name) => readFile(join(home, name))));
  const clients = new Set<Connection>();
  const serve = (client: Connection): void => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => attempt.accept());
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        onCommand({ channel, commandLine: command, socket: socketOf(client), script: () => read(channel) });
      });
    });
  };
  const servers = hostKeys.map((key) => new Server({ hostKeys: [key] }, serve));
  // The first server listens; the second lends its key: ssh2 takes sockets from elsewhere.
  const [listener, other] = servers;
  if (listener === undefined || other === undefined) throw new Error('no servers');
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as { port: number };
  const known = `[127.0.0.1]:${port} ${await readFile(join(home, 'host.pub'), 'utf8')}`;
  await writeFile(join(home, '.ssh', 'known_hosts'), known);
  return {
    port,
    home,
    swapHostKey: () => {
      const tcp = (listener as unknown as { _srv: NodeJS.EventEmitter })._srv;
      tcp.removeAllListeners('connection').on('connection', (socket: Socket) => other.injectSocket(socket));
    },
    connections: () => clients.size,
    async [Symbol.asyncDispose]() {
      for (const client of clients) socketOf(client).destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
      await rm(home, { recursive: true });
    },
  };
}

/** The only way to the socket of a client: ssh2 keeps it to itself. */
const socketOf = (client: Connection): Socket => (client as unknown as { _sock: Socket })._sock;

/** Not by `for await`, which would close the channel at the end of stdin. */
function read(channel: ServerChannel): Promise<string> {
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => void chunks.push(chunk));
  return new Promise((resolve) => void channel.once('end', () => resolve(Buffer.concat(chunks).toString())));
}

/** The mark that a script wants to see before its output. */
export const markIn = (script: string): string => /^printf '\\n%s\\n' (\w+);/.exec(script)?.[1] ?? '';
