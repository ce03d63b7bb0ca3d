import type { Complaint } from './complaint.js';
import { type Entry, type Located, pathText, type Place } from './located.js';
import { readScalar } from './yaml.js';

/** Lays `over` on `under`: maps key by key at every depth; anything else is replaced. Places are kept. */
export function merge(under: Located, over: Located): Located {
  if (under.is !== 'map' || over.is !== 'map') return over;
  const entries = new Map(under.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(
      key,
      below === undefined ? entry : { key: entry.key, value: merge(below.value, entry.value) },
    );
  }
  return { ...under, entries };
}

/** One `--set key.path=value`. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: Located;
}

/** Reads the `--set` flags. The value is one YAML scalar. */
export function readSettings(flags: readonly string[]): {
  readonly settings: readonly Setting[];
  readonly complaints: readonly Complaint[];
} {
  const settings: Setting[] = [];
  const complaints: Complaint[] = [];
  for (const flag of flags) {
    const [, name = '', text = ''] = /^([^=]*)=(.*)$/s.exec(flag) ?? [];
    const place: Place = { is: 'whole', of: `--set ${name === '' ? flag.slice(0, 40) : name}` };
    const path = name.split('.');
    const refused = settingRefused(path, text);
    if (refused === null)
      settings.push({ path, value: { is: 'scalar', place, value: readScalar(text), source: text } });
    else complaints.push({ place, ...refused });
  }
  return { settings, complaints };
}

function settingRefused(path: readonly string[], text: string): { message: string; help?: string } | null {
  if (path.some((key) => !/^[\w-]+$/.test(key))) {
    return { message: 'is not of the form key.path=value', help: 'for example --set keycloak.port=18081' };
  }
  const forbidden = path.find((key) => ['__proto__', 'constructor', 'prototype'].includes(key));
  if (forbidden !== undefined) return { message: `"${forbidden}" cannot be a key` };
  if (/^[[{]/.test(text)) {
    return { message: 'takes one plain value', help: 'lists and maps are written in the inventory' };
  }
  return null;
}

/** The variables with one value set, or why that cannot be: a list or a plain value is in the way. */
export function applySetting(vars: Located, { path, value }: Setting): Located | Complaint {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (vars.is !== 'map') {
    return {
      place: value.place,
      message: `cannot reach ${pathText(path)} inside a ${vars.is === 'list' ? 'list' : 'plain value'}`,
    };
  }
  const below = vars.entries.get(key)?.value ?? {
    is: 'map',
    place: value.place,
    entries: new Map<string, Entry>(),
  };
  const set: Located | Complaint = rest.length === 0 ? value : applySetting(below, { path: rest, value });
  if (!('is' in set)) return set;
  return { ...vars, entries: new Map(vars.entries).set(key, { key: value.place, value: set }) };
}
