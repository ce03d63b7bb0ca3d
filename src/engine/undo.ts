import { appendRecords, debtKey, payDebt } from '../dialects/host-journal.js';
import { canonical, type Json, sameJson } from '../lib/json.js';
import { Failed, type FailureData, failureOf } from '../model/failure.js';
import type { Observed, ResourceKind } from '../model/kind.js';
import type { Debt, Intent } from '../model/journal.js';
import type { Probe } from '../probe/probe.js';
import { ensureSession } from './connect.js';
import type { HostRun, RunContext } from './context.js';
import { fire, keepRecord, owe } from './converge.js';
import { observe } from './observe.js';
import { remoteOver } from './remote.js';
import { retrying } from './retry.js';

/** `failing`: the run that made the changes is putting itself back. `rollback`: an older run, on request. */
export type UndoMode = 'failing' | 'rollback';

/** What came of an undo on one host. */
export interface Undone {
  readonly failures: readonly { readonly intent: Intent; readonly failure: FailureData }[];
  /** People's data that was left in place. */
  readonly kept: readonly Intent[];
}

/**
 * Takes the changes of one host back, the last one first. A reaction fires as soon as all its causes are back, so a
 * service never waits on a file that is still to go. One change that cannot be taken back does not stop the others.
 */
export async function undo(context: RunContext, host: HostRun, mode: UndoMode): Promise<Undone> {
  const left = [...host.intents];
  const failures: { intent: Intent; failure: FailureData }[] = [];
  const kept: Intent[] = [];
  await owe(context, host, debtsToFire(host, mode, left));
  while (left.length > 0) {
    const intent = left.pop();
    if (intent === undefined) break;
    try {
      if (mode === 'rollback' && isKept(context, intent)) kept.push(intent);
      else await undoOne(context, host, { intent, mode });
      await settleDebts(context, host, { intent, left, mode });
    } catch (error) {
      const failure = failureOf(error);
      failures.push({ intent, failure });
      context.emit({ type: 'undo-failed', host: host.host.name, task: intent.task, failure });
    }
  }
  return { failures, kept };
}

/** Whether a rollback leaves this change: people's data that the run created. */
export const isKept = (context: RunContext, intent: Intent): boolean => {
  const kind = context.kinds.get(intent.kind);
  return kind?.shape === 'resource' && kind.keepOnRollback === true && intent.from === null;
};

async function undoOne(
  context: RunContext,
  host: HostRun,
  { intent, mode }: { intent: Intent; mode: UndoMode },
): Promise<void> {
  const kind = kindOf(context, intent);
  const startedAt = context.clock.now().getTime();
  await retrying(
    async () => {
      await ensureSession(context, host);
      const now = await stateNow(context, host, kind.probe(intent.id));
      if (sameJson(now, intent.from)) return;
      if ((mode === 'rollback' || kind.atomic) && !sameJson(now, host.left.get(intent.seq) ?? intent.to))
        throw changedMeanwhile(intent, now);
      const remote = remoteOver(context, host.session, {
        address: intent.task,
        host: host.host.name,
        run: intent.run,
      });
      await kind.converge(
        { id: intent.id, from: now, to: intent.from, props: null, run: intent.run },
        remote,
      );
      if (!sameJson(await stateNow(context, host, kind.probe(intent.id)), intent.from))
        throw stillThere(intent);
    },
    { attempts: 4, budgetMs: 60_000, firstWaitMs: 500, longestWaitMs: 4_000 },
  );
  const record = {
    is: 'undone',
    run: intent.run,
    at: context.clock.now().toISOString(),
    seq: intent.seq,
  } as const;
  await context.journal(record);
  await keepRecord(context, host, appendRecords(intent.run, [record]));
  context.emit({
    type: 'task-undone',
    host: host.host.name,
    task: intent.task,
    ms: context.clock.now().getTime() - startedAt,
  });
}

async function stateNow(context: RunContext, host: HostRun, probe: Probe<Observed<Json>>): Promise<Json> {
  const [reading] = await observe(host.session, context.vault, [probe]);
  if (reading?.is === 'read') return reading.value.state;
  throw reading?.error instanceof Error ? reading.error : new Error('the state was not read');
}

/** The kind that made a change, in the version that wrote its states. */
export function kindOf(
  context: Pick<RunContext, 'kinds'>,
  intent: Intent,
): ResourceKind<unknown, Json, Json> {
  const kind = context.kinds.get(intent.kind);
  if (kind?.shape === 'resource' && kind.version === intent.version) {
    return kind as ResourceKind<unknown, Json, Json>;
  }
  throw new Failed({
    reason: 'refused',
    what: `${intent.task} was changed by ${intent.kind} version ${intent.version}, which this orchestrate does not have`,
    next: 'roll back with the version of orchestrate, and the graph, that made the change',
  });
}

/** A thing that a later run or a person changed is not overwritten. */
export function changedMeanwhile(intent: Intent, now: Json): Failed {
  return new Failed({
    reason: 'changed-meanwhile',
    what: `${intent.task} is no longer as run ${intent.run} left it`,
    evidence: [
      `left as: ${canonical(intent.to)}`,
      `is now: ${canonical(now)}`,
      `was before: ${canonical(intent.from)}`,
    ],
    next: `roll the later runs back first, or put it back by hand: what was there before lies under /var/lib/orchestrate/runs/${intent.run}/blobs`,
  });
}

const stillThere = (intent: Intent): Failed =>
  new Failed({
    reason: 'not-converged',
    what: `${intent.task} was put back and read again, and is still not as before`,
    next: 'see what else on the host manages this thing',
    transient: true,
  });

/** The debts that putting things back makes due: what was fired has loaded the new state and must load the old one. */
function debtsToFire(host: HostRun, mode: UndoMode, intents: readonly Intent[]): readonly Debt[] {
  const debts = new Map(intents.flatMap((intent) => intent.owes).map((debt) => [debtKey(debt), debt]));
  return [...debts].filter(([key]) => mode === 'rollback' || mustFire(host, key)).map(([, debt]) => debt);
}

/** Not fired in this run, and not due before it: the service has never seen the change. */
const mustFire = (host: HostRun, key: string): boolean =>
  host.fired.has(key) || host.before.owed.some((debt) => debtKey(debt) === key);

/** Pays, or forgets, each debt of this change that nothing left to undo shares. */
async function settleDebts(
  context: RunContext,
  host: HostRun,
  { intent, left, mode }: { intent: Intent; left: readonly Intent[]; mode: UndoMode },
): Promise<void> {
  const shared = new Set(left.flatMap((other) => other.owes.map(debtKey)));
  for (const debt of intent.owes) {
    const key = debtKey(debt);
    if (shared.has(key)) continue;
    if (mode === 'rollback' || mustFire(host, key)) await fire(context, host, debt);
    else await keepRecord(context, host, payDebt(debt));
  }
}
