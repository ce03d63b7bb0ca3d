import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of the first of these programs that is installed. */
export const findTool = (...names: readonly string[]): string | undefined =>
  names
    .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

/** Skips the tests of a suite, and says so, when what they are judged by is not installed. */
export function need(context: Mocha.Context, tool: string | undefined, what: string): asserts tool is string {
  if (tool !== undefined) return;
  console.warn(`\n!!! SKIPPED, ${what} is not installed: nothing was compared with the real thing !!!\n`);
  context.skip();
}

/** What a program printed. */
export function output(program: string, args: readonly string[], input?: Uint8Array): string {
  const run = spawnSync(program, args, { input, maxBuffer: 1 << 28, encoding: 'latin1' });
  if (run.status !== 0) throw new Error(`${program} ${args[0] ?? ''} failed: ${run.stderr}`);
  return run.stdout;
}
