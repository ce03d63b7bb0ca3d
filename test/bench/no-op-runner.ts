/** One run of one way, in a process of its own: see `no-op.ts`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Bench {
  readonly home: string;
  readonly user: string;
  readonly ports: readonly number[];
  readonly files: readonly string[];
}

const [way, file] = process.argv.slice(2);
const { home, user, ports, files } = JSON.parse(await readFile(file ?? '', 'utf8')) as Bench;
/** As many hosts at once, for both ways. */
const forks = 8;
const script = `LC_ALL=C; export LC_ALL
for f in ${files.join(' ')}; do stat -c '%a %U %G %s' "$f"; cat "$f"; done
exit 0
`;

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

/** All hosts in one run of the engine: it does its own queueing. */
async function apply(): Promise<() => Promise<number>> {
  const { engineRig, testGraph } = await import('../support/engine-rig.js');
  const { file: aFile } = await import('../../src/kinds/file.js');
  const { hostAt } = await import('../support/ssh-rig.js');
  const contents = new Map(
    await Promise.all(files.map(async (path) => [path, await readFile(path, 'utf8')] as const)),
  );
  const hosts = ports.map((port) => ({ ...hostAt({ port, user }), name: `host-${port}` }));
  const graph = testGraph(hosts, ({ hosts: all }) => {
    for (const host of all) {
      for (const [path, content] of contents) host.task(path, aFile, { path, content });
    }
  });
  const rig = engineRig({ forks, env: { HOME: home, PATH: process.env['PATH'] ?? '' } });
  return async () => {
    const results = await rig.apply(graph);
    if (![...results.values()].every(({ outcome }) => outcome === 'unchanged'))
      throw new Error(JSON.stringify([...results]));
    return results.size;
  };
}

const ms = ({ user: own, system }: NodeJS.CpuUsage): number => (own + system) / 1000;

const start = process.cpuUsage();
const oneByOne = way === 'apply' ? null : await (way === 'bare' ? bare() : transport());
const together = way === 'apply' ? await apply() : null;
const loaded = process.cpuUsage(start);
const began = performance.now();
const from = process.cpuUsage();
const queue = oneByOne === null ? [] : [...ports];
await together?.();
await Promise.all(
  Array.from({ length: forks }, async () => {
    for (let port = queue.shift(); port !== undefined; port = queue.shift()) {
      if ((await oneByOne?.(port)) === 0) throw new Error('no output');
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
