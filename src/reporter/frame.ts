import type { RunEvent } from '../model/event.js';
import { cut, pad, safe, type Paint } from './terminal.js';
import { taskName } from './words.js';

/** What a host is doing, for the live view. */
interface HostRow {
  readonly host: string;
  readonly phase: 'waiting' | 'working' | 'ended';
  /** The task that it is at, or nothing. */
  readonly task: string;
  readonly doing: string;
  /** When it began to do that, in ms. */
  readonly since: number;
}

/** How big a frame may be, and what it is made of. */
export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly spinner: string;
  readonly paint: Paint;
}

/** Knows what every host is doing, and draws it. */
export interface Frame {
  note(event: RunEvent, now: number): void;
  /** Lines that fit: at most ten hosts at work, and the totals. */
  lines(options: FrameOptions): readonly string[];
}

const mostRows = 10;

/** A frame without hosts. It changes in place: a fleet has hundreds of thousands of events. */
export function emptyFrame(begun: number): Frame {
  const rows = new Map<string, HostRow>();
  const totals = { begun, changed: 0, failed: 0 };
  const set = (host: string, change: Partial<HostRow>): void => {
    const before = rows.get(host) ?? { host, phase: 'waiting', task: '', doing: '', since: begun };
    rows.set(host, { ...before, ...change });
  };
  return {
    note: (event, now) => {
      if (event.type === 'run-started') rows.clear();
      if (event.type === 'run-started') for (const host of event.hosts) set(host, { since: now });
      if (event.type === 'task-done' && event.changed) totals.changed += 1;
      if (event.type === 'task-failed' || event.type === 'host-failed') totals.failed += 1;
      if (!('host' in event)) return;
      const change = changeOf(event, rows.get(event.host)?.task ?? '');
      if (change === null) return;
      set(event.host, change.phase === 'working' ? { ...change, since: now } : change);
    },
    lines: (options) => frameLines([...rows.values()], totals, options),
  };
}

/** What an event changes in the row of its host, which is at `current`. */
function changeOf(
  event: Extract<RunEvent, { readonly host: string }>,
  current: string,
): Partial<HostRow> | null {
  switch (event.type) {
    case 'host-connected':
      return { phase: 'working', task: '', doing: 'reading' };
    case 'task-started':
      return { phase: 'working', task: event.task, doing: `${taskName(event)}: ${event.doing}` };
    case 'undo-started':
      return { phase: 'working', task: '', doing: 'putting back' };
    case 'task-attempt':
      return { task: event.task, doing: `${taskName(event)}: attempt ${event.attempt}` };
    case 'task-progress':
      return { task: event.task, doing: `${taskName(event)}: ${event.line}` };
    case 'task-done':
    case 'task-failed':
      return event.task === current ? { task: '', doing: '' } : null;
    case 'task-planned':
      return { phase: 'waiting', task: '', doing: '' };
    case 'host-failed':
    case 'host-done':
      return { phase: 'ended', task: '', doing: '' };
    case 'finding':
    case 'tasks-skipped':
    case 'undo-planned':
    case 'task-undone':
    case 'undo-failed':
      return null;
  }
}

function frameLines(
  all: readonly HostRow[],
  totals: { readonly begun: number; readonly changed: number; readonly failed: number },
  { columns, rows, now, spinner, paint }: FrameOptions,
): readonly string[] {
  const fit = (line: string): string => cut(line.replaceAll('\t', ' '), columns - 1);
  const working = all.filter(({ phase }) => phase === 'working');
  const shown = working.slice(0, Math.max(0, Math.min(mostRows, rows - 3)));
  const nameWidth = Math.max(0, ...shown.map(({ host }) => host.length));
  const active = shown.map(({ host, doing, since }) => {
    const line = fit(
      `${spinner} ${pad(safe(host), nameWidth)}  ${clock(now - since)}  ${safe(doing)}`.trimEnd(),
    );
    return paint('new', line.slice(0, spinner.length)) + line.slice(spinner.length);
  });
  const hidden = working.length - shown.length;
  const sums = [
    `${all.filter(({ phase }) => phase === 'ended').length}/${all.length} hosts`,
    `${working.length} at work`,
    `${totals.changed} changed`,
    ...(totals.failed > 0 ? [`${totals.failed} failed`] : []),
    clock(now - totals.begun),
  ].join(', ');
  return [
    ...active,
    ...(hidden > 0 ? [fit(`  and ${hidden} more at work`)] : []),
    paint(totals.failed > 0 ? 'bad' : 'strong', fit(sums)),
  ];
}

/** `0:42`, `12:05`. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
