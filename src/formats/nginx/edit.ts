import { type EditOutcome, Refused } from '../outcome.js';
import { bytesOf, foreignText, indentAt, positionAt } from '../source.js';
import { argumentValue, type Statement, writeStatement, writeWord } from './argument.js';
import type { NginxEdit, RemoveLocation, SetLocation } from './edits.js';
import {
  type Change,
  changed,
  type Draft,
  hasBraceBelow,
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
import { findServer, type Server, type ServerChoice } from './server.js';
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
    const after = batchesOf(edits).reduce(apply, before);
    checkRoutes(before, after, edits);
    return after.text === before.text ? { is: 'already' } : { is: 'edited', bytes: bytesOf(after.text) };
  } catch (error) {
    if (error instanceof Refused) return { is: 'refused', refusal: error };
    throw error;
  }
}

/** Edits that say something about locations of one server and do not touch each other. */
interface Batch {
  readonly server: ServerChoice;
  readonly edits: readonly LocationEdit[];
}

type LocationEdit = SetLocation | RemoveLocation;

/** Reading a file anew after each edit is what takes the time in a large one: edits that allow it are made together. */
function batchesOf(edits: readonly NginxEdit[]): readonly Batch[] {
  const batches: { server: ServerChoice; edits: LocationEdit[] }[] = [];
  for (const edit of edits) {
    if (edit.is === 'expect-route') continue;
    const last = batches.at(-1);
    if (last && sameChoice(last.server, edit.server) && areApart([...last.edits, edit]))
      last.edits.push(edit);
    else batches.push({ server: edit.server, edits: [edit] });
  }
  return batches;
}

const sameChoice = (one: ServerChoice, other: ServerChoice): boolean =>
  one.domain === other.domain && one.tls === other.tls && one.port === other.port;

/** Whether none of these edits could change where another one goes: fixed names, all different, no anchor among them. */
function areApart(edits: readonly LocationEdit[]): boolean {
  const names = edits.map(({ match }) => parseMatch(match)).map(({ is, name }) => `${is} ${name}`);
  return (
    new Set(names).size === names.length &&
    edits.every(({ is, match }) => is === 'set-location' && !isAnchor(parseMatch(match)))
  );
}

function apply(tree: Tree, { server: choice, edits }: Batch): Tree {
  const server = findServer(tree, choice);
  const changes = edits.map((edit) => changeFor(server, edit)).filter((change) => change !== undefined);
  return changes.length > 0 ? parseNginxText(changed(tree.text, changes)) : tree;
}

function changeFor(server: Server, edit: LocationEdit): Change | undefined {
  const { tree } = server;
  const match = matchToWrite(edit.match);
  const present = server.locations.all.filter((location) => sameMatch(location.match, match));
  if (present.length > 1) throw severalLocations(tree, present, match);
  const [location] = present;
  if (edit.is === 'set-location') return setLocation(server, match, edit.body, location);
  return location && removeBlock(tree.text, location.block);
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

function setLocation(
  server: Server,
  match: LocationMatch,
  body: readonly Statement[],
  present: Location | undefined,
): Change | undefined {
  const { text } = server.tree;
  const draft = draftOf(server, match, body);
  if (present) return readsAs(present, match, body) ? undefined : replaceBlock(text, present.block, draft);
  const anchor = anchorOf(server.locations.all);
  const items = server.block.children;
  if (anchor) return insertBefore(text, items, anchor.block, draft);
  const sibling = items.findLast((item) => startsItsLine(text, item.start));
  const indent = indentAt(text, sibling?.start ?? server.block.start) + (sibling ? '' : draft.step);
  return insertLast(text, server.block.body.end, indent, draft);
}

/** A location laid out as the first one of the server is, or as the server itself. */
function draftOf(
  { tree: { text }, locations, block }: Server,
  match: LocationMatch,
  body: readonly Statement[],
): Draft {
  const neighbours = [...locations.all.map((location) => location.block), block];
  return {
    head: ['location', modifierOf(match), writeWord(match.name)].filter((part) => part !== '').join(' '),
    statements: body.map(writeStatement),
    step: indentStep(text, neighbours),
    braceBelow: hasBraceBelow(text, neighbours[0] ?? block),
  };
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

const isAnchor = ({ is, name }: LocationMatch): boolean => is === 'regex' || anchorPaths.includes(name);

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
