import type { AnyNode, Expression, MemberExpression } from 'acorn';
import { memberKey } from '../javascript/node.js';
import { BROWSER_GLOBALS } from './browser-globals.js';
import {
  blurObject,
  deleteProperty,
  noteStrayWrite,
  readProperty,
  setName,
  stopsAt,
  writeProperty,
  type Machine,
} from './machine.js';
import { constantValue, UNKNOWN, type Value, type Write } from './value.js';

/** The value of `object.key` or `object[key]`. */
export function memberValue(machine: Machine, node: MemberExpression, object: Value): Value {
  const key = keyOf(machine, node);
  if (object.is === 'constant' && (object.constant === undefined || object.constant === null)) {
    if (node.optional) return constantValue(undefined);
    if (machine.doubt === undefined)
      throw stopsAt(machine, node.object.end, `it is ${String(object.constant)}`);
  }
  if (key === undefined) return UNKNOWN;
  if (object.is === 'window') return machine.names.get(key)?.value ?? UNKNOWN;
  return object.is === 'object' ? readProperty(machine, object, key) : UNKNOWN;
}

/** The property that a member expression names, when it is certain. */
export function keyOf(machine: Machine, node: MemberExpression): string | undefined {
  if (node.property.type === 'PrivateIdentifier') return undefined;
  return node.computed ? computedKey(machine.evaluate(node.property)) : memberKey(node);
}

export function deletion(machine: Machine, argument: Expression): Value {
  if (argument.type !== 'MemberExpression') return machine.evaluate(argument);
  const object = machine.evaluate(argument.object);
  const key = keyOf(machine, argument);
  if (object.is === 'object') {
    if (key === undefined)
      blurObject(machine, object, { at: argument.start, why: 'something in it is deleted here' });
    else deleteProperty(machine, object, key, argument.start);
  } else if (object.is === 'window' && key !== undefined) machine.names.delete(key);
  return UNKNOWN;
}

/** Gives a value to what stands on the left of `=`. */
export function assignTo(machine: Machine, target: AnyNode, value: Value, write: Write): void {
  if (target.type === 'Identifier') assignToName(machine, target, value);
  else if (target.type === 'MemberExpression') assignToMember(machine, target, value, write);
  else if (target.type === 'ParenthesizedExpression') assignTo(machine, target.expression, value, write);
  else assignToPattern(machine, target);
}

function assignToName(
  machine: Machine,
  target: { readonly name: string; readonly start: number },
  value: Value,
): void {
  const binding = machine.names.get(target.name);
  const certain = machine.doubt === undefined;
  if (binding?.constant === true && certain) {
    throw stopsAt(machine, target.start, `\`${target.name}\` is a constant`);
  }
  if (binding === undefined && machine.strict && certain && !BROWSER_GLOBALS.has(target.name)) {
    throw stopsAt(machine, target.start, `\`${target.name}\` is not defined`);
  }
  setName(machine, target.name, value);
}

function assignToMember(machine: Machine, target: MemberExpression, value: Value, write: Write): void {
  const object = machine.evaluate(target.object);
  const key = keyOf(machine, target);
  if (object.is === 'object') {
    if (key !== undefined) writeProperty(machine, { object, key }, value, write);
    else
      blurObject(machine, object, {
        at: target.start,
        why: 'a property whose name is not known is set here',
      });
  } else if (object.is === 'window' && key !== undefined) setName(machine, key, value);
  else if (object.is === 'constant' && (object.constant === undefined || object.constant === null)) {
    const cause = `${String(object.constant)} has no properties`;
    if (machine.doubt === undefined) throw stopsAt(machine, target.start, cause);
  } else if (key !== undefined) noteStrayWrite(machine, key, target.start);
}

/** `[a, b.c] = …`, `({ x: a } = …)`: every target in it gets something that is not followed. */
function assignToPattern(machine: Machine, pattern: AnyNode): void {
  for (const target of targetsWithin(pattern)) {
    if (target !== null) assignTo(machine, target, UNKNOWN, { is: 'other', at: pattern.start });
  }
}

function targetsWithin(pattern: AnyNode): readonly (AnyNode | null)[] {
  if (pattern.type === 'ObjectPattern') {
    return pattern.properties.map((each) => (each.type === 'Property' ? each.value : each.argument));
  }
  if (pattern.type === 'ArrayPattern') return pattern.elements;
  if (pattern.type === 'AssignmentPattern') return [pattern.left];
  return pattern.type === 'RestElement' ? [pattern.argument] : [];
}

/** The property name that a computed key comes to. */
export const computedKey = (value: Value): string | undefined =>
  value.is === 'constant' ? String(value.constant) : undefined;
