import { debtKey } from '../dialects/host-journal.js';
import type { Json } from '../lib/json.js';
import type { Decision } from '../model/decision.js';
import { Failed } from '../model/failure.js';
import type { Observed, ProofKind, Proving, ReactionKind } from '../model/kind.js';
import type { Debt, Intent } from '../model/journal.js';
import type { Task } from '../model/task.js';
import type { Reading } from '../probe/settle.js';
import type { HostRun, RunContext } from './context.js';
import { ensureSession } from './connect.js';
import { begin, converge, finish, fire, owe } from './converge.js';
import { decide, strayed } from './decide.js';
import { observe } from './observe.js';
import { probeOf } from './plan.js';
import { remoteOver } from './remote.js';
import { retrying } from './retry.js';

/** A turn of a change is tried again this often when it failed in a way that may pass. */
const changePatience = { attempts: 5, budgetMs: 120_000, firstWaitMs: 500, longestWaitMs: 5_000 };
/** How a check is asked again; its task says for how long. */
const checkPatience = { attempts: 10_000, firstWaitMs: 300, longestWaitMs: 2_000 };

/** What a task has to know of the rest of the run. */
export interface Surrounding {
  readonly planned: Decision;
  /** Something before it changed in this run. */
  readonly upstreamActed: boolean;
  /** One of its causes, for a reaction, changed in this run. */
  readonly caused: boolean;
  /** The reactions that a change of this task makes due. */
  readonly owes: readonly Debt[];
}

/** What came of a task. */
export interface Performed {
  readonly changed: boolean;
  readonly note?: string;
  /** It was a proof, carried out. */
  readonly proof?: true;
}

/**
 * Does what a task needs, whatever its shape, and reads it back.
 *
 * @throws Failed when it could not be done or is not as wanted afterwards
 */
export function perform(
  context: RunContext,
  host: HostRun,
  task: Task,
  around: Surrounding,
): Promise<Performed> {
  switch (task.kind.shape) {
    case 'resource':
      return performResource(context, host, task, around);
    case 'check':
      return performCheck(context, host, task, around);
    case 'reaction':
      return performReaction(context, host, task, around);
    case 'proof':
      return performProof(context, host, task, around);
  }
}

/** A task read anew, and what that means. */
interface Fresh {
  readonly decision: Decision;
  readonly reading: Reading<unknown>;
}

/** Reads one task anew. A connection that was lost is made again: what was going on may have happened, or not. */
async function look(context: RunContext, host: HostRun, task: Task): Promise<Fresh> {
  await ensureSession(context, host);
  const [reading] = await observe(host.session, context.vault, [probeOf(task)]);
  if (reading === undefined) throw new Error('a probe without a reading');
  return { reading, decision: decide(task, reading, { pending: [], causes: [], host: host.before }) };
}

/** Observe, decide, converge, until nothing is left to decide. */
async function performResource(
  context: RunContext,
  host: HostRun,
  task: Task,
  around: Surrounding,
): Promise<Performed> {
  if (around.planned.is === 'settled' && !around.upstreamActed) return { changed: false };
  let begun: Intent | null = null;
  return retrying(
    async (): Promise<Performed> => {
      const before = await look(context, host, task);
      const fresh = before.decision;
      if (fresh.is === 'failed') throw new Failed(fresh.failure);
      if (fresh.is !== 'change') {
        // An attempt whose end we did not hear of had done its work.
        if (begun !== null) await finish(context, host, { seq: begun.seq, left: stateIn(before.reading) });
        return { changed: begun !== null };
      }
      const why = begun === null ? strayed(around.planned, fresh, around.upstreamActed) : null;
      if (why !== null) throw drifted(task, why);
      begun ??= await begin(context, host, { task, change: fresh, owes: around.owes });
      await converge(context, host, { task, change: fresh });
      const after = await look(context, host, task);
      if (after.decision.is !== 'settled' || after.reading.is !== 'read')
        throw notConverged(task, after.decision);
      await finish(context, host, { seq: begun.seq, left: (after.reading.value as Observed<Json>).state });
      return { changed: true };
    },
    { ...changePatience, onAttempt: attemptTold(context, task) },
  );
}

const stateIn = (reading: Reading<unknown>): Json =>
  reading.is === 'read' ? (reading.value as Observed<Json>).state : null;

