import type { Reporter } from '../model/event.js';
import type { Output } from './terminal.js';
import { makeTeller, type TellerOptions } from './teller.js';

/** Where lines go: what happens to `out`, why a command could not be carried out to `problems`. */
export interface LineOutputs {
  readonly out: Output;
  readonly problems: Output;
}

/** One plain line an event, as it happens: for pipes, logs and simple terminals. */
export function linesReporter({ out, problems }: LineOutputs, options: TellerOptions): Reporter {
  const teller = makeTeller(options);
  const write = (lines: readonly string[], to: Output): void => {
    if (lines.length > 0) to.write(lines.map((line) => `${line}\n`).join(''));
  };
  return {
    report: (event, at) => write(teller.lines(event, at), event.type === 'run-failed' ? problems : out),
    pause: () => {
      write(teller.plan(), out);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
