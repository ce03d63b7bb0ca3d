import type { Expression, PrivateIdentifier, Property } from 'acorn';
import {
  encodeAccess,
  encodeKey,
  encodeValue,
  sameValue,
  type JavaScriptValue,
  type Quote,
} from '../javascript/encode.js';
import { hasSideEffects, propertyKey } from '../javascript/node.js';
import { Refused } from '../outcome.js';
import { NOTHING, type Plan } from './plan.js';
import { insertAfter } from './literal.js';
import {
  findPlace,
  inDoubt,
  nameOf,
  readPlace,
  whereWritten,
  type JitsiConfigModel,
  type Path,
  type Place,
} from './model.js';
import type { Splice } from './splice.js';
import type { ObjectValue, Slot, Write } from './value.js';

// The property of `hosts` that every config.js has, and after which jitsi-meet's own sample puts `anonymousdomain`.
const ANCHOR = 'domain';

/** Plans how a value comes to be the wanted one. */
export function planSet(model: JitsiConfigModel, path: Path, wanted: JavaScriptValue): Plan {
  const place = findPlace(model, path);
  if (place === undefined) {
    const parent = nameOf(path.slice(0, -1));
    throw new Refused('no-parent', `\`${parent}\` is not set in this file`, { line: 1, column: 1 });
  }
  const { object, slot } = place;
  const reading = readPlace(model, place);
  if (reading.is === 'value' && sameValue(reading.value, wanted)) return NOTHING;
  if (slot === undefined && object.frozen === undefined) return planAddition(model, path, place, wanted);
  if (reading.is === 'in-doubt') throw inDoubt(model.script.text, nameOf(path), reading.doubt);
  return slot === undefined ? NOTHING : planChange(model, path, slot, wanted);
}

function planAddition(
  model: JitsiConfigModel,
  path: Path,
  { object, key }: Place,
  wanted: JavaScriptValue,
): Plan {
  const anchor = object.open === undefined && path.length > 1 ? anchorOf(object) : undefined;
  if (anchor === undefined) {
    const access = path.map(encodeAccess).join('');
    return { splices: [], lines: [`config${access} = ${encodeValue(wanted)};`] };
  }
  const name = isDoublyQuoted(anchor.key) ? encodeKey(key, '"') : encodeKey(key);
  const added = `${name}: ${encodeValue(wanted, quoteOf(anchor.value, anchor.key))}`;
  return { splices: insertAfter(model.script, object.literal, anchor, added), lines: [], inList: true };
}

function anchorOf({ literal }: ObjectValue): Property | undefined {
  return literal.properties.findLast(
    (property): property is Property => property.type === 'Property' && propertyKey(property) === ANCHOR,
  );
}

function planChange(model: JitsiConfigModel, path: Path, slot: Slot, wanted: JavaScriptValue): Plan {
  if (typeof wanted === 'object' && slot.value.is === 'object' && hasSameKeys(slot.value, wanted)) {
    const plans = Object.entries(wanted).map(([key, value]) => planSet(model, [...path, key], value));
    return { splices: plans.flatMap(({ splices }) => splices), lines: plans.flatMap(({ lines }) => lines) };
  }
  const write = slot.writes.at(-1);
  if (write === undefined || !isReplaceable(write)) {
    const reason = `\`${nameOf(path)}\` is set here by code that no editor can change safely`;
    throw new Refused('computed-value', reason, whereWritten(model, slot));
  }
  return { splices: [replaceValue(model, write, wanted)], lines: [] };
}

function hasSameKeys(object: ObjectValue, wanted: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(wanted);
  return (
    keys.length === object.slots.size &&
    object.open === undefined &&
    keys.every((key) => object.slots.has(key))
  );
}

type Replaceable = Exclude<Write, { readonly is: 'other' }>;

function isReplaceable(write: Write): write is Replaceable {
  if (write.is === 'other') return false;
  return write.is === 'property'
    ? !hasSideEffects(write.node.value)
    : write.alone && !hasSideEffects(write.node.right);
}

function replaceValue(model: JitsiConfigModel, write: Replaceable, wanted: JavaScriptValue): Splice {
  const value = write.is === 'property' ? write.node.value : write.node.right;
  const encoded = encodeValue(wanted, quoteOf(value, write.is === 'property' ? write.node.key : undefined));
  if (write.is === 'property' && (write.node.shorthand || write.node.method)) {
    const { key, start, end, computed } = write.node;
    const written = model.script.text.slice(key.start, key.end);
    return { start, end, replacement: `${computed ? `[${written}]` : written}: ${encoded}` };
  }
  return { start: value.start, end: value.end, replacement: encoded };
}

/** The quotes of the strings that stand in the file, so that ours look like them. */
const quoteOf = (...beside: readonly (Expression | PrivateIdentifier | undefined)[]): Quote =>
  beside.some(isDoublyQuoted) ? '"' : "'";

const isDoublyQuoted = (expression: Expression | PrivateIdentifier | undefined): boolean =>
  expression?.type === 'Literal' && expression.raw?.startsWith('"') === true;
