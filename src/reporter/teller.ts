import type { RunEvent } from '../model/event.js';
import { type PlannedTask, planLines } from './plan-text.js';
import { pad, type Paint, safe, type Style } from './terminal.js';
import { type SummaryKeeper, summaryKeeper } from './summary-text.js';
import { failureLines, type MomentEvent, tell } from './words.js';

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

const progressEveryMs = 10_000;

/** Makes a teller for one command. */
export function makeTeller(options: TellerOptions): Teller {
  const { command, paint } = options;
  const readsOnly = command !== 'apply' && command !== 'rollback';
  const plans = planKeeper(options, readsOnly);
  const summary = summaryKeeper(paint, readsOnly);
  const moment = momentTeller(options);
  const lines = (event: RunEvent, at: Date): readonly string[] => {
    summary.note(event);
    return [...plans.before(event), ...told(event, at, { plans, summary, moment, paint })];
  };
  return { plan: () => plans.take(), lines };
}

interface Parts {
  readonly plans: PlanKeeper;
  readonly summary: SummaryKeeper;
  readonly moment: (event: MomentEvent, at: Date) => readonly string[];
  readonly paint: Paint;
}

/** Which part tells an event. */
function told(event: RunEvent, at: Date, { plans, summary, moment, paint }: Parts): readonly string[] {
  switch (event.type) {
    case 'task-planned':
    case 'undo-planned':
      plans.keep(event);
      return [];
    case 'figures':
      return [];
    case 'run-failed':
      return failureLines(event.failure).map((line, index) =>
        paint(index === 0 ? 'bad' : 'none', safe(line)),
      );
    case 'summary':
      return summary.lines(event);
    case 'run-started':
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
      return moment(event, at);
  }
}

interface PlanKeeper {
  keep(event: RunEvent & { type: 'task-planned' | 'undo-planned' }): void;
  /** The plan, when this event shows that it is complete. */
  before(event: RunEvent): readonly string[];
  take(): readonly string[];
}

/** Gathers what is planned, and shows it once, as a whole. */
function planKeeper({ command, paint, verbosity }: TellerOptions, readsOnly: boolean): PlanKeeper {
  const gathered = new Map<string, PlannedTask>();
  const title = command === 'rollback' ? 'To put back' : 'Plan';
  const showSettled = verbosity === 'verbose' || command === 'doctor';
  const take = (): readonly string[] => {
    const tasks = [...gathered.values()];
    gathered.clear();
    return tasks.length === 0 ? [] : planLines(tasks, { paint, showSettled, title });
  };
  return {
    keep: (event) => {
      const plan =
        event.type === 'task-planned'
          ? event.plan
          : ({ is: 'change', change: event.change, differences: event.differences } as const);
      gathered.set(event.task, { host: event.host, task: event.task, plan });
    },
    before: (event) => {
      if (!endsPlan.has(event.type)) return [];
      if (verbosity === 'quiet' && !readsOnly) gathered.clear();
      return take();
    },
    take,
  };
}

/** Tells one event at a time, with the time since the first. */
function momentTeller({
  paint,
  verbosity,
}: TellerOptions): (event: MomentEvent, at: Date) => readonly string[] {
  const begun: { at: Date | null; hostWidth: number } = { at: null, hostWidth: 0 };
  const lastProgress = new Map<string, number>();
  const lastAttempt = new Map<string, Attempt>();
  return (event, at) => {
    begun.at ??= at;
    if (event.type === 'run-started') {
      begun.hostWidth = Math.min(24, Math.max(0, ...event.hosts.map((host) => host.length)));
    }
    const { level, style, verb, text, details } = tell(event);
    const isTold =
      level === 'quiet' || (level === 'normal' && verbosity !== 'quiet') || verbosity === 'verbose';
    const isDue =
      event.type === 'task-progress' && verbosity === 'normal' && progressIsDue(event, at, lastProgress);
    if (!isTold && !isDue) return [];
    if (event.type === 'task-attempt' && verbosity === 'normal' && !attemptIsNews(event, at, lastAttempt))
      return [];
    const elapsed = ((at.getTime() - begun.at.getTime()) / 1000).toFixed(1).padStart(6);
    const host = 'host' in event ? event.host : '';
    const row = { elapsed: `${elapsed}s`, host, hostWidth: begun.hostWidth, verb, style, text };
    return [rowText(row, paint), ...details.map((line) => `${' '.repeat(9)}${safe(line)}`)];
  };
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

function progressIsDue({ task }: { readonly task: string }, at: Date, last: Map<string, number>): boolean {
  const now = at.getTime();
  if (now - (last.get(task) ?? now - progressEveryMs) < progressEveryMs) return false;
  last.set(task, now);
  return true;
}

/** The last attempt that was told of a task. */
interface Attempt {
  readonly because: string;
  readonly atMs: number;
}

/** Waiting for the same thing, attempt after attempt, is told now and then; a new reason at once. */
function attemptIsNews(
  { task, because }: { readonly task: string; readonly because: string },
  at: Date,
  last: Map<string, Attempt>,
): boolean {
  const told = last.get(task);
  const atMs = at.getTime();
  if (told?.because === because && atMs - told.atMs < progressEveryMs) return false;
  last.set(task, { because, atMs });
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
