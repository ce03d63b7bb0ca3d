import type {
  AnyNode,
  ForInStatement,
  ForOfStatement,
  ForStatement,
  IfStatement,
  Statement,
  SwitchStatement,
  TryStatement,
  VariableDeclaration,
} from 'acorn';
import { Refused } from '../outcome.js';
import { positionAt } from '../source.js';
import { childrenOf, nodesWithin, runsLater } from '../javascript/node.js';
import { overlapsAny } from '../javascript/script.js';
import { followAssignment } from './expressions.js';
import { noteFunction } from './functions.js';
import { conditionAt, leak, setName, stopsAt, underDoubt, type Machine } from './machine.js';
import { assignTo } from './members.js';
import { constantValue, truthOf, UNKNOWN, type Doubt } from './value.js';

type Followers = {
  readonly [T in Statement['type']]?: (machine: Machine, node: Extract<Statement, { type: T }>) => void;
};

const FOLLOWERS: Followers = {
  ExpressionStatement: (machine, node) => {
    const steps =
      node.expression.type === 'SequenceExpression' ? node.expression.expressions : [node.expression];
    for (const step of steps) {
      if (step.type === 'AssignmentExpression') followAssignment(machine, step, { alone: true });
      else machine.evaluate(step);
    }
  },
  VariableDeclaration: declare,
  FunctionDeclaration: () => undefined,
  ClassDeclaration: (machine, node) => {
    setName(machine, node.id.name, noteFunction(machine, node));
  },
  BlockStatement: (machine, node) => followAll(machine, node.body),
  LabeledStatement: (machine, node) => {
    if (machine.leftLabels.has(node.label.name)) {
      underDoubt(machine, { at: node.start, why: 'the block may be left before' }, () =>
        follow(machine, node.body),
      );
    } else follow(machine, node.body);
  },
  IfStatement: branch,
  SwitchStatement: choose,
  TryStatement: attempt,
  WhileStatement: (machine, node) => {
    if (truthOf(machine.evaluate(node.test)) === false) return;
    underDoubt(machine, repeatedAt(node), () => follow(machine, node.body));
  },
  DoWhileStatement: (machine, node) => {
    underDoubt(machine, repeatedAt(node), () => {
      follow(machine, node.body);
      machine.evaluate(node.test);
    });
  },
  ForStatement: loop,
  ForInStatement: iterate,
  ForOfStatement: iterate,
  ThrowStatement: (machine, node) => {
    machine.evaluate(node.argument);
    if (machine.doubt === undefined) throw stopsAt(machine, node.start, 'it throws');
  },
  WithStatement: (machine, node) => {
    leak(machine, machine.evaluate(node.object), node.object);
    const doubt = { at: node.start, why: 'names mean something else inside `with`' };
    underDoubt(machine, doubt, () => follow(machine, node.body));
  },
};

/** Follows a list of statements in order; its functions exist from the start. */
export function followAll(machine: Machine, statements: readonly AnyNode[]): void {
  for (const statement of statements) {
    if (statement.type !== 'FunctionDeclaration') continue;
    if (statement.id !== null) setName(machine, statement.id.name, noteFunction(machine, statement));
  }
  for (const statement of statements) {
    if (statement.type === 'ExpressionStatement' && statement.expression.type === 'AssignmentExpression') {
      followAssignment(machine, statement.expression, { alone: true, statement });
    } else follow(machine, statement);
  }
}

function follow(machine: Machine, statement: AnyNode): void {
  if (statement.type === 'ExpressionStatement' && statement.expression.type === 'Identifier') {
    refuseInclusion(machine, statement.expression);
  }
  const follower = FOLLOWERS[statement.type as Statement['type']] as
    | ((machine: Machine, node: AnyNode) => void)
    | undefined;
  if (follower !== undefined) follower(machine, statement);
  else for (const child of childrenOf(statement)) follow(machine, child);
}

function refuseInclusion(machine: Machine, name: AnyNode): void {
  if (!overlapsAny(name, machine.script.inclusions)) return;
  const at = positionAt(machine.script.text, name.start);
  throw new Refused('server-side-code', 'the web server puts code here that this file does not show', at);
}

