import type { JavaScriptScalar, JavaScriptValue } from '../javascript/encode.js';
import { parseScript, tooDeep, type Script } from '../javascript/script.js';
import { Refused } from '../outcome.js';
import { positionAt, type Position } from '../source.js';
import { evaluate } from './expressions.js';
import { doubtAbout, FROZEN, startMachine, type Machine, type Target } from './machine.js';
import { followAll, hoistNames } from './statements.js';
import type { Doubt, ObjectValue, Slot, Value } from './value.js';

/** What a config.js leaves in `config` when a browser has run it. */
export interface JitsiConfigModel {
  readonly script: Script;
  readonly machine: Machine;
  readonly config: ObjectValue;
}

/** The names on the way from `config` to a value: `['hosts', 'domain']`. */
export type Path = readonly string[];

/** What is known of one value. */
export type Reading =
  | { readonly is: 'absent' }
  | { readonly is: 'value'; readonly value: JavaScriptValue }
  /** There is something, but it is no value that an editor writes: an expression, an array, a function. */
  | { readonly is: 'other' }
  | { readonly is: 'in-doubt'; readonly doubt: Doubt };

/** Where a value stands or would stand. */
export interface Place extends Target {
  readonly slot: Slot | undefined;
}

/**
 * Reads a config.js.
 *
 * @throws {Refused} `syntax`, `template`, `no-config`, `stops-early` and others: see the codes where they are made.
 */
export function readModel(text: string): JitsiConfigModel {
  const script = parseScript(text);
  const machine = startMachine(script, evaluate);
  try {
    hoistNames(machine);
    followAll(machine, script.program.body);
  } catch (error) {
    if (isStackOverflow(error)) throw tooDeep({ line: 1, column: 1 });
    throw error;
  }
  return { script, machine, config: boundConfig(machine) };
}

/** Whether an error is the one that the engine throws when its stack is used up. */
const isStackOverflow = (error: unknown): boolean =>
  error instanceof RangeError && error.message.includes('call stack');

function boundConfig(machine: Machine): ObjectValue {
  const binding = machine.names.get('config');
  const start = { line: 1, column: 1 };
  if (binding?.doubt !== undefined) throw inDoubt(machine.script.text, 'config', binding.doubt);
  const written = machine.laterWrites.get('config');
  if (written !== undefined && (binding === undefined || binding.value.is === 'constant')) {
    const reason = '`config` is made inside a function here, and when that runs cannot be told';
    throw new Refused('set-by-function', reason, positionAt(machine.script.text, written));
  }
  if (binding === undefined || binding.value.is === 'constant') {
    throw new Refused(
      'no-config',
      'nothing in this file makes `config` an object; it is not a config.js',
      start,
    );
  }
  if (binding.value.is !== 'object') {
    throw new Refused('computed-config', '`config` is made by code that is not followed', start);
  }
  return binding.value;
}

/** The refusal of a value that is not certain. */
export const inDoubt = (text: string, name: string, { at, why }: Doubt): Refused =>
  new Refused('in-doubt', `what \`${name}\` is cannot be told: ${why}`, positionAt(text, at));

/** The place of a value; `undefined` when an object on the way to it does not exist. */
export function findPlace(model: JitsiConfigModel, path: Path): Place | undefined {
  let object = model.config;
  for (const [depth, key] of path.entries()) {
    const slot = object.slots.get(key);
    if (depth === path.length - 1) return { object, key, slot };
    if (slot === undefined) return undefined;
    const name = nameOf(path.slice(0, depth + 1));
    const doubt = doubtAbout(model.machine, object, key, slot);
    if (doubt !== undefined) throw inDoubt(model.script.text, name, doubt);
    if (slot.value.is !== 'object') throw notAnObject(model, name, slot);
    object = slot.value;
  }
  return undefined;
}

function notAnObject(model: JitsiConfigModel, name: string, slot: Slot): Refused {
  return new Refused(
    'not-an-object',
    `\`${name}\` is not an object that stands in the file`,
    whereWritten(model, slot),
  );
}

/** Where the write that wins stands. */
export function whereWritten(model: JitsiConfigModel, { writes }: Slot): Position {
  const last = writes.at(-1);
  const at = last === undefined ? 0 : last.is === 'other' ? last.at : last.node.start;
  return positionAt(model.script.text, at);
}

/** What the value of a place is. */
export function readPlace(model: JitsiConfigModel, { object, key, slot }: Place): Reading {
  if (object.frozen !== undefined) return { is: 'in-doubt', doubt: { at: object.frozen, why: FROZEN } };
  if (slot === undefined) {
    return object.open === undefined ? { is: 'absent' } : { is: 'in-doubt', doubt: object.open };
  }
  const doubt = doubtAbout(model.machine, object, key, slot);
  if (doubt !== undefined) return { is: 'in-doubt', doubt };
  const value = settledValue(model, slot.value);
  return value === undefined ? { is: 'other' } : { is: 'value', value };
}

function settledValue(model: JitsiConfigModel, value: Value): JavaScriptValue | undefined {
  if (value.is !== 'object') return scalarOf(value);
  if (value.open !== undefined) return undefined;
  const entries: [string, JavaScriptScalar][] = [];
  for (const [key, slot] of value.slots) {
    const scalar = scalarOf(slot.value);
    if (scalar === undefined || doubtAbout(model.machine, value, key, slot) !== undefined) return undefined;
    entries.push([key, scalar]);
  }
  return Object.fromEntries(entries);
}

function scalarOf(value: Value): JavaScriptScalar | undefined {
  if (value.is !== 'constant' || value.constant === null || value.constant === undefined) return undefined;
  return value.constant;
}

/** A path as it is written in code: `config.hosts.domain`. */
export const nameOf = (path: Path): string => ['config', ...path].join('.');
