import type { HostResult } from '../../engine/apply.js';
import { connectAll } from '../../engine/connect.js';
import { blankState } from '../../engine/connect.js';
import { proveHost } from '../../engine/perform.js';
import { failureOf } from '../../model/failure.js';
import type { Task } from '../../model/task.js';
import type { Composition } from '../composition.js';
import { type Result, untouched } from '../result.js';
import { started } from './plan.js';

/** Runs the proofs of every host. Changes nothing. */
export async function verify(composition: Composition): Promise<Result> {
  const { context, inventory, graph, sessions } = composition;
  context.emit(started(composition, graph));
  const connected = await connectAll(context, inventory.selected);
  for (const [host, session] of connected.sessions) sessions.set(host, session);
  const hosts = new Map<string, HostResult>(
    [...connected.failures].map(([host, failure]) => [host, untouched([failure])]),
  );
  await Promise.all(
    [...connected.sessions.keys()].map(async (name) => {
      const proofs = graph.tasks.filter((task) => task.host.name === name && task.kind.shape === 'proof');
      hosts.set(name, await proofsOf(composition, proofs));
    }),
  );
  return { hosts };
}

async function proofsOf(
  { context, sessions, startedAt }: Composition,
  proofs: readonly Task[],
): Promise<HostResult> {
  for (const task of proofs) {
    const session = sessions.get(task.host.name);
    if (session === undefined) continue;
    const told = { host: task.host.name, task: task.address };
    const began = Date.now();
    context.emit({ type: 'task-started', ...told, doing: 'prove' });
    try {
      const host = {
        host: task.host,
        session,
        run: context.run,
        before: blankState,
        intents: [],
        left: new Map(),
        fired: new Set<string>(),
        startedAt,
      };
      const done = await proveHost(context, host, task);
      context.emit({
        type: 'task-done',
        ...told,
        ms: Date.now() - began,
        ...done,
      });
    } catch (error) {
      const failure = failureOf(error);
      context.emit({ type: 'task-failed', ...told, failure, ms: Date.now() - began });
      return untouched([failure]);
    }
  }
  return untouched();
}
