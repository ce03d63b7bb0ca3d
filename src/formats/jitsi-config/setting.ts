import type { JavaScriptValue } from '../javascript/encode.js';
import { Refused } from '../outcome.js';
import { textOf, type Position } from '../source.js';
import { findPlace, readModel, readPlace, whereWritten, type JitsiConfigModel, type Place } from './model.js';

/** A value of a config.js that is certain, and where it is written. */
export interface Setting {
  readonly value: JavaScriptValue;
  readonly at: Position;
}

/** The value of an option (`hosts.domain`); `undefined` when it is absent, not certain, or no plain value. */
export function settingOf(model: JitsiConfigModel, option: string): Setting | undefined {
  const place = placeOf(model, option);
  if (place?.slot === undefined) return undefined;
  const reading = readPlace(model, place);
  return reading.is === 'value' ? { value: reading.value, at: whereWritten(model, place.slot) } : undefined;
}

/** The place of an option; `undefined` when what is on the way to it is absent or not certain. */
export function placeOf(model: JitsiConfigModel, option: string): Place | undefined {
  try {
    return findPlace(model, option.split('.'));
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/**
 * What a browser gets for an option (`hosts.domain`) of a config.js; `undefined` when it is absent, not certain, or no
 * plain value.
 *
 * @throws {Refused} When the file cannot be read.
 */
export const jitsiConfigValue = (source: Uint8Array, option: string): JavaScriptValue | undefined =>
  settingOf(readModel(textOf(source)), option)?.value;
