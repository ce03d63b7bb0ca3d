/** One run of one way, in a process of its own: see `transport.ts`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Bench {
  readonly home: string;
  readonly user: string;
  readonly ports: readonly number[];
}

const [way, file] = process.argv.slice(2);
const { home, user, ports } = JSON.parse(await readFile(file ?? '', 'utf8')) as Bench;
/** As many hosts at once, for both ways. */
const forks = 8;
const script =
  'LC_ALL=C; export LC_ALL\nfor f in /etc/passwd /etc/hosts /etc/fstab; do cat "$f" 2>&1; done\nexit 0\n';

async function bare(): Promise<(port: number) => Promise<number>> {
  const { default: ssh2 } = await import('ssh2');
  const privateKey = await readFile(join(home, '.ssh', 'id_ed25519'));
  return (port) =>
    new Promise((resolve, reject) => {
      const client = new ssh2.Client();
      client.on('error', reject);
      client.on('connect', () => client.setNoDelay(true));
      client.on('ready', () =>
        client.exec('sh -s', (error, channel) => {
          if (error) {
            reject(error);
            return;
          }
          let size = 0;
          channel.on('data', (chunk: Buffer) => {
            size += chunk.length;
          });
          channel.stderr.resume();
          channel.on('close', () => {
            client.end();
            resolve(size);
          });
          channel.end(script);
        }),
      );
      client.connect({ host: '127.0.0.1', port, username: user, privateKey });
    });
}

async function transport(): Promise<(port: number) => Promise<number>> {
  const { openSshTransport } = await import('../../src/transport/transport.js');
  const { plainVault } = await import('../support/vault.js');
  const { hostAt } = await import('../support/ssh-rig.js');
  const ssh = openSshTransport({
    vault: plainVault(),
    acceptNewHostKeys: false,
    onFinding: () => undefined,
    env: { HOME: home, PATH: process.env['PATH'] },
  });
  return async (port) => {
    await using session = await ssh.connect(hostAt({ port, user }));
    const ended = await session.script(Buffer.from(script), { timeoutMs: 10_000 });
    if (ended.is !== 'exit') throw new Error(ended.is);
    return ended.stdout.length;
  };
}

const ms = ({ user: own, system }: NodeJS.CpuUsage): number => (own + system) / 1000;

const start = process.cpuUsage();
const run = await (way === 'bare' ? bare() : transport());
const loaded = process.cpuUsage(start);
const began = performance.now();
const from = process.cpuUsage();
const queue = [...ports];
await Promise.all(
  Array.from({ length: forks }, async () => {
    for (let port = queue.shift(); port !== undefined; port = queue.shift()) {
      if ((await run(port)) === 0) throw new Error('no output');
    }
  }),
);
console.log(
  JSON.stringify({
    wallMs: performance.now() - began,
    cpuMs: ms(process.cpuUsage(from)),
    importCpuMs: ms(loaded),
  }),
);
process.exit(0);
