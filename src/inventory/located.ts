/** Where a value was written. Lines and columns count from 1. */
export type Place =
  | { readonly is: 'line'; readonly file: string; readonly line: number; readonly column: number }
  /** A whole file, or a flag of the command line. */
  | { readonly is: 'whole'; readonly of: string };

/** A value that remembers where it was written. */
export type Located =
  | { readonly is: 'map'; readonly place: Place; readonly entries: ReadonlyMap<string, Entry> }
  | { readonly is: 'list'; readonly place: Place; readonly items: readonly Located[] }
  | {
      readonly is: 'scalar';
      readonly place: Place;
      readonly value: Scalar;
      /** The characters that were written, before YAML made them a number or a boolean. */
      readonly source: string;
    };

/** A key with its own place. */
export interface Entry {
  readonly key: Place;
  readonly value: Located;
}

/** What a single value of YAML's core schema can be. */
export type Scalar = null | boolean | number | string;

/** The way to a value: keys of maps, indexes of lists. */
export type Path = readonly (string | number)[];

/** A map with nothing in it. */
export const emptyMap = (place: Place): Located => ({ is: 'map', place, entries: new Map() });

/** The value without its places. With `dropNull`, a key with nothing after it counts as absent. */
export function plainOf(located: Located, { dropNull = false } = {}): unknown {
  switch (located.is) {
    case 'scalar':
      return located.value;
    case 'list':
      return located.items.map((item) => plainOf(item, { dropNull }));
    case 'map':
      return Object.fromEntries(
        [...located.entries]
          .filter(([, { value }]) => !(dropNull && value.is === 'scalar' && value.value === null))
          .map(([key, { value }]) => [key, plainOf(value, { dropNull })]),
      );
  }
}

/** The value at a path; null when the path leads nowhere. */
export function valueAt(located: Located, path: Path): Located | null {
  let here: Located | undefined = located;
  for (const step of path) here = here && child(here, step)?.value;
  return here ?? null;
}

/** The place of the deepest part of a path that exists, and whether that is the whole path. */
export function deepest(located: Located, path: Path): { readonly place: Place; readonly whole: boolean } {
  let here = located;
  for (const step of path) {
    const next = child(here, step);
    if (next === undefined) return { place: here.place, whole: false };
    here = next.value;
  }
  return { place: here.place, whole: true };
}

/** The place of a key in the map at a path, else the nearest place there is. */
export function keyPlace(located: Located, path: Path, key: string): Place {
  const map = valueAt(located, path);
  const entry = map?.is === 'map' ? map.entries.get(key) : undefined;
  return entry?.key ?? deepest(located, path).place;
}

function child(located: Located, step: string | number): Entry | undefined {
  if (located.is === 'map') return located.entries.get(String(step));
  const item = located.is === 'list' && typeof step === 'number' ? located.items[step] : undefined;
  return item && { key: item.place, value: item };
}

/** `hosts.meet-1.users[0]`. */
export const pathText = (path: Path): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[\w-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
