import type { HostOutcome, RunEvent } from '../model/event.js';
import type { FailureData } from '../model/failure.js';
import type { Address } from '../model/task.js';
import type { Style } from './terminal.js';

/** An event in words. */
export interface Telling {
  /** Who sees it: everybody, everybody but with `--quiet`, or only with `--verbose`. */
  readonly level: 'quiet' | 'normal' | 'verbose';
  readonly style: Style;
  /** One word, in its own column. */
  readonly verb: string;
  readonly text: string;
  /** Indented lines below it. */
  readonly details: readonly string[];
}

/** Events that are told one at a time, as they happen. Plans and the end of a run have forms of their own. */
export type MomentEvent = Exclude<
  RunEvent,
  { type: 'task-planned' | 'undo-planned' | 'figures' | 'summary' | 'run-failed' }
>;

/** The sentence for an event. */
export function tell(event: MomentEvent): Telling {
  switch (event.type) {
    case 'run-started':
      return normal('strong', event.command, `${event.graph} on ${named(event.hosts)}, run ${event.run}`);
    case 'host-connected':
      return normal('faint', 'connected', `in ${timeText(event.ms)}`);
    case 'host-failed':
      return failed('failed', event.failure.what, event.failure);
    case 'finding':
      return { ...normal('care', 'note', event.text), level: 'quiet' };
    case 'task-started':
      return verbose('doing', `${taskName(event)}: ${event.doing}`);
    case 'task-attempt':
      return normal(
        'care',
        'again',
        `${taskName(event)}: attempt ${event.attempt}, because ${event.because}`,
      );
    case 'task-progress':
      return verbose('', `${taskName(event)}: ${event.line}`);
    case 'task-done':
      return done(event);
    case 'task-failed':
      return failed('failed', whatOf(event), event.failure);
    case 'tasks-skipped':
      return normal('faint', 'skipped', `${count(event.count, 'task')} behind ${event.because}`);
    case 'undo-started':
      return normal('care', 'undoing', count(event.changes, 'change'));
    case 'task-undone':
      return normal('good', 'undone', withNote(`${taskName(event)} in ${timeText(event.ms)}`, event.note));
    case 'undo-failed':
      return failed('not undone', whatOf(event), event.failure);
    case 'host-done':
      return normal(
        outcomeStyle(event.outcome),
        outcomeText(event.outcome),
        `${count(event.changed, 'change')} in ${timeText(event.ms)}`,
      );
  }
}

/** What failed, with the task named once: many failures begin with its address. */
const whatOf = (event: {
  readonly host: string;
  readonly task: string;
  readonly failure: FailureData;
}): string => `${taskName(event)}: ${event.failure.what.replace(`${event.task}: `, '')}`;

function done(event: RunEvent & { type: 'task-done' }): Telling {
  const text = withNote(`${taskName(event)} in ${timeText(event.ms)}`, event.note);
  if (event.proof === true) return normal('good', 'proof', text);
  return event.changed ? normal('good', 'changed', text) : verbose('ok', text);
}

const normal = (style: Style, verb: string, text: string): Telling => ({
  level: 'normal',
  style,
  verb,
  text,
  details: [],
});

const verbose = (verb: string, text: string): Telling => ({
  level: 'verbose',
  style: 'faint',
  verb,
  text,
  details: [],
});

const failed = (verb: string, text: string, failure: FailureData): Telling => ({
  level: 'quiet',
  style: 'bad',
  verb,
  text,
  details: detailsOf(failure),
});

/** The second and third part of an error: what was seen and why, indented, and what to do next. */
export const detailsOf = ({
  evidence,
  causes = [],
  next,
}: Pick<FailureData, 'evidence' | 'causes' | 'next'>): readonly string[] => [
  ...evidence.map((line) => `    ${line}`),
  ...causes.flatMap(({ name, what, where }, depth) => [
    `  ${'  '.repeat(depth)}${depth === 0 ? 'seen:' : 'because:'} ${what} [${name}]`,
    `  ${'  '.repeat(depth)}    at ${where}`,
  ]),
  ...(next === '' ? [] : [`  next: ${next}`]),
];

/** An error in its three parts: what and where, the evidence, what to do next. */
export const failureLines = (failure: FailureData): readonly string[] => [
  failure.what,
  ...detailsOf(failure),
];

const withNote = (text: string, note: string | undefined): string =>
  note === undefined ? text : `${text}: ${note}`;

/** A task without the name of its host, which stands in a column of its own. */
export const taskName = ({ host, task }: { readonly host: string; readonly task: Address }): string =>
  task.startsWith(`${host}/`) ? task.slice(host.length + 1) : task;

/** `1 change`, `2 changes`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** `312 ms`, `3.8 s`, `2 m 05 s`. */
export function timeText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}

function named(hosts: readonly string[]): string {
  if (hosts.length <= 5) return hosts.join(', ');
  return `${hosts.slice(0, 3).join(', ')} and ${hosts.length - 3} more hosts`;
}

/** An outcome for people. */
export function outcomeText(outcome: HostOutcome): string {
  switch (outcome) {
    case 'rolled-back':
      return 'rolled back';
    case 'needs-a-person':
      return 'needs a person';
    case 'done':
    case 'unchanged':
    case 'failed':
    case 'unreachable':
    case 'skipped':
      return outcome;
  }
}

/** Its colour. */
export function outcomeStyle(outcome: HostOutcome): Style {
  switch (outcome) {
    case 'done':
      return 'good';
    case 'unchanged':
    case 'skipped':
      return 'faint';
    case 'rolled-back':
      return 'care';
    case 'failed':
    case 'unreachable':
    case 'needs-a-person':
      return 'bad';
  }
}
