import { endRun } from '../dialects/host-journal.js';
import { mapTexts } from '../lib/map-texts.js';
import { printable } from '../lib/printable.js';
import type { HostOutcome } from '../model/event.js';
import { type FailureData, failureOf } from '../model/failure.js';
import type { JournalRecord, RunEnd } from '../model/journal.js';
import type { HostRun, RunContext } from './context.js';
import { keepRecord } from './converge.js';
import { undo } from './undo.js';

/** What happens to a host that failed: put back, left as it is with its other tasks not started, or carried on. */
export type OnFailure = 'rollback' | 'stop' | 'continue';

/** How one host came out. */
export interface HostResult {
  readonly outcome: HostOutcome;
  /** Changes that stand. */
  readonly changed: number;
  readonly failures: readonly FailureData[];
}

/** How a host came out on which nothing was done. */
export function notRun(failures: readonly FailureData[]): HostResult {
  const unreachable = failures.length > 0 && failures.every((failure) => failure.reason === 'unreachable');
  return {
    outcome: unreachable ? 'unreachable' : failures.length > 0 ? 'failed' : 'skipped',
    changed: 0,
    failures,
  };
}

/** What is known of a host when nothing more is started there. */
export interface HostEnd {
  readonly failures: readonly FailureData[];
  readonly onFailure: OnFailure;
  /** Some of its tasks were never begun. */
  readonly skipped: boolean;
}

/** Ends a host's part of a run: done, put back, or left for a person. */
export async function endHost(
  context: RunContext,
  host: HostRun,
  { failures, onFailure, skipped }: HostEnd,
): Promise<HostResult> {
  const interrupted = context.stop.aborted && skipped;
  const changed = host.intents.length + host.fired.size;
  if (failures.length === 0 && !interrupted) {
    await closeRun(context, host, 'done');
    return { outcome: skipped ? 'skipped' : changed > 0 ? 'done' : 'unchanged', changed, failures };
  }
  if (host.intents.length === 0) return { outcome: 'failed', changed: 0, failures };
  if (onFailure !== 'rollback') {
    await closeRun(context, host, 'kept', failures);
    return { outcome: 'needs-a-person', changed, failures };
  }
  return putBack(context, host, failures);
}

async function putBack(
  context: RunContext,
  host: HostRun,
  failures: readonly FailureData[],
): Promise<HostResult> {
  context.emit({ type: 'undo-started', host: host.host.name, changes: host.intents.length });
  try {
    const undone = await undo(context, host, 'failing');
    const left = undone.failures.map(({ failure }) => failure);
    const outcome = left.length === 0 ? 'rolled-back' : 'needs-a-person';
    await closeRun(context, host, outcome, [...failures, ...left]);
    if (left.length === 0) return { outcome: 'rolled-back', changed: 0, failures };
    return { outcome: 'needs-a-person', changed: left.length, failures: [...failures, ...left] };
  } catch (error) {
    const failure = failureOf(error);
    context.emit({ type: 'host-failed', host: host.host.name, failure });
    return { outcome: 'needs-a-person', changed: host.intents.length, failures: [...failures, failure] };
  }
}

/** Ends the run on a host that it changed. What failed is written down without secrets and control characters. */
export async function closeRun(
  context: RunContext,
  host: HostRun,
  outcome: RunEnd,
  failures: readonly FailureData[] = [],
): Promise<void> {
  if (host.intents.length === 0) return;
  const clean = (text: string): string => printable(context.vault.scrub(text));
  const why = failures.length === 0 ? {} : { failures: mapTexts(failures, clean) };
  const at = context.clock.now().toISOString();
  const record: JournalRecord = { is: 'end', run: host.run, at, outcome, ...why };
  await context.journal(record);
  await keepRecord(context, host, endRun(host.run, record));
}
