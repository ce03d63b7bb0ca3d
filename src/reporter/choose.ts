import type { Reporter } from '../model/event.js';

export function chooseReporter(options: { json: boolean; stdout: NodeJS.WriteStream }): Reporter {
  return {
    report: (event, at) => {
      if (options.json) options.stdout.write(`${JSON.stringify({ ...event, at: at.toISOString() })}\n`);
      else options.stdout.write(`${event.type} ${JSON.stringify(event).slice(0, 2000)}\n`);
    },
    close: () => Promise.resolve(),
  };
}
