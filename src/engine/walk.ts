import type { Address, Task } from '../model/task.js';

/** How a task of a walk ended: what waits for it may start, or never will. */
export type Step = 'done' | 'failed';

/** A walk: tasks in an order in which each comes after what it needs. */
export interface Walk {
  readonly tasks: readonly Task[];
  /** How many tasks of one host at a time. */
  readonly perHost: number;
  /** How many hosts at a time. */
  readonly hosts: number;
  readonly run: (task: Task) => Promise<Step>;
  /** Asked before each start: a host that has failed, or a run that was interrupted, starts nothing new. */
  readonly mayStart: (task: Task) => boolean;
}

/**
 * Runs tasks as soon as what they need is done, side by side, always starting the first ready one first.
 * Resolves to the tasks that were never started: they wait for one that failed, or were not allowed to start.
 */
export async function walk(plan: Walk): Promise<readonly Task[]> {
  const waiting = new Set(plan.tasks);
  const ended = new Map<Address, Step>();
  const known = new Set(plan.tasks.map((task) => task.address));
  const running = new Map<Task, Promise<void>>();
  const busy = new Map<string, number>();
  const startable = (task: Task): boolean => {
    const onHost = busy.get(task.host.name) ?? 0;
    const free = onHost > 0 ? onHost < plan.perHost : busy.size < plan.hosts;
    return (
      free &&
      task.after.every((need) => !known.has(need) || ended.get(need) === 'done') &&
      plan.mayStart(task)
    );
  };
  const count = ({ host }: Task, more: 1 | -1): void => {
    const left = (busy.get(host.name) ?? 0) + more;
    if (left === 0) busy.delete(host.name);
    else busy.set(host.name, left);
  };
  const start = (task: Task): void => {
    waiting.delete(task);
    count(task, 1);
    const run = plan.run(task).then((step) => {
      ended.set(task.address, step);
      running.delete(task);
      count(task, -1);
    });
    running.set(task, run);
  };
  for (;;) {
    for (const task of waiting) if (startable(task)) start(task);
    if (running.size === 0) return [...waiting];
    await Promise.race(running.values());
  }
}
