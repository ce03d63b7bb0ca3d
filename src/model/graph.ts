import type { ZodType } from 'zod';
import { canonical, type Json } from '../lib/json.js';
import { Failed } from './failure.js';
import type { Host } from './host.js';
import type { AnyKind } from './kind.js';
import type { AddTask, Address, GraphHost, ReactionOptions, Task, TaskOptions } from './task.js';

/** What a graph file exports by default. */
export interface GraphDefinition<Vars = unknown> {
  readonly is: 'graph';
  readonly name: string;
  /** Checks and completes the variables of one host. */
  readonly vars: ZodType<Vars>;
  readonly build: (scope: GraphScope<Vars>) => void;
}

/** What a graph is built from. */
export interface GraphScope<Vars> {
  readonly hosts: readonly GraphHost<Vars>[];
  /** The inventory's `proof` section. */
  readonly proof: { readonly user?: string };
}

/** Tasks in an order in which each comes after everything it needs; ties as declared. */
export interface Graph {
  readonly name: string;
  readonly tasks: readonly Task[];
}

/** Writes a graph: what variables it takes, and its tasks. */
export const graph = <Vars>(definition: Omit<GraphDefinition<Vars>, 'is'>): GraphDefinition<Vars> => ({
  is: 'graph',
  ...definition,
});

/**
 * Builds the tasks for these hosts.
 *
 * @throws Failed `configuration` for a cycle, a reference to no task, or two tasks that claim the same thing
 */
export function buildGraph<Vars>(
  definition: GraphDefinition<Vars>,
  hosts: readonly Host<Vars>[],
  proof: { readonly user?: string } = {},
): Graph {
  const declared: Task[] = [];
  definition.build({ hosts: hosts.map((host) => ({ ...host, task: adder(host, declared) })), proof });
  refuseClashes(declared);
  return { name: definition.name, tasks: ordered(declared) };
}

const adder =
  (host: Host, declared: Task[]): AddTask =>
  (name: string, kind: AnyKind, props: unknown, options: TaskOptions & Partial<ReactionOptions> = {}) => {
    const on = (options.on ?? []).map((ref) => ref.address);
    const address = `${host.name}/${kind.name}:${name}`;
    declared.push({
      address,
      host,
      kind,
      name,
      props,
      on,
      after: [...new Set([...(options.after ?? []).map((ref) => ref.address), ...on])],
      tags: options.tags ?? [],
      withinMs: options.withinMs ?? 30_000,
      preflight: options.preflight ?? false,
    });
    return { address };
  };

function refuseClashes(tasks: readonly Task[]): void {
  const owners = new Map<string, Address>();
  for (const task of tasks) {
    const claims = [task.address];
    if (task.kind.shape === 'resource') {
      claims.push(`${task.host.name} ${task.kind.name} ${canonical(task.kind.identify(task.props) as Json)}`);
    }
    for (const claim of claims) {
      const owner = owners.get(claim);
      if (owner !== undefined) {
        throw wrongGraph(`${task.address} and ${owner} are the same thing`, 'give each thing one task');
      }
      owners.set(claim, task.address);
    }
  }
}

/** Depth first along `after`, in the order of declaration; a task met again while open closes a cycle. */
function ordered(tasks: readonly Task[]): readonly Task[] {
  const byAddress = new Map(tasks.map((task) => [task.address, task]));
  const placed = new Set<Address>();
  const order: Task[] = [];
  const place = (task: Task, path: readonly Address[]): void => {
    if (placed.has(task.address)) return;
    if (path.includes(task.address)) {
      const cycle = [...path.slice(path.indexOf(task.address)), task.address].join(' → ');
      throw wrongGraph(`these tasks wait for each other: ${cycle}`, 'take one of these edges out');
    }
    for (const needed of task.after) {
      const before = byAddress.get(needed);
      if (before === undefined)
        throw wrongGraph(
          `${task.address} waits for ${needed}, which is no task`,
          'name a task of this graph',
        );
      place(before, [...path, task.address]);
    }
    placed.add(task.address);
    order.push(task);
  };
  for (const task of tasks) place(task, []);
  return order;
}

const wrongGraph = (what: string, next: string): Failed =>
  new Failed({ reason: 'configuration', what, next });
