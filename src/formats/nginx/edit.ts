import { type EditOutcome, Refused } from '../outcome.js';
import { bytesOf, foreignText, indentAt, positionAt } from '../source.js';
import { argumentValue, type Statement, writeStatement, writeWord } from './argument.js';
import type { NginxEdit } from './edits.js';
import {
  type Change,
  changed,
  type Draft,
  indentStep,
  insertBefore,
  insertLast,
  removeBlock,
  replaceBlock,
  startsItsLine,
} from './layout.js';
import {
  type Location,
  type LocationMatch,
  modifierOf,
  parseMatch,
  sameMatch,
  writtenMatch,
} from './location.js';
import { UnknownPattern } from './pattern.js';
import { readPattern } from './read-pattern.js';
import type { Regex } from './regex-test.js';
import { checkRoutes } from './routes.js';
import { findServer, type Server } from './server.js';
import { parseNginx, parseNginxText, type Tree } from './tree.js';

/**
 * Makes all edits, or none.
 *
 * A location that already reads the same stays byte for byte. One with the same path but other directives is written
 * anew where it stands; comments inside it are lost then. A new one goes before the location of Jitsi's websocket, or
 * its nearest kin. Before anything is returned, every path that no edit names must be answered as it was.
 */
export function editNginx(source: Uint8Array, edits: readonly NginxEdit[]): EditOutcome {
  try {
    const before = parseNginx(source);
    const after = edits.reduce(apply, before);
    checkRoutes(before, after, edits);
    return after.text === before.text ? { is: 'already' } : { is: 'edited', bytes: bytesOf(after.text) };
  } catch (error) {
    if (error instanceof Refused) return { is: 'refused', refusal: error };
    throw error;
  }
}

function apply(tree: Tree, edit: NginxEdit): Tree {
  if (edit.is === 'expect-route') return tree;
  const server = findServer(tree, edit.server);
  const match = matchToWrite(edit.match);
  const present = server.locations.all.filter((location) => sameMatch(location.match, match));
  if (present.length > 1) throw severalLocations(tree, present, match);
  const change =
    edit.is === 'set-location'
      ? setLocation(server, match, edit.body, present[0])
      : removed(tree, present[0]);
  return change ? parseNginxText(changed(tree.text, change)) : tree;
}

function severalLocations(tree: Tree, present: readonly Location[], match: LocationMatch): Refused {
  const lines = present.map(({ block }) => `line ${positionAt(tree.text, block.start).line}`).join(', ');
  const reason = `location ${writtenMatch(match)} stands several times in this server (${lines})`;
  return new Refused('several-locations', reason, positionAt(tree.text, present[1]?.block.start ?? 0));
}

/** A match from a graph author. The name is text, whatever it holds: it is written as one word. */
function matchToWrite(written: string): LocationMatch {
  const match = parseMatch(foreignText(written));
  const fits = match.is === 'regex' ? isModelled(match) : match.is === 'named' || match.name.startsWith('/');
  if (fits) return match;
  const reason = `${JSON.stringify(written)} is no location that can be written: give a path, or one of = ^~ ~ ~* and a path or a plain regular expression`;
  throw new Refused('unwritable', reason, { line: 1, column: 1 });
}

/** A regular expression that cannot be read could not be checked for what it takes away. */
function isModelled(regex: Regex): boolean {
  try {
    readPattern(regex.name, regex);
    return regex.name !== '';
  } catch (error) {
    if (error instanceof UnknownPattern) return false;
    throw error;
  }
}

const removed = (tree: Tree, location: Location | undefined): Change | undefined =>
  location && removeBlock(tree.text, location.block);

function setLocation(
  server: Server,
  match: LocationMatch,
  body: readonly Statement[],
  present: Location | undefined,
): Change | undefined {
  const { text } = server.tree;
  const step = indentStep(text, [...server.locations.all.map(({ block }) => block), server.block]);
  const draft = draftOf(match, body, step);
  if (present) return readsAs(present, match, body) ? undefined : replaceBlock(text, present.block, draft);
  const anchor = anchorOf(server.locations.all);
  const items = server.block.children;
  if (anchor) return insertBefore(text, items, anchor.block, draft);
  const sibling = items.findLast((item) => startsItsLine(text, item.start));
  const indent = indentAt(text, sibling?.start ?? server.block.start) + (sibling ? '' : step);
  return insertLast(text, server.block.body.end, indent, draft);
}

function draftOf(match: LocationMatch, body: readonly Statement[], step: string): Draft {
  const head = ['location', modifierOf(match), writeWord(match.name)].filter((part) => part !== '').join(' ');
  return { head, statements: body.map(writeStatement), step };
}

/** Whether a location already is what would be written; comments and spacing in it do not count. */
function readsAs({ match, block }: Location, wanted: LocationMatch, body: readonly Statement[]): boolean {
  const items = block.children.filter((item) => item.is !== 'comment');
  return (
    modifierOf(match) === modifierOf(wanted) &&
    items.length === body.length &&
    body.every(([name, ...args], index) => {
      const item = items[index];
      const words = [name, ...args.map(argumentValue)];
      return (
        item?.is === 'simple' &&
        item.words.length === words.length &&
        item.words.every((word, place) => word.value === words[place])
      );
    })
  );
}

/** The locations of a Jitsi site that sign-in belongs beside, best first. */
const anchorPaths = ['/xmpp-websocket', '/http-bind'];

/** The location to write before: exact, else prefix, else a regex that names one of the paths, else the first regex. */
function anchorOf(locations: readonly Location[]): Location | undefined {
  for (const path of anchorPaths) {
    const found =
      locations.find(({ match }) => match.is === 'exact' && match.name === path) ??
      locations.find(({ match }) => match.is === 'prefix' && match.name === path) ??
      locations.find(({ match }) => match.is === 'regex' && match.name.includes(path.slice(1)));
    if (found) return found;
  }
  return locations.find(({ match }) => match.is === 'regex');
}
