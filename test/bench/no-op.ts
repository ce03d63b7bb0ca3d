/**
 * What a no-op apply of ten files a host costs over the barest thing that reads the same: one ssh2 connection and one
 * `sh -s` a host.
 *
 * `npm run bench [-- hosts rounds]`, after the figures of `formats.ts`: that many real sshd on loopback. The ways run in processes of their own, in turn,
 * and each prints its wall time and its own CPU, without what loading its modules cost.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAccount } from '../support/account.js';
import { type Sshd, startSshd } from '../support/sshd.js';

const hosts = Number(process.argv[2] ?? 20);
const rounds = Number(process.argv[3] ?? 5);
const ways = ['bare', 'transport', 'apply'] as const;

/** One line of JSON that a runner prints. */
interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly importCpuMs: number;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

async function measure(way: (typeof ways)[number], file: string): Promise<Run> {
  const compiled = import.meta.url.endsWith('.js');
  const runner = fileURLToPath(new URL(`./no-op-runner.${compiled ? 'js' : 'ts'}`, import.meta.url));
  const child = spawn(process.execPath, [...(compiled ? [] : ['--import', 'tsx']), runner, way, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) printed += chunk.toString();
  return JSON.parse(printed) as Run;
}

async function startAll(): Promise<readonly Sshd[]> {
  const started: Sshd[] = [];
  for (let index = 0; index < hosts; index++) started.push(await startSshd());
  return started;
}

const all = await startAll();
await using account = await makeAccount({ shell: '/bin/bash' });
const home = all[0]?.home ?? '';
const authorized = await readFile(join(all[0]?.folder ?? '', 'authorized_keys'), 'utf8');
await Promise.all(all.map((sshd) => writeFile(join(sshd.folder, 'authorized_keys'), authorized)));
const known = all.map((sshd) => `[127.0.0.1]:${sshd.port} ${sshd.hostKey}`).join('');
await writeFile(join(home, '.ssh', 'known_hosts'), known);
const file = join(home, 'bench.json');
const folder = join(home, 'files');
await mkdir(folder, { mode: 0o755 });
const files = Array.from({ length: 10 }, (_, index) => join(folder, `file-${index}`));
await Promise.all(files.map((path) => writeFile(path, `content of ${path}\n`.repeat(40), { mode: 0o644 })));
await chmod(home, 0o755);
await writeFile(
  file,
  JSON.stringify({ home, user: account.name, files, ports: all.map((sshd) => sshd.port) }),
);

const runs: Record<(typeof ways)[number], Run[]> = { bare: [], transport: [], apply: [] };
for (let round = 0; round < rounds; round++) {
  for (const way of ways) runs[way].push(await measure(way, file));
}
for (const way of ways) {
  const of = (pick: (run: Run) => number): string => median(runs[way].map(pick)).toFixed(1);
  console.log(
    `${way.padEnd(10)} wall ${of((run) => run.wallMs)} ms, CPU a host ${of((run) => run.cpuMs / hosts)} ms ` +
      `(and ${of((run) => run.importCpuMs)} ms once for loading)`,
  );
}
const cpu = (way: (typeof ways)[number]): number => median(runs[way].map(({ cpuMs }) => cpuMs / hosts));
console.log(
  `of the ${cpu('apply').toFixed(1)} ms of CPU a host the bare script itself has ${cpu('bare').toFixed(1)}: ` +
    `ours are ${(cpu('transport') - cpu('bare')).toFixed(1)} in the transport and ${(cpu('apply') - cpu('transport')).toFixed(1)} in the engine`,
);
const ratio = median(runs.apply.map((run) => run.wallMs)) / median(runs.bare.map((run) => run.wallMs));
console.log(
  `${hosts} hosts, ${rounds} rounds: a no-op apply takes ${ratio.toFixed(2)} times the bare script`,
);
await Promise.all(all.map((sshd) => sshd[Symbol.asyncDispose]()));
