import pLimit from 'p-limit';
import { type HostState, hostState } from '../dialects/host-journal.js';
import { acts, type Decision, type Planned } from '../model/decision.js';
import type { TaskPlan } from '../model/event.js';
import { failureOf, type FailureData } from '../model/failure.js';
import type { Graph } from '../model/graph.js';
import type { Host } from '../model/host.js';
import type { AnyKind } from '../model/kind.js';
import type { Address, Task } from '../model/task.js';
import { known, type Probe, Unreadable } from '../probe/probe.js';
import type { Reading } from '../probe/settle.js';
import { connectAll } from './connect.js';
import type { RunContext } from './context.js';
import { decide } from './decide.js';
import { observe } from './observe.js';
import type { Session } from './ports.js';

/** A plan of a whole graph, with the sessions it was read over. */
export interface GraphPlan {
  readonly graph: Graph;
  /** In the order of the graph; tasks of hosts without a session are left out. */
  readonly planned: readonly Planned[];
  readonly sessions: ReadonlyMap<string, Session>;
  readonly states: ReadonlyMap<string, HostState>;
  /** Hosts that could not be reached or read. */
  readonly failures: ReadonlyMap<string, FailureData>;
}

/** Reads every host once and decides on every task. Changes nothing. */
export async function makePlan(
  context: RunContext,
  graph: Graph,
  hosts: readonly Host[],
): Promise<GraphPlan> {
  const connected = await connectAll(context, hosts);
  const readings = new Map<Address, Reading<unknown>>();
  const states = new Map<string, HostState>();
  const failures = new Map(connected.failures);
  const limit = pLimit(context.forks);
  await Promise.all(
    [...connected.sessions].map(([host, session]) =>
      limit(async () => {
        const tasks = graph.tasks.filter((task) => task.host.name === host);
        try {
          states.set(host, await readHost(context, session, { tasks, readings }));
        } catch (error) {
          const failure = failureOf(error);
          failures.set(host, failure);
          context.emit({ type: 'host-failed', host, failure });
        }
      }),
    ),
  );
  const planned = decideAll(graph, readings, states);
  for (const one of planned) tell(context, one);
  return { graph, planned, sessions: connected.sessions, states, failures };
}

function tell(context: RunContext, { task, decision }: Planned): void {
  const host = task.host.name;
  context.emit({ type: 'task-planned', host, task: task.address, plan: taskPlan(decision) });
  if (decision.is !== 'settled') return;
  for (const text of decision.findings ?? []) context.emit({ type: 'finding', host, text });
}

async function readHost(
  context: RunContext,
  session: Session,
  { tasks, readings }: { tasks: readonly Task[]; readings: Map<Address, Reading<unknown>> },
): Promise<HostState> {
  const probes: Probe<unknown>[] = [hostState, ...tasks.map(probeOf)];
  const [state, ...rest] = await observe(session, context.vault, probes, context.stop);
  tasks.forEach((task, index) => readings.set(task.address, rest[index] ?? notRead));
  if (state?.is !== 'read') throw new Error('the state of the host was not read', { cause: state?.error });
  return state.value as HostState;
}

const notRead: Reading<unknown> = { is: 'threw', error: new Unreadable('it was not read') };

/** What is to be read for a task. A probe that cannot even be made is the kind's own refusal. */
export function probeOf(task: Task): Probe<unknown> {
  const kind: AnyKind = task.kind;
  if (kind.shape === 'check') return kind.probe(task.props);
  return kind.shape === 'resource' ? kind.probe(kind.identify(task.props)) : known(null);
}

/** Decides in the order of the graph, so that each task knows what comes before it. */
function decideAll(
  graph: Graph,
  readings: ReadonlyMap<Address, Reading<unknown>>,
  states: ReadonlyMap<string, HostState>,
): readonly Planned[] {
  const pending = new Map<Address, readonly Address[]>();
  const acting = new Set<Address>();
  const planned: Planned[] = [];
  for (const task of graph.tasks) {
    const host = states.get(task.host.name);
    if (host === undefined) continue;
    const before = [...new Set(task.after.flatMap((address) => pending.get(address) ?? []))];
    const causes = task.on.filter((address) => acting.has(address));
    const decision = decide(task, readings.get(task.address) ?? notRead, { pending: before, causes, host });
    if (acts(decision)) acting.add(task.address);
    // The nearest ones are enough to say what a task waits for: what acts hides what is behind it.
    pending.set(task.address, decision.is === 'change' || decision.is === 'owed' ? [task.address] : before);
    planned.push({ task, decision });
  }
  return planned;
}

/** A decision as it is told. */
export function taskPlan(decision: Decision): TaskPlan {
  switch (decision.is) {
    case 'settled':
      return { is: 'settled', ...(decision.note === undefined ? {} : { because: decision.note }) };
    case 'change':
      return {
        is: 'change',
        change: decision.from === null ? 'create' : decision.to === null ? 'remove' : 'update',
        differences: decision.differences,
        warnings: decision.warnings,
      };
    case 'unmet':
      return {
        is: 'unmet',
        because: decision.because,
        evidence: decision.evidence,
        next: decision.next,
      };
    case 'owed':
      return { is: 'owed', because: decision.because.join(', '), warnings: decision.warnings };
    case 'to-prove':
      return { is: 'to-prove' };
    case 'deferred':
      return { is: 'deferred', because: decision.until.join(', ') };
    case 'failed':
      return {
        is: 'failed',
        because: decision.failure.what,
        evidence: decision.failure.evidence,
        next: decision.failure.next,
      };
  }
}
