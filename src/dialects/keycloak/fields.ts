import { sameJson, type Json } from '../../lib/json.js';

/**
 * How one field is compared and written. Keycloak gives back absent, null and "" for the same thing, orders sets
 * as it likes and turns every attribute into text: only the canonical form is ever compared.
 *
 * - `flag`: absent means false. `number`. `text`: absent, null and "" are the same.
 * - `lower`: text that Keycloak keeps in lower case.
 * - `set`: a list without order.
 * - `attributes`: texts by name, written as a whole: a name that is not sent is removed (realms).
 * - `merged`: texts by name, written one by one: only "" removes (clients).
 * - `lists`: sets by name, written as a whole (users).
 * - `mappers`: protocol mappers by their type; a declared type's list is exact, other types are left alone.
 */
export type Rule =
  | 'flag'
  | 'number'
  | 'text'
  | 'lower'
  | 'set'
  | 'attributes'
  | 'merged'
  | 'lists'
  | 'mappers';

/** The fields of one representation that can be managed, and how. */
export type Table = Readonly<Record<string, Rule>>;

/** A protocol mapper of a client. Within its type it is known by `name` and `protocol`. */
export interface Mapper {
  readonly name: string;
  readonly protocol?: string;
  readonly config: Readonly<Record<string, string | number | boolean>>;
}

interface Values {
  readonly flag: boolean;
  readonly number: number;
  readonly text: string;
  readonly lower: string;
  readonly set: readonly string[];
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>;
  readonly merged: Readonly<Record<string, string | number | boolean | null>>;
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly mappers: Readonly<Record<string, readonly Mapper[]>>;
}

/** What a graph may declare of a representation: any of its fields. What is not declared is left alone. */
export type Declared<T extends Table> = { readonly [K in keyof T]?: Values[T[K]] };

/**
 * Declared fields by name, in canonical form. A field of a map has the map's name, a dot, and its own:
 * `attributes.frontendUrl`, `protocolMappers.oidc-audience-mapper`.
 */
export type Fields = { readonly [name: string]: Json };

/** An object of Keycloak's as it came, every field of it. */
export type Representation = Readonly<Record<string, Json>>;

const maps: ReadonlySet<Rule> = new Set<Rule>(['attributes', 'merged', 'lists', 'mappers']);

/** Brings declared values into canonical form. */
export function flatten<T extends Table>(table: T, declared: Declared<T>): Fields {
  const flat: Record<string, Json> = {};
  for (const [field, value] of Object.entries(declared as Readonly<Record<string, Json | undefined>>)) {
    if (value === undefined) continue;
    const rule = ruleOf(table, field);
    if (!maps.has(rule)) flat[field] = canonicalValue(rule, value);
    else
      for (const [key, item] of Object.entries(objectOf(value)))
        flat[`${field}.${key}`] = canonicalValue(rule, item);
  }
  return flat;
}

/** Reads the named fields out of a representation, in canonical form. */
export function pick(table: Table, representation: Representation, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.map((name) => {
      const [field, key] = split(name);
      const rule = ruleOf(table, field);
      const value = representation[field];
      if (rule === 'mappers')
        return [name, mappersOf(value).filter(isOfType(key)).map(canonicalMapper).sort(byName)];
      return [name, canonicalValue(rule, key === null ? value : objectOf(value)[key])];
    }),
  );
}

/** Names of the fields in which two states differ. */
export const differing = (from: Fields, to: Fields): readonly string[] =>
  Object.keys(to).filter((name) => !sameJson(from[name] ?? null, to[name] ?? null));

/**
 * What to send so that `fields` come true and nothing else changes: the fields themselves and, of a map that
 * Keycloak replaces as a whole, the rest of it as it is (masks like `**********` included: sent back, they keep
 * the value).
 */
