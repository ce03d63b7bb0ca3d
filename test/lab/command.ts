import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What a finished command left behind. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run: its standard input, its folder, and more environment for it. */
export interface CommandOptions {
  readonly input?: string | Readable;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command that was needed ended with another code than 0. The message quotes the end of its output. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly finished: Finished;

  constructor(argv: readonly string[], finished: Finished) {
    const evidence = (finished.stderr.trim() || finished.stdout.trim()).split('\n').slice(-20).join('\n  ');
    super(`${argv.join(' ')} ended with ${finished.code}:\n  ${evidence}`);
    this.finished = finished;
  }
}

/** Runs a command without a shell. A command that is not installed ends with code 127, as in a shell. */
export async function run(
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<Finished> {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    stdio: 'pipe',
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      stderr.push(Buffer.from(error.message));
      resolve(error.code === 'ENOENT' ? 127 : 126);
    });
    child.once('close', (code) => resolve(code ?? 128));
  });
  const code = await feed(child.stdin, options.input, ended);
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

async function feed(
  stdin: NodeJS.WritableStream,
  input: CommandOptions['input'],
  ended: Promise<number>,
): Promise<number> {
  // A command may end before it has read everything; its exit code says more than our broken pipe.
  stdin.on('error', () => undefined);
  if (input === undefined || typeof input === 'string') {
    stdin.end(input ?? '');
    return ended;
  }
  const [code] = await Promise.all([ended, pipeline(input, stdin).catch(() => undefined)]);
  return code;
}

/** Runs a command that must succeed and gives its standard output. Throws {@link CommandFailed}. */
export async function need(
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  const finished = await run(argv, options);
  if (finished.code !== 0) throw new CommandFailed(argv, finished);
  return finished.stdout;
}
