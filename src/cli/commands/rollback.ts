import { planRollback, rollBack } from '../../engine/rollback.js';
import { Failed } from '../../model/failure.js';
import type { Command } from '../args.js';
import type { Composition } from '../composition.js';
import type { Confirm } from '../confirm.js';
import { type Result, untouched } from '../result.js';
import { started } from './plan.js';

/** Puts back what a run changed, from the journals on the hosts. */
export async function rollback(
  composition: Composition,
  command: Command & { is: 'rollback' },
  confirm: Confirm,
): Promise<Result> {
  const { context, inventory, sessions, graph } = composition;
  context.emit(started(composition, graph));
  const made = await planRollback(context, inventory.selected, command.run ?? null);
  for (const [host, session] of made.sessions) sessions.set(host, session);
  if (command.run !== undefined && made.hosts.length === 0 && made.failures.size === 0)
    throw noSuchRun(command.run);
  for (const { host, steps, kept, failures } of made.hosts) {
    for (const { intent, change, differences } of steps) {
      context.emit({
        type: 'undo-planned',
        host: host.host.name,
        task: intent.task,
        run: host.run,
        change,
        differences,
      });
    }
    for (const intent of kept) {
      context.emit({
        type: 'finding',
        host: host.host.name,
        text: `${intent.task} stays: it may hold people's data`,
      });
    }
    for (const failure of failures) context.emit({ type: 'host-failed', host: host.host.name, failure });
  }
  const work = made.hosts.some(({ steps, failures }) => steps.length > 0 && failures.length === 0);
  if (work && !(await confirm(`Put back run ${made.run ?? ''}?`))) {
    return { hosts: new Map(made.hosts.map(({ host }) => [host.host.name, untouched()])), exitCode: 0 };
  }
  return { hosts: await rollBack(context, made) };
}

const noSuchRun = (run: string): Failed =>
  new Failed({
    reason: 'configuration',
    what: `no run ${run} has changes that still stand on these hosts`,
    next: 'leave the run out to put back the last one, or correct its name',
  });