export function patch(table: Table, representation: Representation, fields: Fields): Representation {
  const sent: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    const [field, key] = split(name);
    const rule = ruleOf(table, field);
    if (key === null) sent[field] = value ?? '';
    else if (rule === 'mappers')
      sent[field] = withMappers(sent[field] ?? representation[field], key, value ?? []);
    else
      sent[field] = withEntry(
        objectOf(sent[field] ?? representation[field]),
        key,
        entryOf(rule, value ?? null),
      );
  }
  return sent;
}

/** The entry as it is written; undefined: left out. */
function entryOf(rule: Rule, value: Json): Json | undefined {
  if (rule === 'merged') return value ?? '';
  return value === null || (Array.isArray(value) && value.length === 0) ? undefined : value;
}

function withEntry(map: Representation, key: string, value: Json | undefined): Representation {
  const others = Object.entries(map).filter(([name]) => name !== key);
  return Object.fromEntries(value === undefined ? others : [...others, [key, value]]);
}

function canonicalValue(rule: Rule, value: Json | undefined): Json {
  switch (rule) {
    case 'flag':
      return value === true || value === 'true';
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'text':
    case 'attributes':
    case 'merged':
      return textOf(value);
    case 'lower':
      return textOf(value)?.toLowerCase() ?? null;
    case 'set':
    case 'lists':
      return setOf(value);
    case 'mappers':
      return arrayOf(value)
        .map((mapper) => canonicalMapper(objectOf(mapper)))
        .sort(byName);
  }
}

/**
 * Absent flags of a mapper's config are false (Keycloak adds some by itself), so `false` is the same as nothing
 * there. Only the one for introspection follows another flag when it is absent.
 */
function canonicalMapper(mapper: Representation): Json {
  const config = Object.entries(objectOf(mapper['config']))
    .map(([key, value]) => [key, textOf(value)] as const)
    .filter(([key, value]) => value !== null && (value !== 'false' || key === 'introspection.token.claim'));
  return {
    name: textOf(mapper['name']),
    protocol: textOf(mapper['protocol']) ?? 'openid-connect',
    config: Object.fromEntries(config),
  };
}

/** The client's list of mappers with those of one type exchanged. One that stays the same keeps its id. */
function withMappers(there: Json | undefined, type: string, wanted: Json): Json {
  const mappers = mappersOf(there);
  const news = arrayOf(wanted).map((mapper) => {
    const same = mappers.find((old) => isOfType(type)(old) && sameJson(canonicalMapper(old), mapper));
    return same ?? { ...objectOf(mapper), protocolMapper: type };
  });
  return [...mappers.filter((old) => !isOfType(type)(old)), ...news];
}

const mappersOf = (value: Json | undefined): readonly Representation[] => arrayOf(value).map(objectOf);

const isOfType =
  (type: string | null) =>
  (mapper: Representation): boolean =>
    mapper['protocolMapper'] === type;

const byName = (a: Json, b: Json): number =>
  (textOf(objectOf(a)['name']) ?? '') < (textOf(objectOf(b)['name']) ?? '') ? -1 : 1;

const textOf = (value: Json | undefined): string | null =>
  value === undefined || value === null || value === '' || typeof value === 'object' ? null : String(value);

const setOf = (value: Json | undefined): readonly string[] =>
  [...new Set(arrayOf(value).flatMap((item) => textOf(item) ?? []))].sort();

const arrayOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

const objectOf = (value: Json | undefined): Representation =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Representation) : {};

/** A field's own name has no dot; the names of attributes may have several. */
function split(name: string): readonly [field: string, key: string] | readonly [field: string, key: null] {
  const dot = name.indexOf('.');
  return dot === -1 ? [name, null] : [name.slice(0, dot), name.slice(dot + 1)];
}

function ruleOf(table: Table, field: string): Rule {
  const rule = Object.hasOwn(table, field) ? table[field] : undefined;
  if (rule === undefined) throw new TypeError(`the field ${field} is not one that can be managed`);
  return rule;
}
