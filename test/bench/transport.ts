/**
 * What the transport costs over the barest thing that can be written: one ssh2 connection and one `sh -s` a host.
 *
 * `npx tsc -p test/tsconfig.json --noEmit false && node dist/test/bench/transport.js [hosts] [rounds]`: that many real
 * sshd on loopback; both ways run in processes of their own, in turn, and each prints its wall time and its own CPU.
 * (Under tsx it runs too, but then it measures tsx.)
 */
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAccount } from '../support/account.js';
import { type Sshd, startSshd } from '../support/sshd.js';

const hosts = Number(process.argv[2] ?? 20);
const rounds = Number(process.argv[3] ?? 5);
const ways = ['bare', 'transport'] as const;

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
  const runner = fileURLToPath(new URL(`./transport-runner.${compiled ? 'js' : 'ts'}`, import.meta.url));
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
await writeFile(file, JSON.stringify({ home, user: account.name, ports: all.map((sshd) => sshd.port) }));

const runs: Record<(typeof ways)[number], Run[]> = { bare: [], transport: [] };
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
const ratio = median(runs.transport.map((run) => run.wallMs)) / median(runs.bare.map((run) => run.wallMs));
console.log(`${hosts} hosts, ${rounds} rounds: wall ratio ${ratio.toFixed(2)}`);
await Promise.all(all.map((sshd) => sshd[Symbol.asyncDispose]()));
