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
  /**
   * Asked once before each start: a host that has failed, or a run that was interrupted, starts nothing new. After a no
   * the task is never started.
   */
  readonly mayStart: (task: Task) => boolean;
}

/** One task that waits: how many others it still needs. */
interface Waiting {
  readonly task: Task;
  readonly index: number;
  readonly lane: Lane;
  needs: number;
}

/** One host: its tasks that need nothing any more, the first one first, and how many are running. */
interface Lane {
  readonly ready: Waiting[];
  busy: number;
}

/**
 * Runs tasks as soon as what they need is done, side by side, always starting the first ready one first.
 * Resolves to the tasks that were never started: they wait for one that failed, or were not allowed to start.
 */
export function walk(plan: Walk): Promise<readonly Task[]> {
  const { lanes, followers } = lineUp(plan.tasks);
  const unstarted = new Set(plan.tasks);
  let running = 0;
  return new Promise((resolve, reject) => {
    const end = (one: Waiting, step: Step): void => {
      running -= 1;
      one.lane.busy -= 1;
      for (const follower of step === 'done' ? (followers.get(one.task.address) ?? []) : []) {
        follower.needs -= 1;
        if (follower.needs === 0) queue(follower);
      }
      advance();
    };
    const start = (one: Waiting): void => {
      unstarted.delete(one.task);
      running += 1;
      one.lane.busy += 1;
      plan.run(one.task).then((step) => end(one, step), reject);
    };
    const advance = (): void => {
      for (let one = takeNext(lanes, plan); one !== null; one = takeNext(lanes, plan)) {
        if (plan.mayStart(one.task)) start(one);
      }
      if (running === 0) resolve([...unstarted]);
    };
    advance();
  });
}

function lineUp(tasks: readonly Task[]): {
  readonly lanes: readonly Lane[];
  readonly followers: ReadonlyMap<Address, readonly Waiting[]>;
} {
  const lanes = new Map<string, Lane>();
  const followers = new Map<Address, Waiting[]>(tasks.map((task) => [task.address, []]));
  tasks.forEach((task, index) => {
    const lane = lanes.get(task.host.name) ?? { ready: [], busy: 0 };
    lanes.set(task.host.name, lane);
    const one: Waiting = { task, index, lane, needs: 0 };
    for (const address of new Set(task.after)) {
      // What is not part of this walk is not waited for.
      const line = followers.get(address);
      if (line === undefined) continue;
      line.push(one);
      one.needs += 1;
    }
    if (one.needs === 0) queue(one);
  });
  return { lanes: [...lanes.values()], followers };
}

/** Puts a task into its host's line, in the order of the walk. */
function queue(one: Waiting): void {
  const { ready } = one.lane;
  let at = ready.length;
  while (at > 0 && (ready[at - 1]?.index ?? -1) > one.index) at -= 1;
  ready.splice(at, 0, one);
}

/** Takes the first ready task of all hosts that have room. */
function takeNext(lanes: readonly Lane[], { perHost, hosts }: Walk): Waiting | null {
  const open = lanes.filter(({ busy }) => busy > 0).length < hosts;
  let first: Lane | null = null;
  for (const lane of lanes) {
    const next = lane.ready[0];
    if (next === undefined || (lane.busy === 0 ? !open : lane.busy >= perHost)) continue;
    if (first === null || next.index < (first.ready[0]?.index ?? 0)) first = lane;
  }
  return first?.ready.shift() ?? null;
}
