import { appendRecords, debtKey, hostJournals, type HostState, hostState } from '../dialects/host-journal.js';
import { type Json, sameJson } from '../lib/json.js';
import type { Difference, Observed } from '../model/kind.js';
import { type FailureData, failureOf } from '../model/failure.js';
import type { Host } from '../model/host.js';
import { type Intent, type JournalRecord, replay, type RunHistory } from '../model/journal.js';
import { thingOf } from '../model/thing.js';
import type { Probe } from '../probe/probe.js';
import type { Reading } from '../probe/settle.js';
import { closeRun, type HostResult } from './host-end.js';
import { connectAll } from './connect.js';
import { keepRecord } from './converge.js';
import { refuseForeignSecrets, secretNames } from './foreign-secrets.js';
import type { HostRun, RunContext } from './context.js';
import { fieldDifferences } from './decide.js';
import { observe } from './observe.js';
import type { Session } from './ports.js';
import { changedMeanwhile, isKept, kindOf, undo, type UndoMode } from './undo.js';

/** One change that would be taken back, and what that does to the thing. */
interface UndoStep {
  readonly intent: Intent;
  readonly change: 'create' | 'update' | 'remove';
  readonly differences: readonly Difference[];
}

/** What a rollback would do on one host. */
export interface HostRollback {
  readonly host: HostRun;
  readonly mode: UndoMode;
  /** What would be put back, last change first; people's data that stays is not among it. */
  readonly steps: readonly UndoStep[];
  readonly kept: readonly Intent[];
  /** Changes of later runs to the same things: they are gone with ours. */
  readonly later: readonly Intent[];
  /** Why it cannot be done without overwriting what others did. Nothing is written then. */
  readonly failures: readonly FailureData[];
}

/** A rollback, read and not yet carried out. */
export interface RollbackPlan {
  /** null: no run on any of the hosts changed anything that still stands. */
  readonly run: string | null;
  readonly hosts: readonly HostRollback[];
  readonly sessions: ReadonlyMap<string, Session>;
  readonly failures: ReadonlyMap<string, FailureData>;
}

interface HostPast {
  readonly host: Host;
  readonly session: Session;
  readonly state: HostState;
  readonly histories: readonly RunHistory[];
}

/** Reads from the hosts' own journals what rolling back would mean. Without `run`: the last one that changed something. */
export async function planRollback(
  context: RunContext,
  hosts: readonly Host[],
  run: string | null,
): Promise<RollbackPlan> {
  const connected = await connectAll(context, hosts);
  const failures = new Map(connected.failures);
  const pasts: HostPast[] = [];
  await Promise.all(
    hosts.map(async (host) => {
      const session = connected.sessions.get(host.name);
      if (session === undefined) return;
      try {
        pasts.push(await readPast(context, host, session));
      } catch (error) {
        failures.set(host.name, failureOf(error));
        context.emit({ type: 'host-failed', host: host.name, failure: failureOf(error) });
      }
    }),
  );
  const standing = pasts.flatMap((past) => past.histories.filter((history) => history.standing.length > 0));
  const chosen =
    run ??
    standing
      .map((history) => history.run)
      .sort()
      .at(-1) ??
    null;
  const inOrder = hosts.flatMap((host) => pasts.filter((past) => past.host === host));
  const rollbacks = await Promise.all(inOrder.map((past) => planHost(context, past, chosen)));
  return {
    run: chosen,
    hosts: rollbacks.flatMap((one) => one ?? []),
    sessions: connected.sessions,
    failures,
  };
}

async function readPast(context: RunContext, host: Host, session: Session): Promise<HostPast> {
  const [state, journals] = await observe<unknown>(
    session,
    context.vault,
    [hostState, hostJournals],
    context.stop,
  );
  if (state?.is !== 'read' || journals?.is !== 'read')
    throw new Error('the journals of the host were not read');
  const records = journals.value as readonly JournalRecord[];
  return { host, session, state: state.value as HostState, histories: replay(records) };
}

