import type { ZodType } from 'zod';
import { Failed } from './failure.js';
import type { Host } from './host.js';
import type { AnyKind } from './kind.js';
import { thingOf } from './thing.js';
import type { AddTask, Address, GraphHost, ReactionOptions, Task, TaskOptions } from './task.js';

/** What a graph file exports by default. */
export interface GraphDefinition<Vars = unknown> {
  readonly is: 'graph';
  readonly name: string;
  /** Checks and completes the variables of one host. */
  readonly vars: ZodType<Vars>;
  readonly build: (scope: GraphScope<Vars>) => void;
}

/** The inventory's `proof` section. */
export interface ProofSection {
  /** Who signs in for proofs. */
  readonly user?: string;
  /** From the controller's own network as well. */
  readonly outside?: boolean;
  /** An authority's certificate on the host, in PEM, that the site's certificate is trusted by. */
  readonly caFile?: string;
}

/** What a graph is built from. */
export interface GraphScope<Vars> {
  readonly hosts: readonly GraphHost<Vars>[];
  readonly proof: ProofSection;
  /** The absolute path of a local file that the inventory names relative to itself. */
  readonly beside: (path: string) => string;
}

/** What of the inventory a graph may see beside its hosts. */
export interface GraphSurroundings {
  readonly proof: ProofSection;
  /** The absolute path of the inventory's folder. */
  readonly folder: string;
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
  { proof, folder }: GraphSurroundings = { proof: {}, folder: '/' },
): Graph {
  const declared: Task[] = [];
  definition.build({
    hosts: hosts.map((host) => ({ ...host, task: adder(host, declared) })),
    proof,
    beside: (path) => (path.startsWith('/') ? path : `${folder}/${path}`),
  });
  refuseClashes(declared);
  return { name: definition.name, tasks: ordered(declared) };
}

/**
 * The tasks with one of these tags, everything that they need, and the reactions to all of those: a file is never
 * changed without the restart that it asks for.
 *
 * @throws Failed `configuration` for a tag that no task bears
 */
export function withTags(whole: Graph, tags: readonly string[]): Graph {
  const known = new Set(whole.tasks.flatMap((task) => task.tags));
  const unknown = tags.filter((tag) => !known.has(tag));
  if (unknown.length > 0) {
    const all = [...known].sort().join(', ');
    throw wrongGraph(`no task bears the tag ${unknown.join(', ')}`, `the tags of this graph: ${all}`);
  }
  const wanted = new Set(whole.tasks.filter((task) => task.tags.some((tag) => tags.includes(tag))));
  const byAddress = new Map(whole.tasks.map((task) => [task.address, task]));
  const reactions = reactionsTo(whole.tasks);
  // A set that grows while it is walked: what a task needs, and what reacts to it, come after it.
  for (const task of wanted) {
    for (const needed of task.after) wanted.add(byAddress.get(needed) ?? task);
    for (const other of reactions.get(task.address) ?? []) wanted.add(other);
  }
  return { name: whole.name, tasks: whole.tasks.filter((task) => wanted.has(task)) };
}

/** The tasks that react to a change of another, by its address. */
export function reactionsTo(tasks: readonly Task[]): ReadonlyMap<Address, readonly Task[]> {
  const reactions = new Map<Address, Task[]>();
  for (const task of tasks) {
    for (const cause of task.on) reactions.set(cause, [...(reactions.get(cause) ?? []), task]);
  }
  return reactions;
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
      claims.push(`${task.host.name} ${thingOf(task.kind, task.kind.identify(task.props))}`);
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
