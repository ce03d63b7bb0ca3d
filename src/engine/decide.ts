import type { HostState } from '../dialects/host-journal.js';
import { debtKey } from '../dialects/host-journal.js';
import { canonical, type Json, sameJson } from '../lib/json.js';
import type { Change, Decision } from '../model/decision.js';
import { Failed, failureOf } from '../model/failure.js';
import type { Difference, Observed, ResourceKind, Verdict, Wanted } from '../model/kind.js';
import type { Address, Task } from '../model/task.js';
import { Unreadable } from '../probe/probe.js';
import type { Reading } from '../probe/settle.js';

/** What surrounds a task when it is decided on. */
export interface Surroundings {
  /** Tasks before it that will act, or that cannot be known yet. */
  readonly pending: readonly Address[];
  /** Its direct causes, for a reaction, that will act. */
  readonly causes: readonly Address[];
  readonly host: HostState;
}

/** Decides on one task. Pure: plan and apply decide by this alone. */
export function decide(task: Task, reading: Reading<unknown>, around: Surroundings): Decision {
  const { kind } = task;
  if (kind.shape === 'reaction') return reactionDecision(task, around);
  if (kind.shape === 'proof') return around.pending.length > 0 ? { is: 'to-prove' } : { is: 'settled' };
  if (reading.is === 'threw') return unread(task, reading.error, around.pending);
  if (kind.shape === 'check') return checkDecision(reading.value as Verdict, around.pending);
  try {
    return resourceDecision(kind as AnyResource, task.props, reading.value as Observed<Json>);
  } catch (error) {
    return { is: 'failed', failure: failureOf(error) };
  }
}

type AnyResource = ResourceKind<unknown, Json, Json>;

/** A thing that cannot be read may become readable by what comes before it; otherwise that is a failure. */
function unread(task: Task, error: unknown, pending: readonly Address[]): Decision {
  if (!(error instanceof Unreadable)) return { is: 'failed', failure: failureOf(error) };
  if (pending.length > 0) return { is: 'deferred', until: pending };
  const failed = new Failed({
    reason: 'command-failed',
    what: `${task.address} cannot be read`,
    evidence: [error.message],
    next: 'mend that, then run the same command again',
    transient: true,
  });
  return { is: 'failed', failure: failed.failure };
}

function checkDecision(verdict: Verdict, pending: readonly Address[]): Decision {
  if (verdict.ok) {
    const { note, findings } = verdict;
    return {
      is: 'settled',
      ...(note === undefined ? {} : { note }),
      ...(findings === undefined ? {} : { findings }),
    };
  }
  if (pending.length > 0) return { is: 'deferred', until: pending };
  return {
    is: 'unmet',
    because: verdict.because,
    evidence: verdict.evidence ?? [],
    next: verdict.next ?? 'mend that, then run the same command again',
    hopeless: verdict.hopeless ?? false,
  };
}

function reactionDecision(task: Task, around: Surroundings): Decision {
  if (task.kind.shape !== 'reaction') throw new TypeError('not a reaction');
  const key = debtKey({ kind: task.kind.name, props: task.props as Json });
  const earlier = around.host.owed.some((debt) => debtKey(debt) === key);
  const because = [...around.causes, ...(earlier ? ['an earlier run that did not come to it'] : [])];
  if (because.length === 0) return { is: 'settled' };
  return { is: 'owed', because, warnings: task.kind.warn?.(task.props) ?? [] };
}

function resourceDecision(kind: AnyResource, props: unknown, seen: Observed<Json>): Decision {
  const wanted = kind.target(props, seen);
  if (sameJson(seen.state, wanted.state)) return { is: 'settled' };
  return changeOf(kind, props, { seen, wanted });
}

function changeOf(
  kind: AnyResource,
  props: unknown,
  { seen, wanted }: { seen: Observed<Json>; wanted: Wanted<Json> },
): Change {
  return {
    is: 'change',
    id: kind.identify(props),
    from: seen.state,
    to: wanted.state,
    differences: kind.describe?.(seen, wanted, props) ?? fieldDifferences(seen.state, wanted.state),
    warnings: kind.warn?.(seen, wanted, props) ?? [],
    blobs: wanted.blobs ?? [],
  };
}

/** The fields of two states that differ, by path. A thing that goes has none: its removal says it all. */
export function fieldDifferences(from: Json, to: Json, path = ''): readonly Difference[] {
  if (sameJson(from, to)) return [];
  if (path === '' && from === null && isMap(to)) return fieldDifferences({}, to);
  if (path === '' && to === null && isMap(from)) return [];
  if (!isMap(from) || !isMap(to)) {
    return [{ is: 'field', field: path === '' ? 'value' : path, from: valueText(from), to: valueText(to) }];
  }
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return keys.flatMap((key) =>
    fieldDifferences(from[key] ?? null, to[key] ?? null, path === '' ? key : `${path}.${key}`),
  );
}

const isMap = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueText = (value: Json): string =>
  value === null ? 'absent' : typeof value === 'string' ? value : canonical(value);

/** Why a fresh decision is not what the plan showed; null when it is, or when less is left to do. */
export function strayed(planned: Decision, fresh: Decision, upstreamActed: boolean): string | null {
  if (planned.is === 'deferred' || fresh.is !== 'change') return null;
  if (planned.is !== 'change') return 'it was as it should be when the plan was made, and is not any more';
  if (!sameJson(planned.to, fresh.to)) return 'what it should become is no longer what the plan showed';
  if (!upstreamActed && !sameJson(planned.from, fresh.from)) return 'it was changed after the plan was made';
  return null;
}
