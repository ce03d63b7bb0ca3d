import { appendRecords, beginChange, debtKey, oweDebts, payDebt } from '../dialects/host-journal.js';
import { sha256 } from '../lib/digest.js';
import { blobFolder } from '../dialects/host-journal.js';
import type { Json } from '../lib/json.js';
import type { Change, Decision } from '../model/decision.js';
import { Failed } from '../model/failure.js';
import type { ReactionKind, ResourceKind } from '../model/kind.js';
import type { Debt, Intent, JournalRecord } from '../model/journal.js';
import type { Task } from '../model/task.js';
import type { Sh } from '../shell/sh.js';
import type { HostRun, RunContext } from './context.js';
import { remoteOver } from './remote.js';

/** The host answered that it could not write its part of the journal: what was to be written is not. */
class NotWritten extends Failed {}

/** Runs shell that must succeed, outside any task: the host's part of the journal. */
export async function keepRecord(context: RunContext, host: HostRun, script: Sh): Promise<void> {
  const remote = remoteOver(context, host.session, {
    address: `${host.host.name}/journal`,
    host: host.host.name,
    run: host.run,
  });
  const reply = await remote.run(script);
  if (reply.code === 0) return;
  throw new NotWritten({
    reason: 'command-failed',
    what: `writing the journal on ${host.host.name} failed (exit ${reply.code})`,
    evidence: Buffer.from(reply.stderr).toString('utf8').split('\n').filter(Boolean).slice(-5),
    next: 'see that /var/lib/orchestrate can be written and its disk has room; nothing was changed after this',
  });
}

/** Writes down what is about to change and what it will owe; on disk, here and there, before anything else happens. */
export async function begin(
  context: RunContext,
  host: HostRun,
  { task, change, owes }: { task: Task; change: Change; owes: readonly Debt[] },
): Promise<Intent> {
  const kind = task.kind as ResourceKind<unknown, Json, Json>;
  const at = context.clock.now().toISOString();
  const intent: Intent = {
    is: 'intent',
    run: host.run,
    at,
    seq: (host.intents.at(-1)?.seq ?? 0) + 1,
    task: task.address,
    kind: kind.name,
    version: kind.version,
    id: change.id,
    from: change.from,
    to: change.to,
    owes,
  };
  const head: JournalRecord = {
    is: 'run',
    run: host.run,
    at,
    command: context.command,
    graph: context.graphName,
    by: context.by,
  };
  const first = host.intents.length === 0;
  // Pushed before the first await: two tasks of one host must not take the same number.
  host.intents.push(intent);
  await context.journal(intent);
  const script = beginChange({
    run: host.run,
    records: first ? [head, intent] : [intent],
    debts: owes,
    blobs: change.blobs.map((bytes) => ({ sha256: sha256(bytes), bytes })),
    keep: change.from === null ? null : (kind.keep?.(change.id, change.from, blobFolder(host.run)) ?? null),
  });
  await keepRecord(context, host, script).catch((error: unknown) =>
    notBegun(context, host, { intent, error }),
  );
  return intent;
}

/** What the host could not write down is not done. Where it may have written it, it counts as done. */
async function notBegun(
  context: RunContext,
  host: HostRun,
  { intent, error }: { intent: Intent; error: unknown },
): Promise<never> {
  if (error instanceof NotWritten) {
    host.intents.splice(host.intents.indexOf(intent), 1);
    const at = context.clock.now().toISOString();
    await context.journal({ is: 'undone', run: intent.run, at, seq: intent.seq });
  }
  throw error;
}

/** Makes one change that {@link begin} has written down. */
export async function converge(
  context: RunContext,
  host: HostRun,
  { task, change }: { task: Task; change: Change },
): Promise<void> {
  const kind = task.kind as ResourceKind<unknown, Json, Json>;
  const remote = remoteOver(context, host.session, {
    address: task.address,
    host: host.host.name,
    run: host.run,
  });
  await kind.converge(
    { id: change.id, from: change.from, to: change.to, props: task.props, run: host.run },
    remote,
  );
}

/** Writes down how a change was left. */
export async function finish(
  context: RunContext,
  host: HostRun,
  { seq, left }: { seq: number; left: Json },
): Promise<void> {
  const record: JournalRecord = {
    is: 'done',
    run: host.run,
    at: context.clock.now().toISOString(),
    seq,
    left,
  };
  host.left.set(seq, left);
  await context.journal(record);
  await keepRecord(context, host, appendRecords(host.run, [record]));
}

/** Fires one reaction and forgets its debt. That it was begun is written down first. */
export async function fire(context: RunContext, host: HostRun, debt: Debt): Promise<void> {
  const kind = context.kinds.get(debt.kind);
  if (kind?.shape !== 'reaction') {
    throw new Failed({
      reason: 'refused',
      what: `${debt.task} is due, but no kind is named ${debt.kind}`,
      next: `use the graph that holds this kind, or do by hand what ${debt.task} says and remove its file under /var/lib/orchestrate/owed`,
    });
  }
  const record: JournalRecord = {
    is: 'firing',
    run: host.run,
    at: context.clock.now().toISOString(),
    debt,
  };
  await context.journal(record);
  // Without a change of this run there is no journal of it on the host; the debt's own file is the record then.
  if (host.intents.length > 0) await keepRecord(context, host, appendRecords(host.run, [record]));
  host.fired.add(debtKey(debt));
  const remote = remoteOver(context, host.session, {
    address: debt.task,
    host: host.host.name,
    run: host.run,
  });
  await (kind as ReactionKind<Json>).fire(debt.props, remote);
  await keepRecord(context, host, payDebt(debt));
}

/** Writes debts down again, before their causes are undone. */
export const owe = (context: RunContext, host: HostRun, debts: readonly Debt[]): Promise<void> =>
  debts.length === 0 ? Promise.resolve() : keepRecord(context, host, oweDebts(debts));

/** The word for what a decision does, for the person who watches. */
export function doing(decision: Decision): string {
  if (decision.is === 'change') {
    if (decision.from === null) return 'create';
    return decision.to === null ? 'remove' : 'change';
  }
  return decision.is === 'owed' ? 'react' : decision.is === 'to-prove' ? 'prove' : 'check';
}
