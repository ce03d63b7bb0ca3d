import type { AnyNode } from 'acorn';
import { Refused } from '../outcome.js';
import { positionAt } from '../source.js';
import type { Script } from '../javascript/script.js';
import {
  constantValue,
  doubtOf,
  THING,
  UNKNOWN,
  type Doubt,
  type ObjectValue,
  type Slot,
  type Value,
  type Write,
} from './value.js';

/**
 * What is known while the file is followed statement by statement, without running any of it.
 *
 * Code that may or may not run (a branch on something unknown, a loop, a `try`) only ever adds doubt. So a value without
 * doubt is one that every run of the file arrives at.
 */
export interface Machine {
  readonly script: Script;
  /** Follows an expression; see `expressions.ts`. It is reached through here because the parts of it need the whole. */
  readonly evaluate: (node: AnyNode) => Value;
  readonly names: Map<string, Binding>;
  /** Property names that functions of the file assign to, each with the offset. Such code may run at any time. */
  readonly laterWrites: Map<string, number>;
  /** The labels that some `break` leaves. */
  readonly leftLabels: Set<string>;
  /** Set while following code that may not run. */
  doubt?: Doubt;
  /** Whether the file is in strict mode, where only a known name can be assigned to. */
  readonly strict: boolean;
  /** Counts the writes. */
  moment: number;
  /** Property names assigned to on objects that are not followed, each with the last time and place. */
  readonly strayWrites: Map<string, Doubt & { readonly moment: number }>;
}

/** A top-level name. */
export interface Binding {
  readonly value: Value;
  readonly constant: boolean;
  readonly doubt?: Doubt;
}

export function startMachine(script: Script, evaluator: (machine: Machine, node: AnyNode) => Value): Machine {
  const machine: Machine = {
    script,
    evaluate: (node) => evaluator(machine, node),
    names: new Map(),
    laterWrites: new Map(),
    leftLabels: new Set(),
    strict: script.program.body.some(
      (node) => node.type === 'ExpressionStatement' && node.directive === 'use strict',
    ),
    moment: 0,
    strayWrites: new Map(),
  };
  return machine;
}

/**
 * The refusal of a file in which nothing after `offset` ever runs. Lines of ours above it would run, but nobody could sign in:
 * static/sso.html of jitsi-meet has its own code in the same script, after the included config.js.
 */
export const stopsAt = (machine: Machine, offset: number, cause: string): Refused =>
  new Refused(
    'stops-early',
    `the browser stops reading the file here (${cause}): nothing below this line takes effect, and the sign-in page, which includes the file, stops too`,
    positionAt(machine.script.text, offset),
  );

/** Follows code that may not run. */
export function underDoubt<T>(machine: Machine, doubt: Doubt, follow: () => T): T {
  const before = machine.doubt;
  machine.doubt = before ?? doubt;
  try {
    return follow();
  } finally {
    if (before === undefined) delete machine.doubt;
    else machine.doubt = before;
  }
}

/** Gives a name its value. */
export function setName(machine: Machine, name: string, value: Value): void {
  const before = machine.names.get(name);
  const constant = before?.constant ?? false;
  if (machine.doubt === undefined) machine.names.set(name, { value, constant });
  else machine.names.set(name, { value: UNKNOWN, constant, doubt: machine.doubt });
}

/** A property of an object, when the object certainly has it under that name and nothing casts doubt on it. */
export function readProperty(machine: Machine, object: ObjectValue, key: string): Value {
  const slot = object.slots.get(key);
  if (machine.laterWrites.has(key)) return UNKNOWN;
  if (slot !== undefined) return doubtAbout(machine, object, key, slot) === undefined ? slot.value : UNKNOWN;
  if (object.open !== undefined || machine.strayWrites.has(key)) return UNKNOWN;
  return key in Object.prototype ? THING : constantValue(undefined);
}

/** Why the value of a slot is not certain, all things considered. */
export function doubtAbout(
  machine: Machine,
  object: ObjectValue,
  key: string,
  slot: Slot,
): Doubt | undefined {
  const own = doubtOf(object, slot);
  if (own !== undefined) return own;
  const stray = machine.strayWrites.get(key);
  return stray !== undefined && stray.moment > slot.moment ? stray : undefined;
}

/** A property of an object, whether it exists or not. */
export interface Target {
  readonly object: ObjectValue;
  readonly key: string;
}

/** Gives a property its value, by certain code or by code that may not run. */
export function writeProperty(machine: Machine, { object, key }: Target, value: Value, write: Write): void {
  const before = object.slots.get(key);
  const writes = before?.writes ?? [];
  writes.push(write);
  const moment = nextMoment(machine);
  const doubt =
    machine.doubt ?? (object.frozen === undefined ? undefined : { at: object.frozen, why: FROZEN });
  object.slots.set(
    key,
    doubt === undefined ? { value, writes, moment } : { value: UNKNOWN, writes, moment, doubt },
  );
}

export const FROZEN = 'the object is frozen or sealed here';

/** Takes a property away. */
export function deleteProperty(machine: Machine, object: ObjectValue, key: string, at: number): void {
  const slot = object.slots.get(key);
  if (machine.doubt === undefined && object.frozen === undefined) object.slots.delete(key);
  else if (slot !== undefined) {
    object.slots.set(key, {
      ...slot,
      doubt: { at, why: 'it may be deleted here' },
      moment: nextMoment(machine),
    });
  }
}

/** Notes that code which is not followed may have changed anything in an object. */
export function blurObject(machine: Machine, object: ObjectValue, doubt: Doubt): void {
  object.blur = { ...doubt, moment: nextMoment(machine) };
  object.open ??= doubt;
}

/** Notes that a value went where it is not followed. */
export function leak(machine: Machine, value: Value, { start }: { readonly start: number }): void {
  if (value.is === 'object')
    blurObject(machine, value, { at: start, why: 'other code gets hold of it here' });
}

/** The doubt about code behind a condition that is not known. */
export const conditionAt = (test: { readonly start: number }): Doubt => ({
  at: test.start,
  why: 'it depends on a condition',
});

/** Copies all properties of one value over those of an object, as `{ ...source }` and `Object.assign` do. */
export function copyProperties(machine: Machine, target: ObjectValue, source: Value, at: number): void {
  if (source.is === 'constant') return;
  if (source.is !== 'object' || source.open !== undefined || machine.doubt !== undefined) {
    blurObject(machine, target, { at, why: 'properties that are not known are copied into it here' });
    return;
  }
  for (const [key, slot] of source.slots) {
    const writes = [...(target.slots.get(key)?.writes ?? []), ...slot.writes];
    target.slots.set(key, { ...slot, writes, moment: nextMoment(machine) });
  }
}

/** Notes an assignment to a property of an object that is not followed; it may be one of ours under another name. */
export function noteStrayWrite(machine: Machine, key: string, at: number): void {
  const why = `something that is not followed gets a \`${key}\` here`;
  machine.strayWrites.set(key, { at, why, moment: nextMoment(machine) });
}

export function nextMoment(machine: Machine): number {
  machine.moment += 1;
  return machine.moment;
}
