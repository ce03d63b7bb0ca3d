import pLimit from 'p-limit';
import type { HostOutcome } from '../model/event.js';
import { type FailureData, failureOf } from '../model/failure.js';
import type { Graph } from '../model/graph.js';
import type { Host } from '../model/host.js';
import type { Task } from '../model/task.js';
import type { HostResult } from './host-end.js';
import { blankState, connectOne } from './connect.js';
import { type RunContext, untouchedHost } from './context.js';
import { proveHost } from './perform.js';
import type { Session } from './ports.js';

/** How a graph's proofs are carried out when nothing is changed. */
export interface VerifyOptions {
  /** Look from the controller's own network as well. */
  readonly outside: boolean;
  /** Receives each session that was opened, and closes it in the end. */
  readonly onSession: (host: string, session: Session) => void;
}

/** Runs the proofs of every host, `forks` hosts at a time. Changes nothing. One host's failure is its own. */
export async function verifyAll(
  context: RunContext,
  { graph, hosts }: { readonly graph: Graph; readonly hosts: readonly Host[] },
  options: VerifyOptions,
): Promise<ReadonlyMap<string, HostResult>> {
  const limit = pLimit(context.forks);
  const results = await Promise.all(
    hosts.map((host) =>
      limit(async () => {
        const startedAt = context.clock.now().getTime();
        const tasks = graph.tasks.filter(
          (task) => task.host.name === host.name && task.kind.shape === 'proof',
        );
        const result = context.stop.aborted ? skipped : await verifyHost(context, { host, tasks }, options);
        const ms = context.clock.now().getTime() - startedAt;
        context.emit({ type: 'host-done', host: host.name, outcome: result.outcome, changed: 0, ms });
        return [host.name, result] as const;
      }),
    ),
  );
  return new Map(results);
}

const skipped: HostResult = { outcome: 'skipped', changed: 0, failures: [] };

async function verifyHost(
  context: RunContext,
  { host, tasks }: { readonly host: Host; readonly tasks: readonly Task[] },
  { outside, onSession }: VerifyOptions,
): Promise<HostResult> {
  let session: Session;
  try {
    session = await connectOne(context, host);
  } catch (error) {
    const failure = failureOf(error);
    context.emit({ type: 'host-failed', host: host.name, failure });
    return broken('unreachable', failure);
  }
  onSession(host.name, session);
  for (const task of tasks) {
    const failure = await proofOf(context, { host, session, task, outside });
    if (failure !== null) return broken('failed', failure);
  }
  return { outcome: 'unchanged', changed: 0, failures: [] };
}

const broken = (outcome: HostOutcome, failure: FailureData): HostResult => ({
  outcome,
  changed: 0,
  failures: [failure],
});

interface Proof {
  readonly host: Host;
  readonly session: Session;
  readonly task: Task;
  readonly outside: boolean;
}

/** Carries out one proof and tells of it. Gives why it failed; null when it holds. */
async function proofOf(
  context: RunContext,
  { host, session, task, outside }: Proof,
): Promise<FailureData | null> {
  const told = { host: host.name, task: task.address };
  const began = context.clock.now().getTime();
  const ms = (): number => context.clock.now().getTime() - began;
  context.emit({ type: 'task-started', ...told, doing: 'prove' });
  const run = untouchedHost({ host, session, run: context.run, before: blankState, startedAt: began });
  try {
    const done = await proveHost(context, run, task, { outside, owe: null });
    context.emit({ type: 'task-done', ...told, ms: ms(), ...done });
    return null;
  } catch (error) {
    const failure = failureOf(error);
    context.emit({ type: 'task-failed', ...told, failure, ms: ms() });
    return failure;
  }
}
