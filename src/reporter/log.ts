import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import type { Reporter, RunEvent } from '../model/event.js';

/** Where the log of a run goes, and what keeps secrets out of it. */
export interface LogOptions {
  /** `.orchestrate/runs/<run>/log.ndjson`. Made with its folders at the first event; only its owner may read it. */
  readonly file: string;
  /** The last look at a line before it is written: events are clean already. */
  readonly scrub: (text: string) => string;
}

/**
 * The debug log: every event of a run, for the person who looks for the reason of something. Each line is written
 * before `report` returns, so that a crash loses none. A log that cannot be written never stops a run.
 */
export function logReporter({ file, scrub }: LogOptions): Reporter {
  const log: { opened: Log | null } = { opened: null };
  return {
    report: (event, at) => {
      log.opened ??= openLog(file, scrub);
      log.opened.logger?.[levelOf(event)]({ time: at.toISOString(), ...event });
    },
    close: () => {
      log.opened?.end();
      return Promise.resolve();
    },
  };
}

interface Log {
  /** null when the file could not be opened. */
  readonly logger: pino.Logger | null;
  readonly end: () => void;
}

function openLog(file: string, scrub: LogOptions['scrub']): Log {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const destination = pino.destination({ fd: openSync(file, 'a', 0o600), sync: true });
    destination.on('error', () => undefined);
    const options = { base: null, timestamp: false, level: 'trace', hooks: { streamWrite: scrub } };
    return { logger: pino(options, destination), end: () => destination.end() };
  } catch {
    return { logger: null, end: () => undefined };
  }
}

function levelOf(event: RunEvent): 'error' | 'warn' | 'info' | 'debug' {
  if ('failure' in event) return 'error';
  if (event.type === 'finding' || event.type === 'task-attempt') return 'warn';
  return event.type === 'task-progress' || event.type === 'task-planned' ? 'debug' : 'info';
}
