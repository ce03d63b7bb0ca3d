import type { Reporter, RunEvent } from '../model/event.js';
import type { Output } from './terminal.js';
import { failureLines } from './words.js';
import { safe } from './terminal.js';

/**
 * One JSON object a line and nothing else, for programs. The summary is the last line. A person beside the program
 * reads on `problems` why a command could not be carried out.
 */
export const ndjsonReporter = ({
  out,
  problems,
}: {
  readonly out: Output;
  readonly problems: Output;
}): Reporter => ({
  report: (event, at) => {
    out.write(eventLine(event, at));
    if (event.type !== 'run-failed') return;
    problems.write(
      failureLines(event.failure)
        .map((line) => `${safe(line)}\n`)
        .join(''),
    );
  },
  close: () => Promise.resolve(),
});

/** An event as a line of JSON: `type`, `at`, then the rest. The summary begins as the contract writes it. */
export function eventLine(event: RunEvent, at: Date): string {
  const { type, ...rest } = event;
  const time = at.toISOString();
  return `${JSON.stringify(type === 'summary' ? { type, ...rest, at: time } : { type, at: time, ...rest })}\n`;
}
