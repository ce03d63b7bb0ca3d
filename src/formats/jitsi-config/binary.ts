import type { BinaryOperator } from 'acorn';
import { doubtAbout, readProperty, type Machine } from './machine.js';
import { constantValue, UNKNOWN, type Constant, type Value } from './value.js';

/** The value of `left operator right`, as far as it is certain. */
export function binaryValue(machine: Machine, operator: BinaryOperator, left: Value, right: Value): Value {
  if (operator === 'in') return containment(machine, left, right);
  if (left.is === 'unknown' || right.is === 'unknown') return UNKNOWN;
  if (left.is === 'constant' && right.is === 'constant') {
    return constantResult(operator, left.constant, right.constant);
  }
  // One side at least is an object: never equal to a constant without a conversion, and never to another object.
  const nullish = [left, right].some((side) => side.is === 'constant' && isNullish(side.constant));
  const differ = left.is === 'constant' || right.is === 'constant';
  if (differ && (operator === '===' || (operator === '==' && nullish))) return constantValue(false);
  if (differ && (operator === '!==' || (operator === '!=' && nullish))) return constantValue(true);
  return UNKNOWN;
}

/** Whether `key` is a property of `object`, when that is certain. */
export function containment(machine: Machine, key: Value, object: Value): Value {
  if (key.is !== 'constant' || object.is !== 'object') return UNKNOWN;
  const name = String(key.constant);
  const slot = object.slots.get(name);
  if (slot !== undefined) {
    return doubtAbout(machine, object, name, slot) === undefined ? constantValue(true) : UNKNOWN;
  }
  return readProperty(machine, object, name).is === 'constant' ? constantValue(false) : UNKNOWN;
}

function constantResult(operator: BinaryOperator, left: Constant, right: Constant): Value {
  if (operator === '===') return constantValue(left === right);
  if (operator === '!==') return constantValue(left !== right);
  if (operator === '==' || operator === '!=') {
    const equal = looselyEqual(left, right);
    return equal === undefined ? UNKNOWN : constantValue(equal === (operator === '=='));
  }
  if (operator !== '+') return UNKNOWN;
  if (typeof left === 'number' && typeof right === 'number') return constantValue(left + right);
  const joins = typeof left === 'string' || typeof right === 'string';
  return joins ? constantValue(String(left) + String(right)) : UNKNOWN;
}

/** `==`; `undefined` where it would convert one side. */
function looselyEqual(left: Constant, right: Constant): boolean | undefined {
  if (typeof left === typeof right || isNullish(left) || isNullish(right)) {
    return left === right || (isNullish(left) && isNullish(right));
  }
  return undefined;
}

const isNullish = (constant: Constant): boolean => constant === null || constant === undefined;
