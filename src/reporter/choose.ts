import type { Reporter } from '../model/event.js';
import { linesReporter } from './lines.js';
import { ndjsonReporter } from './ndjson.js';
import { outputTo, painter, type Writable } from './terminal.js';

/** What decides how events are shown. */
export interface Choice {
  /** The command that is run. */
  readonly command: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** false: `--no-color`. */
  readonly color: boolean;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How events are shown: a live view on a terminal, plain lines elsewhere, NDJSON for programs. */
export type Manner = 'live' | 'lines' | 'ndjson';

/** Decides by the flags, the terminal, `CI`, `NO_COLOR` and `TERM`. */
export function mannerOf({ json, quiet, color, stdout, env }: Choice): {
  manner: Manner;
  isColoured: boolean;
} {
  const isTerminal = stdout.isTTY === true && env['TERM'] !== 'dumb';
  const isColoured = isTerminal && color && isUnset(env['NO_COLOR']);
  if (json) return { manner: 'ndjson', isColoured: false };
  const isWatched = isTerminal && isUnset(env['CI']) && !quiet;
  return { manner: isWatched ? 'live' : 'lines', isColoured };
}

/** Makes the reporter. The live view draws by the clock of this process. */
export async function chooseReporter(choice: Choice): Promise<Reporter> {
  const { manner, isColoured } = mannerOf(choice);
  const outputs = { out: outputTo(choice.stdout), problems: outputTo(choice.stderr) };
  if (manner === 'ndjson') return ndjsonReporter(outputs);
  const options = {
    command: choice.command,
    paint: painter(isColoured),
    verbosity: choice.quiet ? 'quiet' : choice.verbose ? 'verbose' : 'normal',
  } as const;
  if (manner === 'lines') return linesReporter(outputs, options);
  // listr2 takes 60 ms to load: only who watches waits for it.
  const { liveReporter, tenTimesASecond } = await import('./live.js');
  const { LC_ALL, LC_CTYPE, LANG } = choice.env;
  const isUnicode = /utf-?8/i.test(LC_ALL ?? LC_CTYPE ?? LANG ?? '');
  return liveReporter({
    ...options,
    out: outputs.out,
    isUnicode,
    now: () => Date.now(),
    every: tenTimesASecond,
  });
}

/** By https://no-color.org an empty variable counts as none. */
const isUnset = (value: string | undefined): boolean => value === undefined || value === '';