async function planHost(
  context: RunContext,
  past: HostPast,
  run: string | null,
): Promise<HostRollback | null> {
  const history = past.histories.find((one) => one.run === run);
  if (history === undefined || history.standing.length === 0) return null;
  const mode: UndoMode = history.end === null ? 'failing' : 'rollback';
  const kept = history.standing.filter((intent) => mode === 'rollback' && isKept(context, intent));
  const host: HostRun = {
    host: past.host,
    session: past.session,
    run: history.run,
    before: past.state,
    intents: [...history.standing],
    left: new Map(history.left),
    fired: new Set(history.fired.map(debtKey)),
    startedAt: context.clock.now().getTime(),
  };
  const going = history.standing.filter((intent) => !kept.includes(intent)).reverse();
  try {
    const states = await readStates(context, past, going);
    const things = new Set(going.map((intent) => claimOf(context, intent)));
    const later = past.histories
      .filter((other) => other.run > history.run)
      .flatMap((other) => other.standing.filter((intent) => things.has(claimOf(context, intent))));
    return { host, mode, kept, later, ...compare(context, going, { states, mode, left: host.left }) };
  } catch (error) {
    return { host, mode, kept, later: [], steps: [], failures: [failureOf(error)] };
  }
}

/** A kind that is not known has things of its own. */
const claimOf = ({ kinds }: Pick<RunContext, 'kinds'>, { kind: name, id }: Intent): string => {
  const kind = kinds.get(name);
  return thingOf(kind?.shape === 'resource' ? kind : { name }, id);
};

async function readStates(
  context: RunContext,
  past: HostPast,
  intents: readonly Intent[],
): Promise<readonly Reading<Observed<Json>>[]> {
  const allowed = secretNames(past.host.vars);
  const probes: Probe<Observed<Json>>[] = intents.map((intent) => {
    refuseForeignSecrets(intent, allowed);
    return kindOf(context, intent).probe(intent.id);
  });
  return observe(past.session, context.vault, probes, context.stop);
}

function compare(
  context: RunContext,
  intents: readonly Intent[],
  {
    states,
    mode,
    left,
  }: { states: readonly Reading<Observed<Json>>[]; mode: UndoMode; left: ReadonlyMap<number, Json> },
): Pick<HostRollback, 'steps' | 'failures'> {
  const failures: FailureData[] = [];
  const steps: UndoStep[] = [];
  intents.forEach((intent, index) => {
    const reading = states[index];
    // A thing that cannot be read now (its server is stopped) is read again when its turn comes.
    const asLeft = left.get(intent.seq) ?? intent.to;
    const now = reading?.is === 'read' ? reading.value.state : asLeft;
    if (sameJson(now, intent.from)) return;
    const strict = mode === 'rollback' || kindOf(context, intent).atomic;
    if (strict && !sameJson(now, asLeft)) failures.push(changedMeanwhile(intent, now).failure);
    const change = now === null ? 'create' : intent.from === null ? 'remove' : 'update';
    steps.push({ intent, change, differences: fieldDifferences(now, intent.from) });
  });
  return { steps, failures };
}

/** Carries a rollback out on every host where nothing stands against it. */
export async function rollBack(
  context: RunContext,
  plan: RollbackPlan,
): Promise<ReadonlyMap<string, HostResult>> {
  const results = new Map<string, HostResult>();
  for (const [name, failure] of plan.failures) {
    results.set(name, {
      outcome: failure.reason === 'unreachable' ? 'unreachable' : 'failed',
      changed: 0,
      failures: [failure],
    });
  }
  await Promise.all(
    plan.hosts.map(async (one) => {
      const result = one.failures.length > 0 ? refusedHost(one) : await rollBackHost(context, one);
      results.set(one.host.host.name, result);
      const ms = context.clock.now().getTime() - one.host.startedAt;
      context.emit({
        type: 'host-done',
        host: one.host.host.name,
        outcome: result.outcome,
        changed: result.changed,
        ms,
      });
    }),
  );
  return results;
}

const refusedHost = (one: HostRollback): HostResult => ({
  outcome: 'needs-a-person',
  changed: 0,
  failures: one.failures,
});

async function rollBackHost(context: RunContext, one: HostRollback): Promise<HostResult> {
  try {
    const undone = await undo(context, one.host, one.mode);
    const failures = undone.failures.map(({ failure }) => failure);
    await closeRun(context, one.host, failures.length === 0 ? 'rolled-back' : 'needs-a-person');
    if (failures.length === 0) await forgetLater(context, one);
    if (failures.length > 0) return { outcome: 'needs-a-person', changed: one.steps.length, failures };
    return { outcome: 'done', changed: one.steps.length, failures };
  } catch (error) {
    return { outcome: 'needs-a-person', changed: one.steps.length, failures: [failureOf(error)] };
  }
}

/** What a later run changed is as it was before ours: nothing of it is left to put back. */
async function forgetLater(context: RunContext, { host, later }: HostRollback): Promise<void> {
  const at = context.clock.now().toISOString();
  for (const { run, seq } of later) {
    const record = { is: 'undone', run, at, seq } as const;
    await context.journal(record);
    await keepRecord(context, host, appendRecords(run, [record]));
  }
}
