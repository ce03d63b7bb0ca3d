import { doubtAbout } from './machine.js';
import type { JitsiConfigModel } from './model.js';
import type { ObjectValue, Value } from './value.js';

/**
 * The path of a value that differs between two readings of a file, apart from the paths that were to change; `undefined`
 * when there is none. It catches code that gives two values at once, such as an object that is copied to two places.
 */
export function otherDifference(
  before: JitsiConfigModel,
  after: JitsiConfigModel,
  paths: readonly string[],
): string | undefined {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const isMeant = (name: string): boolean => paths.some((path) => `${name}.`.startsWith(`${path}.`));
  return [...old.keys(), ...now.keys()].find((name) => !isMeant(name) && old.get(name) !== now.get(name));
}

/** All values of `config` by their paths, each written so that it can be compared. An object is entered once only. */
function valuesOf(model: JitsiConfigModel): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const entered = new Set<ObjectValue>();
  const waiting: (readonly [string, ObjectValue])[] = [['', model.config]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [prefix, object] = next;
    if (entered.has(object)) continue;
    entered.add(object);
    for (const [key, slot] of object.slots) {
      const certain = doubtAbout(model.machine, object, key, slot) === undefined;
      values.set(prefix + key, certain ? written(slot.value) : 'in doubt');
      if (slot.value.is === 'object') waiting.push([`${prefix}${key}.`, slot.value]);
    }
  }
  return values;
}

const written = (value: Value): string =>
  value.is === 'constant' ? `${typeof value.constant} ${String(value.constant)}` : value.is;