const drifted = (task: Task, why: string): Failed =>
  new Failed({
    reason: 'plan-drifted',
    what: `${task.address} is not as the plan saw it`,
    evidence: [why],
    next: 'look at a new plan, then apply that',
  });

function notConverged(task: Task, after: Decision): Failed {
  if (after.is === 'failed') return new Failed(after.failure);
  const left = after.is === 'change' ? after.differences : [];
  return new Failed({
    reason: 'not-converged',
    what: `${task.address} was changed and read again, and is still not as wanted`,
    evidence: left.flatMap((one) =>
      one.is === 'field' ? [`${one.field}: ${one.from}, wanted ${one.to}`] : [],
    ),
    next: 'see what else on the host manages this thing, and stop one of the two',
  });
}

async function performCheck(
  context: RunContext,
  host: HostRun,
  task: Task,
  around: Surrounding,
): Promise<Performed> {
  if (task.preflight || (around.planned.is === 'settled' && !around.upstreamActed)) return { changed: false };
  return retrying(
    async (): Promise<Performed> => {
      const fresh = (await look(context, host, task)).decision;
      if (fresh.is === 'settled')
        return { changed: false, ...(fresh.note === undefined ? {} : { note: fresh.note }) };
      if (fresh.is === 'failed')
        throw new Failed({ ...fresh.failure, transient: fresh.failure.reason !== 'bug' });
      if (fresh.is !== 'unmet') throw new Error(`a check cannot be ${fresh.is}`);
      throw unmet(task, fresh);
    },
    {
      ...checkPatience,
      budgetMs: task.withinMs,
      signal: context.stop,
      onAttempt: attemptTold(context, task),
    },
  );
}

/** The failure of a check that does not hold. */
export const unmet = (task: Task, decision: Decision & { is: 'unmet' }): Failed =>
  new Failed({
    reason: 'check-unmet',
    what: `${task.address}: ${decision.because}`,
    evidence: decision.evidence,
    next: decision.next,
    transient: !decision.hopeless,
  });

async function performReaction(
  context: RunContext,
  host: HostRun,
  task: Task,
  around: Surrounding,
): Promise<Performed> {
  const debt = debtOf(task);
  const owedBefore = host.before.owed.some((other) => debtKey(other) === debtKey(debt));
  if (!around.caused && !owedBefore) return { changed: false };
  await fire(context, host, debt);
  return { changed: true };
}

/** A reaction as the debt that a change writes down. */
export function debtOf(task: Task): Debt {
  return { task: task.address, kind: (task.kind as ReactionKind<Json>).name, props: task.props as Json };
}

async function performProof(
  context: RunContext,
  host: HostRun,
  task: Task,
  around: Surrounding,
): Promise<Performed> {
  if (!around.upstreamActed) return { changed: false };
  return proveHost(context, host, task, { outside: false, owe: owing(context, host, task) });
}

/** A proof of a run that changes things may make something for a moment, once its removal is owed. */
const owing = (context: RunContext, host: HostRun, task: Task): Proving['owe'] => {
  return async (kind, props) => {
    const debt: Debt = { task: task.address, kind, props };
    await owe(context, host, [debt]);
    return () => fire(context, host, debt);
  };
};

/** Runs a proof, whatever came before it. */
export async function proveHost(
  context: RunContext,
  host: HostRun,
  task: Task,
  proving: Proving,
): Promise<Performed> {
  const remote = remoteOver(context, host.session, {
    address: task.address,
    host: host.host.name,
    run: host.run,
  });
  const verdict = await (task.kind as ProofKind<unknown>).prove(task.props, remote, proving);
  if (verdict.ok) {
    for (const text of verdict.findings ?? [])
      context.emit({ type: 'finding', host: host.host.name, text: context.vault.scrub(text) });
    return { changed: false, proof: true, ...(verdict.note === undefined ? {} : { note: verdict.note }) };
  }
  throw new Failed({
    reason: 'check-unmet',
    what: `${task.address}: ${verdict.because}`,
    evidence: verdict.evidence ?? [],
    ...(verdict.causes === undefined ? {} : { causes: verdict.causes }),
    next: verdict.next ?? 'mend that, then run the same command again',
  });
}

/** The reason without the address that it begins with: the event names the task. */
const attemptTold = (context: RunContext, task: Task) => (attempt: number, because: string) =>
  context.emit({
    type: 'task-attempt',
    host: task.host.name,
    task: task.address,
    attempt,
    because: because.replace(`${task.address}: `, ''),
  });
