import type {
  AnyNode,
  AssignmentExpression,
  Expression,
  ExpressionStatement,
  Identifier,
  LogicalExpression,
  ObjectExpression,
  Property,
  TemplateLiteral,
  UnaryExpression,
} from 'acorn';
import { childrenOf, runsLater } from '../javascript/node.js';
import { overlapsAny } from '../javascript/script.js';
import { binaryValue } from './binary.js';
import { BROWSER_GLOBALS, WINDOW_NAMES } from './browser-globals.js';
import { followCall } from './calls.js';
import { noteFunction } from './functions.js';
import {
  blurObject,
  conditionAt,
  copyProperties,
  leak,
  nextMoment,
  stopsAt,
  underDoubt,
  type Machine,
} from './machine.js';
import { assignTo, computedKey, deletion, memberValue } from './members.js';
import { constantValue, THING, truthOf, UNKNOWN, type ObjectValue, type Value } from './value.js';

type Evaluators = {
  readonly [T in AnyNode['type']]?: (machine: Machine, node: Extract<AnyNode, { type: T }>) => Value;
};

const EVALUATORS: Evaluators = {
  Literal: (machine, node) => {
    if (overlapsAny(node, machine.script.inclusions)) return UNKNOWN;
    if (node.regex !== undefined) return THING;
    const { value } = node;
    return typeof value === 'bigint' || value instanceof RegExp ? UNKNOWN : constantValue(value);
  },
  Identifier: nameValue,
  TemplateLiteral: templateValue,
  ThisExpression: () => ({ is: 'window' }),
  ParenthesizedExpression: (machine, node) => machine.evaluate(node.expression),
  ObjectExpression: objectValue,
  ArrayExpression: (machine, node) => {
    for (const element of node.elements)
      if (element !== null) leak(machine, machine.evaluate(element), element);
    return THING;
  },
  UnaryExpression: unaryValue,
  UpdateExpression: (machine, node) => {
    machine.evaluate(node.argument);
    assignTo(machine, node.argument, UNKNOWN, { is: 'other', at: node.start });
    return UNKNOWN;
  },
  BinaryExpression: (machine, node) => {
    if (node.left.type === 'PrivateIdentifier') return UNKNOWN;
    const left = machine.evaluate(node.left);
    return binaryValue(machine, node.operator, left, machine.evaluate(node.right));
  },
  LogicalExpression: logicalValue,
  ConditionalExpression: (machine, node) => {
    const truth = truthOf(machine.evaluate(node.test));
    if (truth !== undefined) return machine.evaluate(truth ? node.consequent : node.alternate);
    const doubt = conditionAt(node.test);
    const values = [node.consequent, node.alternate].map((branch) =>
      underDoubt(machine, doubt, () => machine.evaluate(branch)),
    );
    for (const value of values) leak(machine, value, node);
    return UNKNOWN;
  },
  AssignmentExpression: (machine, node) => followAssignment(machine, node, { alone: false }),
  SequenceExpression: (machine, node) =>
    node.expressions.map((expression) => machine.evaluate(expression)).at(-1) ?? UNKNOWN,
  MemberExpression: (machine, node) => memberValue(machine, node, machine.evaluate(node.object)),
  ChainExpression: (machine, node) => machine.evaluate(node.expression),
  CallExpression: followCall,
  NewExpression: (machine, node) => {
    followCall(machine, node);
    return THING;
  },
  SpreadElement: (machine, node) => machine.evaluate(node.argument),
};

/** Follows an expression: what it changes, and what its value is as far as that is certain. */
export function evaluate(machine: Machine, node: AnyNode): Value {
  if (runsLater(node)) return noteFunction(machine, node);
  const evaluator = EVALUATORS[node.type] as ((machine: Machine, node: AnyNode) => Value) | undefined;
  if (evaluator !== undefined) return evaluator(machine, node);
  for (const child of childrenOf(node)) leak(machine, machine.evaluate(child), child);
  return UNKNOWN;
}

function nameValue(machine: Machine, node: Identifier): Value {
  const binding = machine.names.get(node.name);
  // `config` stays known here: an edit is refused anyway when a function sets it.
  const changes = node.name !== 'config' && machine.laterWrites.has(node.name);
  if (binding !== undefined) return changes ? UNKNOWN : binding.value;
  if (WINDOW_NAMES.has(node.name)) return { is: 'window' };
  if (node.name === 'undefined') return constantValue(undefined);
  const known = BROWSER_GLOBALS.has(node.name) || overlapsAny(node, machine.script.inclusions);
  if (known || machine.doubt !== undefined || node.name === 'config') return UNKNOWN;
  throw stopsAt(machine, node.start, `\`${node.name}\` is not defined`);
}

