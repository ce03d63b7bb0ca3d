import type { RunEvent } from '../model/event.js';
import { type PlannedTask, planLines } from './plan-text.js';
import { pad, type Paint, safe, type Style } from './terminal.js';
import {
  count,
  failureLines,
  type MomentEvent,
  outcomeStyle,
  outcomeText,
  taskName,
  tell,
  timeText,
} from './words.js';

/** How much is told. */
export interface TellerOptions {
  /** The command: what only reads shows its plan as its result. */
  readonly command: string;
  readonly paint: Paint;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
}

/** Turns events into lines for people. It remembers what the end of a run has to say. */
export interface Teller {
  /** The lines that this event adds, in order. */
  lines(event: RunEvent, at: Date): readonly string[];
  /** The plan that was gathered and not shown yet. */
  plan(): readonly string[];
}

type Summary = RunEvent & { type: 'summary' };
type Figures = RunEvent & { type: 'figures' };

const progressEveryMs = 10_000;
const mostSummaryRows = 20;

/** Makes a teller for one command. */
export function makeTeller({ command, paint, verbosity }: TellerOptions): Teller {
  const begun: { at: Date | null; hostWidth: number; figures: Figures | null } = {
    at: null,
    hostWidth: 0,
    figures: null,
  };
  const gathered = new Map<string, PlannedTask>();
  const failures = new Map<string, string>();
  const lastProgress = new Map<string, number>();
  const readsOnly = command !== 'apply' && command !== 'rollback';
  const plan = (): readonly string[] => {
    const tasks = [...gathered.values()];
    gathered.clear();
    const title = command === 'rollback' ? 'To put back' : 'Plan';
    const showSettled = verbosity === 'verbose' || command === 'doctor';
    return tasks.length === 0 ? [] : planLines(tasks, { paint, showSettled, title });
  };
  const planBefore = (event: RunEvent): readonly string[] => {
    if (!endsPlan.has(event.type)) return [];
    if (verbosity === 'quiet' && !readsOnly) gathered.clear();
    return plan();
  };
  const moment = (event: MomentEvent, at: Date): readonly string[] => {
    const { level, style, verb, text, details } = tell(event);
    const isTold =
      level === 'quiet' || (level === 'normal' && verbosity !== 'quiet') || verbosity === 'verbose';
    const isDue =
      event.type === 'task-progress' && verbosity === 'normal' && progressIsDue(event, at, lastProgress);
    if (!isTold && !isDue) return [];
    const elapsed = ((at.getTime() - (begun.at ?? at).getTime()) / 1000).toFixed(1).padStart(6);
    const host = 'host' in event ? event.host : '';
    const row = { elapsed: `${elapsed}s`, host, hostWidth: begun.hostWidth, verb, style, text };
    return [rowText(row, paint), ...details.map((line) => `${' '.repeat(9)}${safe(line)}`)];
  };
  const lines = (event: RunEvent, at: Date): readonly string[] => {
    begun.at ??= at;
    switch (event.type) {
      case 'task-planned':
        gathered.set(event.task, event);
        return [];
      case 'undo-planned':
        gathered.set(event.task, { ...event, plan: { is: 'change', differences: event.differences } });
        return [];
      case 'run-failed':
        return failureLines(event.failure).map((line, index) =>
          index === 0 ? paint('bad', safe(line)) : safe(line),
        );
      case 'figures':
        begun.figures = event;
        return [];
      case 'summary':
        return summaryLines(event, { paint, failures, readsOnly, figures: begun.figures });
      case 'run-started':
        begun.hostWidth = Math.min(24, Math.max(0, ...event.hosts.map((host) => host.length)));
        return moment(event, at);
      case 'host-connected':
      case 'host-failed':
      case 'host-done':
      case 'finding':
      case 'task-started':
      case 'task-attempt':
      case 'task-progress':
      case 'task-done':
      case 'task-failed':
      case 'tasks-skipped':
      case 'undo-started':
      case 'task-undone':
      case 'undo-failed':
        remember(event, failures);
        return moment(event, at);
    }
  };
  return { plan, lines: (event, at) => [...planBefore(event), ...lines(event, at)] };
}