/** Makes the names of the whole file known, and its labels. Names are `undefined` until their line is reached. */
export function hoistNames(machine: Machine): void {
  const topLevel = new Set<AnyNode>(machine.script.program.body);
  const waiting: AnyNode[] = [machine.script.program];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (runsLater(node)) continue;
    if (node.type === 'VariableDeclaration') {
      const whole = node.kind === 'var' || topLevel.has(node);
      for (const { id } of node.declarations) hoist(machine, id, whole);
    } else if (node.type === 'CatchClause' && node.param) hoist(machine, node.param, false);
    else if (node.type === 'BreakStatement' && node.label) machine.leftLabels.add(node.label.name);
    for (const child of childrenOf(node)) waiting.push(child);
  }
}

/** @param whole - Whether the names mean the same in the whole file. */
function hoist(machine: Machine, names: AnyNode, whole: boolean): void {
  for (const node of nodesWithin(names)) {
    if (node.type !== 'Identifier') continue;
    if (!whole && node.name === 'config') throw shadowed(machine, node.start);
    machine.names.set(node.name, { value: constantValue(undefined), constant: false });
  }
}

function shadowed(machine: Machine, offset: number): Refused {
  const at = positionAt(machine.script.text, offset);
  return new Refused(
    'shadowed-config',
    "this `config` is another one than the file's, valid in its block only",
    at,
  );
}

function declare(machine: Machine, { kind, declarations }: VariableDeclaration): void {
  for (const { id, init } of declarations) {
    if (init === null || init === undefined) continue;
    const value = machine.evaluate(init);
    assignTo(machine, id, value, { is: 'other', at: id.start });
    const name = id.type === 'Identifier' ? id.name : undefined;
    const binding = name === undefined ? undefined : machine.names.get(name);
    if (kind !== 'var' && kind !== 'let' && name !== undefined && binding !== undefined) {
      machine.names.set(name, { ...binding, constant: true });
    }
  }
}

function branch(machine: Machine, { test, consequent, alternate }: IfStatement): void {
  const truth = truthOf(machine.evaluate(test));
  const maybe = (statement: Statement | null | undefined): void => {
    if (statement === null || statement === undefined) return;
    if (truth === undefined) underDoubt(machine, conditionAt(test), () => follow(machine, statement));
    else follow(machine, statement);
  };
  if (truth !== false) maybe(consequent);
  if (truth !== true) maybe(alternate);
}

function choose(machine: Machine, { discriminant, cases }: SwitchStatement): void {
  machine.evaluate(discriminant);
  underDoubt(machine, conditionAt(discriminant), () => {
    for (const { test, consequent } of cases) {
      if (test !== null && test !== undefined) machine.evaluate(test);
      followAll(machine, consequent);
    }
  });
}

function attempt(machine: Machine, { block, handler, finalizer }: TryStatement): void {
  underDoubt(machine, { at: block.start, why: 'it may be left half-way' }, () => {
    followAll(machine, block.body);
    if (handler !== null && handler !== undefined) followAll(machine, handler.body.body);
  });
  if (finalizer !== null && finalizer !== undefined) followAll(machine, finalizer.body);
}

function loop(machine: Machine, node: ForStatement): void {
  if (node.init?.type === 'VariableDeclaration') declare(machine, node.init);
  else if (node.init) machine.evaluate(node.init);
  underDoubt(machine, repeatedAt(node), () => {
    for (const part of [node.test, node.update]) if (part) machine.evaluate(part);
    follow(machine, node.body);
  });
}

function iterate(machine: Machine, { left, right, body, start }: ForInStatement | ForOfStatement): void {
  machine.evaluate(right);
  underDoubt(machine, repeatedAt({ start }), () => {
    const target = left.type === 'VariableDeclaration' ? left.declarations[0]?.id : left;
    if (target !== undefined) assignTo(machine, target, UNKNOWN, { is: 'other', at: start });
    follow(machine, body);
  });
}

const repeatedAt = ({ start }: { readonly start: number }): Doubt => ({
  at: start,
  why: 'it is set in a loop',
});
