import type { Refused } from '../outcome.js';
import type { Expression, Local } from './tree.js';

/** Lua's limit on the local variables alive at once in one function (MAXVARS in lparser.c). */
const mostLocals = 200;

interface PendingGoto {
  readonly name: string;
  readonly at: number;
  /** How many locals were alive where it jumps from, as seen from the block that still has to find its label. */
  alive: number;
}

interface BlockScope {
  readonly isLoop: boolean;
  readonly aliveBefore: number;
  readonly labels: Map<string, number>;
  gotos: PendingGoto[];
}

interface FunctionScope {
  readonly takesVarargs: boolean;
  readonly blocks: BlockScope[];
  readonly alive: MutableLocal[];
}

type MutableLocal = { -readonly [Key in keyof Local]: Local[Key] };

/**
 * The names and labels that are visible while a file is parsed. What it refuses is what Lua's own parser refuses
 * (reference manual 3.3.4, 3.3.7, 3.5) although the grammar alone would let it pass.
 */
export interface Scope {
  enterFunction(takesVarargs: boolean): void;
  leaveFunction(): void;
  enterBlock(isLoop: boolean): void;
  leaveBlock(): void;
  declare(name: string, options: { at: number; constant?: boolean; initial?: Expression | undefined }): Local;
  find(name: string): Local | undefined;
  /** Notes an assignment to a local. */
  assign(local: Local, at: number): void;
  varargs(at: number): void;
  break(at: number): void;
  goto(name: string, at: number): void;
  /** `isLast`: nothing but labels and semicolons follows in its block. */
  label(name: string, at: number, isLast: boolean): void;
}

/** A scope in which nothing is declared; `refusal` makes the error for a place. */
export function createScope(refusal: (at: number, reason: string) => Refused): Scope {
  const functions: FunctionScope[] = [];
  const here = (): FunctionScope => known(functions.at(-1));
  const block = (): BlockScope => known(here().blocks.at(-1));
  const handles: Scope = {
    enterFunction(takesVarargs) {
      functions.push({ takesVarargs, blocks: [], alive: [] });
      handles.enterBlock(false);
    },
    leaveFunction() {
      const unresolved = block().gotos[0];
      if (unresolved) throw refusal(unresolved.at, `there is no label \`${unresolved.name}\` to go to`);
      functions.pop();
    },
    enterBlock(isLoop) {
      here().blocks.push({ isLoop, aliveBefore: here().alive.length, labels: new Map(), gotos: [] });
    },
    leaveBlock() {
      const left = known(here().blocks.pop());
      here().alive.length = left.aliveBefore;
      for (const pending of left.gotos) pending.alive = Math.min(pending.alive, left.aliveBefore);
      block().gotos.push(...left.gotos);
    },
    declare(name, { at, constant = false, initial }) {
      if (here().alive.length >= mostLocals) throw refusal(at, 'more than 200 local variables');
      const local: MutableLocal = { name, constant, initial, reassigned: false };
      here().alive.push(local);
      return local;
    },
    find: (name) =>
      functions.reduceRight<Local | undefined>(
        (found, scope) => found ?? scope.alive.findLast((local) => local.name === name),
        undefined,
      ),
    assign(local, at) {
      if (local.constant) throw refusal(at, `the constant \`${local.name}\` is assigned to`);
      (local as MutableLocal).reassigned = true;
    },
    varargs(at) {
      if (!here().takesVarargs) throw refusal(at, '`...` outside of a function that takes it');
    },
    break(at) {
      if (!here().blocks.some((scope) => scope.isLoop)) throw refusal(at, '`break` outside of a loop');
    },
    goto(name, at) {
      const isVisible = here().blocks.some((scope) => scope.labels.has(name));
      if (!isVisible) block().gotos.push({ name, at, alive: here().alive.length });
    },
    label(name, at, isLast) {
      if (here().blocks.some((scope) => scope.labels.has(name))) {
        throw refusal(at, `the label \`${name}\` is there twice`);
      }
      const alive = isLast ? block().aliveBefore : here().alive.length;
      const jumpsIn = block().gotos.find((pending) => pending.name === name && pending.alive < alive);
      if (jumpsIn) throw refusal(jumpsIn.at, `this jumps into the scope of a local variable`);
      block().gotos = block().gotos.filter((pending) => pending.name !== name);
      block().labels.set(name, alive);
    },
  };
  return handles;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a scope was left that was never entered');
  return value;
}
