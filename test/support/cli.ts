import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RunEvent } from '../../src/model/event.js';

const root = join(import.meta.dirname, '../..');

/** One event of `--json`, with its time. */
export type TimedEvent = RunEvent & { readonly at: string };

/** How a run of the command line ended. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The events, when `--json` was given. */
  readonly events: readonly TimedEvent[];
}

/** Options of one run. `env` is all the environment there is, beside PATH. */
export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onStdout?: (text: string) => void;
  /** Closes its output after the first bytes, as `head` does. */
  readonly stopReading?: boolean;
}

/** What Node is started with to run the command line from the sources. */
export const cliArguments = (args: readonly string[]): readonly string[] => [
  '--conditions=orchestrate-source',
  '--import',
  join(root, 'node_modules/tsx/dist/esm/index.mjs'),
  join(root, 'src/cli/main.ts'),
  ...args,
];

/** Runs `orchestrate` from the sources, as its own process, without a terminal. */
export async function orchestrate(args: readonly string[], options: CliOptions): Promise<CliRun> {
  const child = spawn(process.execPath, cliArguments(args), {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: options.cwd, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk);
    options.onStdout?.(chunk.toString());
    if (options.stopReading) child.stdout.destroy();
  });
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const stdout = Buffer.concat(out).toString();
  const events = args.includes('--json')
    ? stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as TimedEvent)
    : [];
  return { code, stdout, stderr: Buffer.concat(err).toString(), events };
}

/** The last line of a `--json` run. */
export function summaryOf(run: CliRun): Extract<RunEvent, { type: 'summary' }> {
  const last = run.events.at(-1);
  if (last?.type === 'summary') return last;
  throw new Error(`no summary:\n${run.stdout}\n${run.stderr}`);
}
