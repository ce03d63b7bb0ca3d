import type { HostResult } from '../../engine/host-end.js';
import { blocking, unfinished } from '../../engine/obstacle.js';
import { type GraphPlan, makePlan } from '../../engine/plan.js';
import type { FailureData } from '../../model/failure.js';
import type { Graph } from '../../model/graph.js';
import type { Command } from '../args.js';
import type { Composition } from '../composition.js';
import { type Result, untouched } from '../result.js';
import { savePlan } from '../saved-plan.js';

/** Reads every host and says what would change. */
export async function plan(composition: Composition, command: Command & { is: 'plan' }): Promise<Result> {
  const made = await planOf(composition);
  if (command.out !== undefined) await savePlan(command.out, made);
  return { hosts: planResults(made), differences: command.exitCode && differs(made) };
}

/** Reads every host and says what is no longer as it should be. */
export async function drift(composition: Composition): Promise<Result> {
  const made = await planOf(composition);
  return { hosts: planResults(made), differences: differs(made) };
}

/** The preflight alone: every check that must hold before anything is touched. */
export async function doctor(composition: Composition): Promise<Result> {
  const { graph } = composition;
  const made = await planOf(composition, { ...graph, tasks: graph.tasks.filter((task) => task.preflight) });
  return { hosts: planResults(made) };
}

/** Makes a plan and lets the composition keep its sessions. */
export async function planOf(composition: Composition, graph = composition.graph): Promise<GraphPlan> {
  const { context, inventory, sessions } = composition;
  context.emit(started(composition, graph));
  const made = await makePlan(context, graph, inventory.selected);
  for (const [host, session] of made.sessions) sessions.set(host, session);
  return made;
}

/** The first thing that a command says. */
export const started = ({ context, inventory }: Composition, graph: Graph) =>
  ({
    type: 'run-started',
    run: context.run,
    command: context.command,
    graph: graph.name,
    hosts: inventory.selected.map(({ name }) => name),
  }) as const;

/** Whether anything is not as it should be, on the hosts that could be read. */
export const differs = (made: GraphPlan): boolean =>
  made.planned.some(({ decision }) => ['change', 'owed', 'unmet', 'deferred'].includes(decision.is));

/** The hosts of a plan that is not carried out: nothing was touched. */
export function planResults(made: GraphPlan): ReadonlyMap<string, HostResult> {
  const failures = new Map<string, FailureData[]>();
  const add = (host: string, failure: FailureData): void => {
    failures.set(host, [...(failures.get(host) ?? []), failure]);
  };
  for (const [host, failure] of made.failures) add(host, failure);
  for (const [host, state] of made.states) if (state.open !== null) add(host, unfinished(host, state.open));
  for (const planned of made.planned) {
    const failure = blocking(planned);
    if (failure !== null) add(planned.task.host.name, failure);
  }
  return new Map([...failures].map(([host, all]) => [host, untouched(all)]));
}
