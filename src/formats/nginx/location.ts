import { Refused } from '../outcome.js';
import { positionAt, type Span } from '../source.js';
import { argumentsOf, type Block, blocksNamed, type Item, type Tree } from './tree.js';

/** How a location is chosen. `prefix` with `noRegex` is written `^~`; a named one (`@name`) is never chosen by a path. */
export type LocationMatch =
  | { readonly is: 'exact'; readonly name: string }
  | { readonly is: 'prefix'; readonly name: string; readonly noRegex: boolean }
  | { readonly is: 'regex'; readonly name: string; readonly caseless: boolean }
  | { readonly is: 'named'; readonly name: string };

/** A location block with the locations nested in it. */
export interface Location {
  readonly match: LocationMatch;
  readonly block: Block;
  readonly nested: Locations;
}

/** The locations of one body: all in the order of the file, and by how nginx looks for them. */
export interface Locations {
  readonly all: readonly Location[];
  readonly exact: ReadonlyMap<string, Location>;
  readonly prefix: ReadonlyMap<string, Location>;
  readonly regex: readonly Location[];
}

/** The locations of a server's or location's body. Throws {@link Refused} for a malformed one. */
export function locationsIn(tree: Tree, items: readonly Item[]): Locations {
  const all = blocksNamed(tree, items, 'location').map((block): Location => {
    const match = matchOf(argumentsOf(block));
    if (!match) throw malformed(tree, block);
    return { match, block, nested: locationsIn(tree, block.children) };
  });
  const kind = (is: LocationMatch['is']): readonly Location[] => all.filter(({ match }) => match.is === is);
  const byName = (locations: readonly Location[]): ReadonlyMap<string, Location> =>
    new Map(locations.map((location) => [location.match.name, location]));
  return { all, exact: byName(kind('exact')), prefix: byName(kind('prefix')), regex: kind('regex') };
}

/** How many regular expressions stand among locations, nested ones too. */
export const regexCount = ({ all, regex }: Locations): number =>
  all.reduce((count, { nested }) => count + regexCount(nested), regex.length);

const malformed = (tree: Tree, block: Span): Refused => {
  const reason = 'nginx takes one path, or one of = ^~ ~ ~* and a path, after "location"';
  return new Refused('malformed-location', reason, positionAt(tree.text, block.start));
};

/** Reads a location's arguments as ngx_http_core_location does: `=/x` and `= /x` are the same. */
export function matchOf(words: readonly string[]): LocationMatch | undefined {
  const [first, second] = words;
  if (first === undefined || words.length > 2) return undefined;
  if (second !== undefined) return matchWith(first, second);
  if (first.startsWith('=')) return matchWith('=', first.slice(1));
  if (first.startsWith('^~')) return matchWith('^~', first.slice(2));
  if (first.startsWith('~*')) return matchWith('~*', first.slice(2));
  if (first.startsWith('~')) return matchWith('~', first.slice(1));
  if (first.startsWith('@')) return { is: 'named', name: first };
  return { is: 'prefix', name: first, noRegex: false };
}

function matchWith(modifier: string, name: string): LocationMatch | undefined {
  if (modifier === '=') return { is: 'exact', name };
  if (modifier === '^~') return { is: 'prefix', name, noRegex: true };
  if (modifier === '~' || modifier === '~*') return { is: 'regex', name, caseless: modifier === '~*' };
  return undefined;
}

/** Reads what a graph author writes: a modifier and a space, or none, and then the path as it is. */
export function parseMatch(written: string): LocationMatch {
  const found = /^(=|\^~|~\*|~) ([^]*)$/.exec(written);
  const match = found ? matchWith(found[1] ?? '', found[2] ?? '') : undefined;
  if (match) return match;
  return written.startsWith('@')
    ? { is: 'named', name: written }
    : { is: 'prefix', name: written, noRegex: false };
}

/** The modifier that a match is written with, or an empty text. */
export function modifierOf(match: LocationMatch): string {
  switch (match.is) {
    case 'exact':
      return '=';
    case 'prefix':
      return match.noRegex ? '^~' : '';
    case 'regex':
      return match.caseless ? '~*' : '~';
    case 'named':
      return '';
  }
}

/** How a match reads to a person: `^~ /realms/`. */
export const writtenMatch = (match: LocationMatch): string => `${modifierOf(match)} ${match.name}`.trim();

/** Whether nginx would refuse both in one server as duplicates (for a regex: whether the second could never answer). */
export const sameMatch = (one: LocationMatch, other: LocationMatch): boolean =>
  one.is === other.is &&
  one.name === other.name &&
  (one.is !== 'regex' || other.is !== 'regex' || one.caseless === other.caseless);
