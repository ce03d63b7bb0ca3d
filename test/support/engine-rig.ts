import { z } from 'zod';
import type { RunContext } from '../../src/engine/context.js';
import { disconnectAll } from '../../src/engine/connect.js';
import { applyPlan } from '../../src/engine/apply.js';
import type { HostResult, OnFailure } from '../../src/engine/host-end.js';
import { type GraphPlan, makePlan } from '../../src/engine/plan.js';
import { planRollback, rollBack, type RollbackPlan } from '../../src/engine/rollback.js';
import type { RunEvent } from '../../src/model/event.js';
import { buildGraph, graph, type Graph, type GraphScope } from '../../src/model/graph.js';
import type { Host } from '../../src/model/host.js';
import type { JournalRecord } from '../../src/model/journal.js';
import type { AnyKind } from '../../src/model/kind.js';
import type { SecretRef, Vault } from '../../src/shell/secret.js';
import { openSshTransport } from '../../src/transport/transport.js';
import type { Machine } from '../lab/machine.js';

/** A vault of test values. */
export function testVault(values: Readonly<Record<string, string>> = {}): Vault {
  const known = new Set(Object.values(values));
  return {
    reveal: ({ secret }: SecretRef) => {
      const value = values[secret];
      if (value === undefined) throw new Error(`no secret ${secret}`);
      return value;
    },
    learn: (value) => known.add(value),
    scrub: (text) => [...known].reduce((all, value) => all.replaceAll(value, '•••'), text),
  };
}

/** A machine of the lab as a host of an inventory. */
export const hostOn = (machine: Machine, name: string, user = 'root'): Host => ({
  name,
  login: {
    address: machine.address,
    port: machine.port,
    user,
    identityFile: machine.privateKeyPath,
    knownHosts: machine.knownHostsPath,
    connectTimeoutMs: 10_000,
  },
  become: user !== 'root',
  groups: [],
  vars: {},
});

/** A graph of tasks for tests. */
export const testGraph = (hosts: readonly Host[], build: (scope: GraphScope<unknown>) => void): Graph =>
  buildGraph(graph({ name: 'test', vars: z.unknown(), build }), hosts);

/** Runs the engine over the real transport, and keeps what it told. */
export interface EngineRig {
  readonly events: RunEvent[];
  readonly records: JournalRecord[];
  plan(graph: Graph): Promise<GraphPlan>;
  apply(
    graph: Graph,
    options?: { onFailure?: OnFailure; between?: () => Promise<void> },
  ): Promise<ReadonlyMap<string, HostResult>>;
  rollback(
    graph: Graph,
    run?: string | null,
  ): Promise<{ plan: RollbackPlan; results: ReadonlyMap<string, HostResult> }>;
}

/** Makes a rig. Each apply is a run of its own: `run-1`, `run-2`, … */
export function engineRig({
  vault = testVault(),
  forks = 10,
  stop = new AbortController().signal,
  env = process.env,
}: {
  vault?: Vault;
  forks?: number;
  stop?: AbortSignal;
  env?: NodeJS.ProcessEnv;
} = {}): EngineRig {
  const events: RunEvent[] = [];
  const records: JournalRecord[] = [];
  let runs = 0;
  const contextOf = (tasks: Graph, run: string): RunContext => ({
    run,
    command: 'test',
    graphName: tasks.name,
    by: 'tester@rig',
    transport: openSshTransport({
      vault,
      acceptNewHostKeys: false,
      onFinding: () => undefined,
      env,
    }),
    vault,
    clock: { now: () => new Date() },
    emit: (event) => events.push(event),
    journal: (record) => Promise.resolve(records.push(record)).then(() => undefined),
    kinds: new Map(tasks.tasks.map((task): [string, AnyKind] => [task.kind.name, task.kind])),
    forks,
    stop,
  });
  const hostsOf = (tasks: Graph): readonly Host[] => [
    ...new Map(tasks.tasks.map((task) => [task.host.name, task.host])).values(),
  ];
  return {
    events,
    records,
    plan: async (tasks) => {
      const plan = await makePlan(contextOf(tasks, 'plan'), tasks, hostsOf(tasks));
      await disconnectAll(plan.sessions.values());
      return plan;
    },
    apply: async (tasks, { onFailure = 'rollback', between } = {}) => {
      runs += 1;
      const context = contextOf(tasks, `run-${runs}`);
      const plan = await makePlan(context, tasks, hostsOf(tasks));
      await between?.();
      const results = await applyPlan(context, plan, onFailure);
      await disconnectAll(plan.sessions.values());
      return results;
    },
    rollback: async (tasks, run = null) => {
      const context = contextOf(tasks, 'rollback');
      const plan = await planRollback(context, hostsOf(tasks), run);
      const results = await rollBack(context, plan);
      await disconnectAll(plan.sessions.values());
      return { plan, results };
    },
  };
}