function templateValue(machine: Machine, node: TemplateLiteral): Value {
  const inserted = node.expressions.map((expression) => machine.evaluate(expression));
  if (overlapsAny(node, machine.script.inclusions)) return UNKNOWN;
  let text = '';
  for (const [index, quasi] of node.quasis.entries()) {
    text += quasi.value.cooked ?? '';
    const value = inserted[index];
    if (value === undefined) continue;
    if (value.is !== 'constant') return UNKNOWN;
    text += String(value.constant);
  }
  return constantValue(text);
}

function objectValue(machine: Machine, literal: ObjectExpression): Value {
  const object: ObjectValue = { is: 'object', literal, slots: new Map() };
  for (const property of literal.properties) {
    if (property.type === 'SpreadElement') {
      copyProperties(machine, object, machine.evaluate(property.argument), property.start);
    } else addProperty(machine, object, property);
  }
  return object;
}

function addProperty(machine: Machine, object: ObjectValue, node: Property): void {
  const value = machine.evaluate(node.value);
  const key = node.computed ? computedKey(machine.evaluate(node.key)) : memberName(node.key);
  if (key === undefined || (key === '__proto__' && !node.computed && !node.shorthand)) {
    blurObject(machine, object, {
      at: node.start,
      why: 'a property whose name or source is not known stands here',
    });
    return;
  }
  const writes = object.slots.get(key)?.writes ?? [];
  writes.push(
    node.kind === 'init' ? { is: 'property', node, within: object.literal } : { is: 'other', at: node.start },
  );
  object.slots.set(key, {
    value: node.kind === 'init' ? value : UNKNOWN,
    writes,
    moment: nextMoment(machine),
  });
}

function unaryValue(machine: Machine, node: UnaryExpression): Value {
  const { operator, argument } = node;
  if (operator === 'delete') return deletion(machine, argument);
  if (operator === 'typeof' && argument.type === 'Identifier' && !machine.names.has(argument.name))
    return UNKNOWN;
  const value = machine.evaluate(argument);
  const truth = truthOf(value);
  if (operator === '!') return truth === undefined ? UNKNOWN : constantValue(!truth);
  if (operator === 'void') return constantValue(undefined);
  if (operator === 'typeof') return typeName(value);
  if (operator === '-' && value.is === 'constant' && typeof value.constant === 'number') {
    return constantValue(-value.constant);
  }
  return UNKNOWN;
}

function typeName(value: Value): Value {
  if (value.is === 'constant') return constantValue(typeof value.constant);
  if (value.is === 'function') return constantValue('function');
  return value.is === 'object' || value.is === 'window' ? constantValue('object') : UNKNOWN;
}

function logicalValue(machine: Machine, node: LogicalExpression): Value {
  const left = machine.evaluate(node.left);
  const decided = decidesAlone(node.operator, left);
  if (decided === true) return left;
  if (decided === false) return machine.evaluate(node.right);
  const right = underDoubt(machine, conditionAt(node.left), () => machine.evaluate(node.right));
  if (right.is === 'object' && node.operator !== '&&') {
    // `known || { … }`: an object either way, but not certainly this one.
    blurObject(machine, right, { at: node.left.start, why: 'another object may stand in for it' });
    return right;
  }
  leak(machine, right, node.right);
  return UNKNOWN;
}

/** Whether the left side alone is the value of `&&`, `||` or `??`; `undefined` when that is not known. */
export function decidesAlone(operator: '&&' | '||' | '??', left: Value): boolean | undefined {
  if (operator === '??') {
    if (left.is === 'unknown') return undefined;
    return left.is !== 'constant' || (left.constant !== null && left.constant !== undefined);
  }
  const truth = truthOf(left);
  return truth === undefined ? undefined : truth === (operator === '||');
}

/** How the value of an assignment is used, when it is not: as a statement, or as a step in one. */
export interface Standing {
  readonly alone: boolean;
  /** The statement that is this assignment and nothing else, when it stands in a list of statements. */
  readonly statement?: ExpressionStatement;
}

/** Follows an assignment. */
export function followAssignment(machine: Machine, node: AssignmentExpression, standing: Standing): Value {
  const { operator, left, right } = node;
  if (operator === '=') {
    const value = machine.evaluate(right);
    assignTo(machine, left, value, { is: 'assignment', node, ...standing });
    return value;
  }
  const before = machine.evaluate(left);
  if (operator !== '&&=' && operator !== '||=' && operator !== '??=') {
    const added = machine.evaluate(right);
    const value = operator === '+=' ? binaryValue(machine, '+', before, added) : UNKNOWN;
    assignTo(machine, left, value, { is: 'other', at: node.start });
    return value;
  }
  const decided = decidesAlone(operator.slice(0, 2) as '&&' | '||' | '??', before);
  if (decided === true) return before;
  const assign = (): Value => {
    const value = machine.evaluate(right);
    assignTo(machine, left, value, { is: 'other', at: node.start });
    return value;
  };
  return decided === false ? assign() : underDoubt(machine, conditionAt(left), assign);
}

const memberName = (key: Expression): string | undefined =>
  key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined;
