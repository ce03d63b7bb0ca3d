import type { AnyNode, CallExpression, NewExpression } from 'acorn';
import { containment } from './binary.js';
import { blurObject, copyProperties, leak, stopsAt, type Machine } from './machine.js';
import { keyOf, memberValue } from './members.js';
import { UNKNOWN, type Value } from './value.js';

/** Calls of the language's own that read their arguments and change nothing. */
const READERS =
  /^(console\.\w+|JSON\.stringify|Object\.(keys|values|entries|hasOwn)|Array\.isArray|String|Boolean|Number)$/;
const SEALERS = /^Object\.(freeze|seal|preventExtensions|defineProperty|defineProperties|setPrototypeOf)$/;

/** Follows a call. The body of what is called is not followed: whatever it gets hold of is in doubt afterwards. */
export function followCall(machine: Machine, node: CallExpression | NewExpression): Value {
  const { callee } = node;
  const receiver = callee.type === 'MemberExpression' ? machine.evaluate(callee.object) : undefined;
  const called = calledValue(machine, node, receiver);
  const given = node.arguments.map((argument) => machine.evaluate(argument));
  const name = writtenName(node);
  const property = callee.type === 'MemberExpression' ? keyOf(machine, callee) : undefined;

  if (name === 'Object.assign') return assignAll(machine, node, given);
  if (SEALERS.test(name)) return sealed(given, node.start);
  if (name === 'Object.hasOwn' || name === 'Object.prototype.hasOwnProperty.call') {
    return containment(machine, given[1] ?? UNKNOWN, given[0] ?? UNKNOWN);
  }
  if (property === 'hasOwnProperty' && receiver !== undefined) {
    return containment(machine, given[0] ?? UNKNOWN, receiver);
  }
  if (READERS.test(name)) return UNKNOWN;
  for (const value of given) leak(machine, value, node);
  if (receiver !== undefined && called.is !== 'thing' && called.is !== 'constant')
    leak(machine, receiver, node);
  if (name === 'eval' || [called, ...given].some(reachesConfig)) leak(machine, configOf(machine), node);
  return UNKNOWN;
}

function calledValue(machine: Machine, node: CallExpression | NewExpression, receiver?: Value): Value {
  const { callee } = node;
  const called =
    callee.type === 'MemberExpression' && receiver !== undefined
      ? memberValue(machine, callee, receiver)
      : machine.evaluate(callee);
  const optional = node.type === 'CallExpression' && (node.optional || isOptionalMember(callee));
  if (called.is === 'constant' && machine.doubt === undefined && !optional) {
    throw stopsAt(machine, callee.start, 'what is called here is no function');
  }
  return called;
}

const isOptionalMember = (callee: AnyNode): boolean => callee.type === 'MemberExpression' && callee.optional;

function assignAll(machine: Machine, node: CallExpression | NewExpression, given: readonly Value[]): Value {
  const [target, ...sources] = given;
  if (target?.is !== 'object') return UNKNOWN;
  if (node.arguments.some((argument) => argument.type === 'SpreadElement')) {
    blurObject(machine, target, {
      at: node.start,
      why: 'properties that are not known are copied into it here',
    });
  } else for (const source of sources) copyProperties(machine, target, source, node.start);
  return target;
}

function sealed(given: readonly Value[], at: number): Value {
  const [target] = given;
  if (target?.is === 'object') target.frozen ??= at;
  return target ?? UNKNOWN;
}

const reachesConfig = (value: Value): boolean => value.is === 'function' && value.reaches;

const configOf = (machine: Machine): Value => machine.names.get('config')?.value ?? UNKNOWN;

/** `a.b.c` for a callee written like that; empty for any other. */
function writtenName({ callee }: CallExpression | NewExpression): string {
  const parts: string[] = [];
  let node: typeof callee = callee;
  while (node.type === 'MemberExpression') {
    if (node.computed || node.property.type !== 'Identifier') return '';
    parts.unshift(node.property.name);
    node = node.object;
  }
  return node.type === 'Identifier' ? [node.name, ...parts].join('.') : '';
}