/** After these, no more of a plan is to come. */
const endsPlan: ReadonlySet<RunEvent['type']> = new Set([
  'run-started',
  'task-started',
  'task-failed',
  'undo-started',
  'run-failed',
  'figures',
  'summary',
]);

/** The first failure of each host, for the summary. */
function remember(event: MomentEvent, failures: Map<string, string>): void {
  if (!('failure' in event) || failures.has(event.host)) return;
  failures.set(
    event.host,
    'task' in event ? `${taskName(event)}: ${event.failure.what}` : event.failure.what,
  );
}

function progressIsDue({ task }: { readonly task: string }, at: Date, last: Map<string, number>): boolean {
  const now = at.getTime();
  if (now - (last.get(task) ?? now - progressEveryMs) < progressEveryMs) return false;
  last.set(task, now);
  return true;
}

interface Row {
  readonly elapsed: string;
  readonly host: string;
  readonly hostWidth: number;
  readonly verb: string;
  readonly style: Style;
  readonly text: string;
}

function rowText(row: Row, paint: Paint): string {
  const host = row.hostWidth === 0 ? '' : `  ${pad(safe(row.host), row.hostWidth)}`;
  const verb = paint(row.style, pad(safe(row.verb), 10));
  return `${paint('faint', row.elapsed)}${host}  ${verb} ${safe(row.text)}`.trimEnd();
}

interface SummaryOptions {
  readonly paint: Paint;
  readonly failures: ReadonlyMap<string, string>;
  readonly readsOnly: boolean;
  readonly figures: Figures | null;
}

/** One row for each host that a person should know of, then the numbers. */
function summaryLines(event: Summary, options: SummaryOptions): readonly string[] {
  const hosts = Object.entries(event.hosts);
  if (hosts.length === 0) return [];
  const { paint, failures, readsOnly } = options;
  const isFine = (outcome: string): boolean => outcome === 'done' || outcome === 'unchanged';
  const notable = hosts.filter(([, { outcome }]) => !isFine(outcome));
  const shown = hosts.length > mostSummaryRows || readsOnly ? notable : hosts;
  const nameWidth = Math.max(0, ...shown.map(([name]) => name.length));
  const rows = shown.map(([name, { outcome, changed }]) => {
    const said = `${paint(outcomeStyle(outcome), pad(outcomeText(outcome), 14))}  ${pad(count(changed, 'change'), 10)}`;
    return `${pad(safe(name), nameWidth)}  ${said}  ${safe(failures.get(name) ?? '')}`.trimEnd();
  });
  return [
    '',
    ...rows,
    endText(event, options.figures),
    paint('faint', `exit code ${event.exitCode}, run ${safe(event.run)}`),
  ];
}

function endText(event: Summary, figures: Figures | null): string {
  const outcomes = new Map<string, number>();
  for (const { outcome } of Object.values(event.hosts)) {
    outcomes.set(outcomeText(outcome), (outcomes.get(outcomeText(outcome)) ?? 0) + 1);
  }
  const hosts = [...outcomes].map(([outcome, number]) => `${number} ${outcome}`).join(', ');
  const parts = [
    `${count(Object.keys(event.hosts).length, 'host')}: ${hosts}`,
    count(event.changed, 'change'),
  ];
  if (figures !== null) {
    const trips = Object.values(figures.roundTrips);
    const [least, most] = [Math.min(...trips), Math.max(...trips)];
    parts.push(count(figures.handshakes, 'SSH handshake'));
    if (trips.length > 0) parts.push(`${least === most ? least : `${least} to ${most}`} round trips a host`);
    parts.push(timeText(figures.ms));
  }
  return parts.join('; ');
}
