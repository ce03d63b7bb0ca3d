import type { TaskPlan } from '../model/event.js';
import type { Difference } from '../model/kind.js';
import type { Address } from '../model/task.js';
import { safe, type Paint, type Style } from './terminal.js';
import { count, taskName } from './words.js';

/** A task with what a plan says about it. */
export interface PlannedTask {
  readonly host: string;
  readonly task: Address;
  readonly plan: TaskPlan;
}

/** How a plan is shown. */
export interface PlanTextOptions {
  readonly paint: Paint;
  /** Lists also what is as it should be. */
  readonly showSettled: boolean;
  /** Above everything, once: `Plan`. */
  readonly title: string;
}

/** A plan as people read it: by host, what would be done, with its diffs, then what it comes to. */
export function planLines(tasks: readonly PlannedTask[], options: PlanTextOptions): readonly string[] {
  const byHost = new Map<string, PlannedTask[]>();
  for (const task of tasks) byHost.set(task.host, [...(byHost.get(task.host) ?? []), task]);
  const { paint } = options;
  return [
    ...[...byHost].flatMap(([host, own]) => hostLines(host, own, options)),
    `${paint('strong', `${options.title}:`)} ${totals(tasks)}`,
  ];
}

function hostLines(host: string, tasks: readonly PlannedTask[], options: PlanTextOptions): readonly string[] {
  const shown = tasks.filter(({ plan }) => options.showSettled || plan.is !== 'settled');
  const head = options.paint('strong', safe(host));
  if (shown.length === 0) return [`${head}: ${count(tasks.length, 'task')}, nothing to do`, ''];
  return [`${head}:`, ...shown.flatMap((task) => taskLines(task, options.paint)), ''];
}

function taskLines(task: PlannedTask, paint: Paint): readonly string[] {
  const { plan } = task;
  const { mark, style, why } = signOf(plan);
  const name = safe(taskName(task));
  return [
    `  ${paint(style, mark)} ${name}${why === '' ? '' : `  ${paint('faint', safe(why))}`}`,
    ...(plan.differences ?? []).flatMap((difference) => differenceLines(difference, paint)),
    ...(plan.warnings ?? []).map((warning) => `      ${paint('care', `! ${safe(warning)}`)}`),
    ...(plan.evidence ?? []).map((line) => `      ${safe(line)}`),
    ...(plan.next === undefined || plan.next === '' ? [] : [`      next: ${safe(plan.next)}`]),
  ];
}

/** The sign in front of a task: `+` create, `~` change, `-` remove, `!` restart, `?` known later, `x` in the way. */
function signOf(plan: TaskPlan): { readonly mark: string; readonly style: Style; readonly why: string } {
  const because = plan.because ?? '';
  switch (plan.is) {
    case 'settled':
      return { mark: '=', style: 'faint', why: because };
    case 'change':
      return { ...changeSigns[plan.change ?? 'update'], why: because };
    case 'owed':
      return { mark: '!', style: 'care', why: because === '' ? '' : `because of ${because}` };
    case 'to-prove':
      return { mark: '>', style: 'new', why: 'to be proven afterwards' };
    case 'deferred':
      return { mark: '?', style: 'new', why: `known after ${because}` };
    case 'unmet':
    case 'failed':
      return { mark: 'x', style: 'bad', why: because };
  }
}

const changeSigns = {
  create: { mark: '+', style: 'good' },
  update: { mark: '~', style: 'care' },
  remove: { mark: '-', style: 'bad' },
} as const;

function differenceLines(difference: Difference, paint: Paint): readonly string[] {
  switch (difference.is) {
    case 'field': {
      const from = difference.from === '' ? '' : `${paint('bad', safe(difference.from))} -> `;
      return [`      ${safe(difference.field)}: ${from}${paint('good', safe(difference.to))}`];
    }
    case 'note':
      return [`      ${safe(difference.text)}`];
    case 'text':
      return difference.unified
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `      ${paint(diffStyle(line), safe(line))}`);
  }
}

function diffStyle(line: string): Style {
  if (/^(?:\+\+\+|---) /.test(line)) return 'strong';
  if (line.startsWith('@@')) return 'new';
  if (line.startsWith('+')) return 'good';
  return line.startsWith('-') ? 'bad' : 'none';
}

/** `2 to create, 1 to change, 1 restart, 1 known later; 5 as they should be`. */
function totals(tasks: readonly PlannedTask[]): string {
  const of = (test: (plan: TaskPlan) => boolean): number => tasks.filter(({ plan }) => test(plan)).length;
  const changes = (kind: TaskPlan['change']): number =>
    of((plan) => plan.is === 'change' && (plan.change ?? 'update') === kind);
  const parts = [
    [changes('create'), 'to create'],
    [changes('update'), 'to change'],
    [changes('remove'), 'to remove'],
    [of(({ is }) => is === 'owed'), 'to restart or reload'],
    [of(({ is }) => is === 'deferred'), 'known later'],
    [of(({ is }) => is === 'to-prove'), 'to prove'],
    [of(({ is }) => is === 'unmet' || is === 'failed'), 'in the way'],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const settled = of(({ is }) => is === 'settled');
  return `${said.length === 0 ? 'nothing to do' : said.join(', ')}; ${settled} as ${settled === 1 ? 'it' : 'they'} should be`;
}
