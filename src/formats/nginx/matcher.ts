import { type Pattern, type Place, UnknownPattern } from './pattern.js';

/** A state of the machine that a pattern is compiled into. */
type State =
  | { readonly is: 'byte'; readonly id: number; readonly set: Uint8Array; readonly next: State }
  | { readonly is: 'place'; readonly id: number; readonly holds: Place; readonly next: State }
  | { readonly is: 'fork'; readonly id: number; readonly ways: State[] }
  | { readonly is: 'found'; readonly id: number };

/** A machine: where it starts, and how many states it has. */
interface Machine {
  readonly start: State;
  readonly size: number;
}

/** More states than any real regular expression needs; a counted repeat takes one copy for each count. */
const mostStates = 20_000;

/**
 * Compiles a pattern into a test for whether it is found anywhere in a text.
 *
 * All ways through the pattern are followed at once (Thompson's construction), never one after the other: the time is
 * at most states times bytes, so no expression from a config file can hang us. Throws {@link UnknownPattern} for one
 * that is too large.
 */
export function compilePattern(pattern: Pattern): (text: string) => boolean {
  const machine = machineOf(pattern);
  return (text) => {
    const run = runOf(machine, text);
    for (let at = 0; at <= text.length; at += 1) if (run.advance(at, true)) return true;
    return false;
  };
}

function machineOf(pattern: Pattern): Machine {
  const ids = { next: 1 };
  const start = build(pattern, { is: 'found', id: 0 }, ids);
  return { start, size: ids.next };
}

/** The states for a pattern that go on to `next`. */
function build(pattern: Pattern, next: State, ids: { next: number }): State {
  const id = ids.next;
  ids.next += 1;
  if (ids.next > mostStates) throw new UnknownPattern('too many repetitions');
  switch (pattern.is) {
    case 'byte':
      return { is: 'byte', id, set: pattern.set, next };
    case 'place':
      return { is: 'place', id, holds: pattern.holds, next };
    case 'look':
      return { is: 'place', id, holds: lookPlace(pattern), next };
    case 'sequence':
      return pattern.parts.reduceRight((following, part) => build(part, following, ids), next);
    case 'choice':
      return { is: 'fork', id, ways: pattern.options.map((option) => build(option, next, ids)) };
    case 'repeat':
      return buildRepeat(pattern, next, ids);
  }
}

function buildRepeat(
  { part, least, most }: Extract<Pattern, { is: 'repeat' }>,
  next: State,
  ids: { next: number },
): State {
  const fork = (ways: State[]): Extract<State, { is: 'fork' }> => ({ is: 'fork', id: ids.next++, ways });
  let state = next;
  if (most === Infinity) {
    const loop = fork([next]);
    loop.ways.push(build(part, loop, ids));
    state = loop;
  } else {
    for (let copy = least; copy < most; copy += 1) state = fork([next, build(part, state, ids)]);
  }
  for (let copy = 0; copy < least; copy += 1) state = build(part, state, ids);
  return state;
}

function lookPlace({ part, ahead, wanted }: Extract<Pattern, { is: 'look' }>): Place {
  const machine = machineOf(part);
  return (text, here) => {
    const run = runOf(machine, text);
    let found = false;
    if (ahead) for (let at = here; at <= text.length && !found; at += 1) found = run.advance(at, at === here);
    else for (let at = 0; at <= here; at += 1) found = run.advance(at, true);
    return found === wanted;
  };
}

interface Run {
  /** Goes to the next offset, adding a fresh start there or not; says whether a match ends at it. */
  advance(at: number, fresh: boolean): boolean;
}

function runOf({ start, size }: Machine, text: string): Run {
  const seen = new Int32Array(size).fill(-1);
  let waiting: Extract<State, { is: 'byte' }>[] = [];

  function advance(at: number, fresh: boolean): boolean {
    const code = at > 0 ? text.charCodeAt(at - 1) : -1;
    const open: State[] = fresh ? [start] : [];
    for (const state of waiting) if (state.set[code] === 1) open.push(state.next);
    waiting = [];
    let found = false;
    for (let state = open.pop(); state; state = open.pop()) {
      if (seen[state.id] === at) continue;
      seen[state.id] = at;
      if (state.is === 'found') found = true;
      else if (state.is === 'byte') waiting.push(state);
      else if (state.is === 'fork') open.push(...state.ways);
      else if (state.holds(text, at)) open.push(state.next);
    }
    return found;
  }
  return { advance };
}
