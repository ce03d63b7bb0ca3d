import type { RunEvent } from '../model/event.js';
import { cut, pad, safe, type Paint } from './terminal.js';
import { taskName } from './words.js';

/** What a host is doing, for the live view. */
export interface HostRow {
  readonly host: string;
  readonly phase: 'waiting' | 'working' | 'ended';
  readonly doing: string;
  /** When it began to do that, in ms. */
  readonly since: number;
}

/** What the live view knows. */
export interface FrameState {
  readonly begun: number;
  readonly rows: ReadonlyMap<string, HostRow>;
  readonly changed: number;
  readonly failed: number;
}

/** How big a frame may be, and what it is made of. */
export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly spinner: string;
  readonly paint: Paint;
}

const mostRows = 10;

/** Before anything is known. */
export const emptyFrame = (now: number): FrameState => ({
  begun: now,
  rows: new Map(),
  changed: 0,
  failed: 0,
});

/** The state after an event. */
export function afterEvent(state: FrameState, event: RunEvent, now: number): FrameState {
  const row = (host: string, change: Partial<HostRow>): FrameState => {
    const before = state.rows.get(host) ?? { host, phase: 'waiting', doing: '', since: now };
    return { ...state, rows: new Map(state.rows).set(host, { ...before, ...change }) };
  };
  switch (event.type) {
    case 'run-started': {
      const waiting = event.hosts.map((host) => ({ host, phase: 'waiting', doing: '', since: now }) as const);
      return { ...state, rows: new Map(waiting.map((one) => [one.host, one])) };
    }
    case 'host-connected':
      return row(event.host, { phase: 'working', doing: 'reading', since: now });
    case 'task-started':
      return row(event.host, { phase: 'working', doing: `${taskName(event)}: ${event.doing}`, since: now });
    case 'task-attempt':
      return row(event.host, { doing: `${taskName(event)}: attempt ${event.attempt}` });
    case 'task-progress':
      return row(event.host, { doing: `${taskName(event)}: ${event.line}` });
    case 'undo-started':
      return row(event.host, { phase: 'working', doing: 'putting back', since: now });
    case 'task-done':
      return event.changed ? { ...state, changed: state.changed + 1 } : state;
    case 'host-failed':
      return { ...row(event.host, { phase: 'ended', doing: '' }), failed: state.failed + 1 };
    case 'task-failed':
      return { ...state, failed: state.failed + 1 };
    case 'host-done':
      return row(event.host, { phase: 'ended', doing: '' });
    case 'task-planned':
      return row(event.host, { phase: 'waiting', doing: '' });
    case 'finding':
    case 'tasks-skipped':
    case 'undo-planned':
    case 'task-undone':
    case 'undo-failed':
    case 'run-failed':
    case 'figures':
    case 'summary':
      return state;
  }
}

/** The frame as lines that fit: at most ten hosts at work, and the totals. */
export function frameLines(state: FrameState, options: FrameOptions): readonly string[] {
  const { columns, now, spinner, paint } = options;
  const fit = (line: string): string => cut(line.replaceAll('\t', ' '), columns - 1);
  const all = [...state.rows.values()];
  const working = all.filter(({ phase }) => phase === 'working');
  const room = Math.max(0, Math.min(mostRows, options.rows - 3));
  const shown = working.slice(0, room);
  const nameWidth = Math.max(0, ...shown.map(({ host }) => host.length));
  const rows = shown.map(({ host, doing, since }) => {
    const line = fit(`${spinner} ${pad(safe(host), nameWidth)}  ${clock(now - since)}  ${safe(doing)}`);
    return paint('new', line.slice(0, spinner.length)) + line.slice(spinner.length);
  });
  const hidden = working.length - shown.length;
  const totals = [
    `${all.filter(({ phase }) => phase === 'ended').length}/${all.length} hosts`,
    `${working.length} at work`,
    `${state.changed} changed`,
    ...(state.failed > 0 ? [`${state.failed} failed`] : []),
    clock(now - state.begun),
  ].join(', ');
  return [
    ...rows,
    ...(hidden > 0 ? [fit(`  and ${hidden} more at work`)] : []),
    paint(state.failed > 0 ? 'bad' : 'strong', fit(totals)),
  ];
}

/** `0:42`, `12:05`. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
