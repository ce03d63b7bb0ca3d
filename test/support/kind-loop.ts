import { sameJson, type Json } from '../../src/lib/json.js';
import type { Difference, Observed, ResourceKind, Wanted } from '../../src/model/kind.js';
import { settle } from '../../src/probe/settle.js';
import type { LocalHost } from './local-http-remote.js';

/** What the engine's loop decides for one thing. */
export interface Decided<S extends Json, Seen extends Observed<S>> {
  readonly seen: Seen;
  readonly wanted: Wanted<S>;
  readonly changes: boolean;
  readonly differences: readonly Difference[];
  readonly warnings: readonly string[];
}

/** Reads one thing. What its parser throws is thrown. */
export async function observe<P, I extends Json, S extends Json, Seen extends Observed<S>>(
  kind: ResourceKind<P, I, S, Seen>,
  id: I,
  host: LocalHost,
): Promise<Seen> {
  const [reading] = await settle([kind.probe(throughJson(id))], (asks) => host.answerRound(asks));
  if (reading?.is === 'read') return reading.value;
  throw reading?.error;
}

/** Observe and decide. */
export async function plan<P, I extends Json, S extends Json, Seen extends Observed<S>>(
  kind: ResourceKind<P, I, S, Seen>,
  props: P,
  host: LocalHost,
): Promise<Decided<S, Seen>> {
  const seen = await observe(kind, kind.identify(props), host);
  const wanted = kind.target(props, seen);
  return {
    seen,
    wanted,
    changes: !sameJson(seen.state, wanted.state),
    differences: kind.describe?.(seen, wanted, props) ?? [],
    warnings: kind.warn?.(seen, wanted, props) ?? [],
  };
}

/** What the journal keeps of a change. */
export interface Change<I extends Json, S extends Json> {
  readonly id: I;
  readonly from: S | null;
  readonly to: S | null;
}

/** One turn: observe, decide, converge, and observe again. Throws when it did not come right. */
export async function apply<P, I extends Json, S extends Json, Seen extends Observed<S>>(
  kind: ResourceKind<P, I, S, Seen>,
  props: P,
  host: LocalHost,
): Promise<Change<I, S> | null> {
  const decided = await plan(kind, props, host);
  if (!decided.changes) return null;
  const change = { id: kind.identify(props), from: decided.seen.state, to: decided.wanted.state };
  await kind.converge({ ...change, props, run: 'run-1' }, host);
  await expectState(kind, change.id, { host, state: change.to });
  return throughJson(change as unknown as Json) as unknown as Change<I, S>;
}

/** Puts a change back from what its journal says, without the graph. Throws when it did not come right. */
export async function undo<P, I extends Json, S extends Json, Seen extends Observed<S>>(
  kind: ResourceKind<P, I, S, Seen>,
  change: Change<I, S>,
  host: LocalHost,
): Promise<void> {
  await kind.converge({ id: change.id, from: change.to, to: change.from, props: null, run: 'run-1' }, host);
  await expectState(kind, change.id, { host, state: change.from });
}

async function expectState<P, I extends Json, S extends Json, Seen extends Observed<S>>(
  kind: ResourceKind<P, I, S, Seen>,
  id: I,
  expected: { readonly host: LocalHost; readonly state: S | null },
): Promise<void> {
  const { state } = await observe(kind, id, expected.host);
  if (!sameJson(state, expected.state)) {
    throw new Error(`not converged: ${JSON.stringify(state)} instead of ${JSON.stringify(expected.state)}`);
  }
}

/** As the journal keeps it. */
const throughJson = <T extends Json>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
