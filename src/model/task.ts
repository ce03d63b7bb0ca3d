import type { Json } from '../lib/json.js';
import type { Host } from './host.js';
import type { AnyKind, CheckKind, ProofKind, ReactionKind, ResourceKind } from './kind.js';

/** Names a task for people and for the journal: `host/kind:name`. */
export type Address = string;

/** One use of a kind on one host. */
export interface Task {
  readonly address: Address;
  readonly host: Host;
  readonly kind: AnyKind;
  readonly name: string;
  readonly props: unknown;
  /** Tasks that must be done before this one starts, causes of a reaction included. */
  readonly after: readonly Address[];
  /** The changes that a reaction reacts to. */
  readonly on: readonly Address[];
  readonly tags: readonly string[];
  /** How long a check may take to come right, in ms. */
  readonly withinMs: number;
  /** Asked before anything is touched, and by `doctor`; never again while the run goes on. */
  readonly preflight: boolean;
}

/** Stands for a task of the graph in `after` and `on`. */
export interface TaskRef {
  readonly address: Address;
}

/** What may be said of any task. */
export interface TaskOptions {
  readonly after?: readonly TaskRef[];
  readonly tags?: readonly string[];
  /** For checks: how long to go on asking, in ms. Default 30 000. */
  readonly withinMs?: number;
  readonly preflight?: boolean;
}

/** A reaction names the changes it reacts to. */
export interface ReactionOptions extends TaskOptions {
  readonly on: readonly TaskRef[];
}

/** Adds a task to the graph. A reaction without `on` does not compile. */
export interface AddTask {
  <P, I extends Json, S extends Json>(
    name: string,
    // biome-ignore lint/suspicious/noExplicitAny: what a kind sees is its own business
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    kind: ResourceKind<P, I, S, any> | CheckKind<P> | ProofKind<P>,
    props: P,
    options?: TaskOptions,
  ): TaskRef;
  /** The props of a reaction are JSON: a debt is written down. */
  <P>(name: string, kind: ReactionKind<P>, props: P, options: ReactionOptions): TaskRef;
}

/** A host as a graph sees it. */
export interface GraphHost<Vars> extends Host<Vars> {
  readonly task: AddTask;
}
