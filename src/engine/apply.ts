import type { Decision } from '../model/decision.js';
import { type FailureData, failureOf } from '../model/failure.js';
import { reactionsTo } from '../model/graph.js';
import type { Address, Task } from '../model/task.js';
import { type HostRun, type RunContext, untouchedHost } from './context.js';
import { blocking, unfinished } from './obstacle.js';
import { doing } from './converge.js';
import { endHost, type HostResult, notRun, type OnFailure } from './host-end.js';
import { debtOf, perform } from './perform.js';
import type { GraphPlan } from './plan.js';
import { walk } from './walk.js';

/** How many tasks of one host run side by side. */
const tasksPerHost = 4;

interface Progress {
  readonly changed: Set<Address>;
  /** Those that changed, and all that come after one: what follows them must look again. */
  readonly stirred: Set<Address>;
  readonly failures: Map<string, FailureData[]>;
  readonly failedTasks: Map<string, Address>;
}

/** Carries a plan out. One host's failure is its own; what waits for it on other hosts is skipped. */
export async function applyPlan(
  context: RunContext,
  plan: GraphPlan,
  onFailure: OnFailure,
): Promise<ReadonlyMap<string, HostResult>> {
  const hosts = openHosts(context, plan);
  const decisions = new Map(plan.planned.map(({ task, decision }) => [task.address, decision]));
  const reactions = reactionsTo(plan.graph.tasks);
  const progress: Progress = {
    changed: new Set(),
    stirred: new Set(),
    failures: new Map(),
    failedTasks: new Map(),
  };
  for (const [name, failure] of plan.failures) progress.failures.set(name, [failure]);
  blockHosts(context, plan, progress);
  const skipped = await walk({
    tasks: plan.planned.map(({ task }) => task),
    perHost: tasksPerHost,
    hosts: context.forks,
    mayStart: (task) =>
      !context.stop.aborted && (onFailure === 'continue' || !progress.failures.has(task.host.name)),
    run: async (task) => runTask(context, hosts, { task, decisions, progress, reactions }),
  });
  tellSkipped(context, skipped, progress);
  const results = new Map<string, HostResult>();
  await Promise.all(
    [...new Set([...plan.graph.tasks.map((task) => task.host.name), ...plan.failures.keys()])].map(
      async (name) => {
        const host = hosts.get(name);
        const result =
          host === undefined
            ? notRun(progress.failures.get(name) ?? [])
            : await endHost(context, host, {
                failures: progress.failures.get(name) ?? [],
                onFailure,
                skipped: skipped.some((task) => task.host.name === name),
              });
        results.set(name, result);
        const ms = host === undefined ? 0 : context.clock.now().getTime() - host.startedAt;
        context.emit({ type: 'host-done', host: name, outcome: result.outcome, changed: result.changed, ms });
      },
    ),
  );
  return results;
}

function openHosts(context: RunContext, plan: GraphPlan): ReadonlyMap<string, HostRun> {
  const hosts = new Map<string, HostRun>();
  for (const { host } of plan.graph.tasks) {
    const session = plan.sessions.get(host.name);
    const before = plan.states.get(host.name);
    if (session === undefined || before === undefined || hosts.has(host.name)) continue;
    const startedAt = context.clock.now().getTime();
    hosts.set(host.name, untouchedHost({ host, session, run: context.run, before, startedAt }));
  }
  return hosts;
}

/** A host whose plan holds a failure, a preflight that does not hold, or an unfinished run is not touched. */
function blockHosts(context: RunContext, plan: GraphPlan, progress: Progress): void {
  for (const [host, state] of plan.states) {
    if (state.open !== null) block(progress, host, unfinished(host, state.open));
  }
  for (const planned of plan.planned) {
    const failure = blocking(planned);
    if (failure === null) continue;
    const { task } = planned;
    block(progress, task.host.name, failure);
    progress.failedTasks.set(task.host.name, task.address);
    context.emit({ type: 'task-failed', host: task.host.name, task: task.address, failure, ms: 0 });
  }
}

const block = (progress: Progress, host: string, failure: FailureData): void => {
  progress.failures.set(host, [...(progress.failures.get(host) ?? []), failure]);
};

async function runTask(
  context: RunContext,
  hosts: ReadonlyMap<string, HostRun>,
  {
    task,
    decisions,
    progress,
    reactions,
  }: {
    task: Task;
    decisions: ReadonlyMap<Address, Decision>;
    progress: Progress;
    reactions: ReadonlyMap<Address, readonly Task[]>;
  },
): Promise<'done' | 'failed'> {
  const host = hosts.get(task.host.name);
  const planned = decisions.get(task.address);
  if (host === undefined || planned === undefined) return 'failed';
  const startedAt = context.clock.now().getTime();
  const told = { host: task.host.name, task: task.address };
  try {
    const upstreamActed = task.after.some((address) => progress.stirred.has(address));
    if (planned.is !== 'settled' || upstreamActed)
      context.emit({ type: 'task-started', ...told, doing: doing(planned) });
    const caused = task.on.some((address) => progress.changed.has(address));
    const owes = (reactions.get(task.address) ?? []).map(debtOf);
    const done = await perform(context, host, task, { planned, upstreamActed, caused, owes });
    if (done.changed) progress.changed.add(task.address);
    if (done.changed || upstreamActed) progress.stirred.add(task.address);
    const note = {
      ...(done.note === undefined ? {} : { note: done.note }),
      ...(done.proof === undefined ? {} : { proof: done.proof }),
    };
    context.emit({
      type: 'task-done',
      ...told,
      changed: done.changed,
      ms: context.clock.now().getTime() - startedAt,
      ...note,
    });
    return 'done';
  } catch (error) {
    const failure = failureOf(error);
    block(progress, task.host.name, failure);
    progress.failedTasks.set(task.host.name, task.address);
    context.emit({ type: 'task-failed', ...told, failure, ms: context.clock.now().getTime() - startedAt });
    return 'failed';
  }
}

function tellSkipped(context: RunContext, skipped: readonly Task[], progress: Progress): void {
  const counts = new Map<string, number>();
  for (const task of skipped) counts.set(task.host.name, (counts.get(task.host.name) ?? 0) + 1);
  for (const [host, count] of counts) {
    context.emit({
      type: 'tasks-skipped',
      host,
      count,
      because: progress.failedTasks.get(host) ?? 'another host',
    });
  }
}
