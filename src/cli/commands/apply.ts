import { applyPlan } from '../../engine/apply.js';
import { disconnectAll } from '../../engine/connect.js';
import type { GraphPlan } from '../../engine/plan.js';
import { Failed } from '../../model/failure.js';
import type { Command } from '../args.js';
import type { Composition } from '../composition.js';
import type { Confirm } from '../confirm.js';
import type { Result } from '../result.js';
import { differencesFrom, loadPlan } from '../saved-plan.js';
import { differs, planOf, planResults } from './plan.js';

/** Plans, asks, carries out, and with `--prove` looks again. */
export async function apply(
  composition: Composition,
  command: Command & { is: 'apply' },
  confirm: Confirm,
): Promise<Result> {
  const { context } = composition;
  const old = command.plan === undefined ? null : await loadPlan(command.plan);
  const made = await planOf(composition);
  if (old !== null) {
    const strayed = differencesFrom(old, made);
    if (strayed.length > 0) return refuse(composition, made, strayed);
  }
  if (differs(made) && !(await confirm(`Apply this to ${hostCount(made)}?`)))
    return { hosts: planResults(made), exitCode: 0 };
  const hosts = await applyPlan(context, made, command.flags.onFailure);
  const failed = [...hosts.values()].some(({ failures }) => failures.length > 0);
  if (!command.prove || failed || context.stop.aborted) return { hosts };
  return { hosts, ...(await secondPass(composition)) };
}

const hostCount = (made: GraphPlan): string =>
  made.sessions.size === 1 ? 'this host' : `these ${made.sessions.size} hosts`;

function refuse({ context }: Composition, made: GraphPlan, strayed: readonly string[]): Result {
  const { failure } = new Failed({
    reason: 'plan-drifted',
    what: 'the saved plan no longer fits the hosts; nothing was written',
    evidence: strayed,
    next: 'look at a new plan: orchestrate plan --out FILE',
  });
  context.emit({ type: 'run-failed', failure });
  return { hosts: planResults(made), exitCode: 5 };
}

/** A second plan, over new sessions, must find nothing. */
async function secondPass(composition: Composition): Promise<Pick<Result, 'exitCode'>> {
  await disconnectAll(composition.sessions.values());
  const again = await planOf(composition);
  if (!differs(again) && again.failures.size === 0) return {};
  const { failure } = new Failed({
    reason: 'not-converged',
    what: 'a second look found something left to change',
    evidence: again.planned
      .filter(({ decision }) => decision.is !== 'settled' && decision.is !== 'to-prove')
      .map(({ task }) => task.address),
    next: 'see what else manages these things, then run apply again',
  });
  composition.context.emit({ type: 'run-failed', failure });
  return { exitCode: 3 };
}
