import { Refused } from '../outcome.js';
import { foreignText, type Position, positionAt, readableText } from '../source.js';
import { type Answer, answersOf } from './answer.js';
import type { ExpectRoute, NginxEdit, SetLocation } from './edits.js';
import { type LocationMatch, parseMatch, regexCount, sameMatch } from './location.js';
import { pathOf, probes } from './probes.js';
import { type RegexTest, regexTests } from './regex-test.js';
import { requestPath } from './request-path.js';
import { findServer, type Server, type ServerChoice } from './server.js';
import type { Tree } from './tree.js';

/** A server before and after the edits, each with its answers. */
interface Sides {
  readonly was: Side;
  readonly now: Side;
}

interface Side {
  readonly server: Server;
  readonly answer: (path: string) => Answer;
}

/**
 * Throws {@link Refused} unless the edited file answers as it should: every expectation among the edits holds, and
 * every location that was set is reached, and every other path of {@link probes} that no edit names is answered by the
 * same location, with the same text, as before.
 */
export function checkRoutes(before: Tree, after: Tree, edits: readonly NginxEdit[]): void {
  const test = regexTests();
  for (const { server: choice, edits: own } of byServer(edits)) {
    const sides: Sides = { was: sideOf(before, choice, test), now: sideOf(after, choice, test) };
    const expectations = own.filter((edit) => edit.is === 'expect-route');
    for (const expectation of expectations) checkExpectation(sides, expectation);
    const settled = new Set(expectations.map(({ path }) => path));
    const meant = own.flatMap((edit) =>
      edit.is === 'expect-route' ? [] : [{ is: edit.is, match: parseMatch(foreignText(edit.match)) }],
    );
    const named = meant.map(({ match }) => match);
    for (const edit of own) if (edit.is === 'set-location') checkReached(sides.now, edit, named);
    for (const path of probes([sides.was.server, sides.now.server], named)) {
      const uri = requestPath(path, sides.now.server);
      const isMeant = uri !== undefined && meant.some((edit) => names(edit, uri, test));
      if (!isMeant && !settled.has(path)) checkUnchanged(sides, path);
    }
  }
}

/** More than any real site has; every one of them may have to be tried for every path. */
const mostRegexes = 2000;

function sideOf(tree: Tree, choice: ServerChoice, test: RegexTest): Side {
  const server = findServer(tree, choice);
  const regexes = regexCount(server.locations);
  if (regexes > mostRegexes) {
    const reason = `this server has ${regexes} regular expressions; routes are checked for up to ${mostRegexes}`;
    throw new Refused('too-many-locations', reason, positionAt(tree.text, server.block.start));
  }
  return { server, answer: answersOf(server, test) };
}

function byServer(
  edits: readonly NginxEdit[],
): readonly { server: ServerChoice; edits: readonly NginxEdit[] }[] {
  const keyOf = ({ domain, tls, port }: ServerChoice): string => JSON.stringify([domain, tls, port]);
  const choices = new Map(edits.map(({ server }) => [keyOf(server), server]));
  return [...choices].map(([key, server]) => ({
    server,
    edits: edits.filter((edit) => keyOf(edit.server) === key),
  }));
}

/** An edit of a location, with its match as it will stand in the file. */
interface Meant {
  readonly is: 'set-location' | 'remove-location';
  readonly match: LocationMatch;
}

/** Whether an edit is about a decoded path. Taking a location out also takes away the redirect one slash short of it. */
function names({ is, match }: Meant, uri: string, test: RegexTest): boolean {
  if (match.is === 'named') return false;
  if (match.is === 'regex') return test(match, uri);
  if (is === 'remove-location' && `${uri}/` === match.name) return true;
  return match.is === 'exact' ? uri === match.name : uri.startsWith(match.name);
}

function checkExpectation(sides: Sides, { path, answeredBy }: ExpectRoute): void {
  if (answeredBy === 'as-before') {
    checkUnchanged(sides, path);
    return;
  }
  if (answeredBy === 'any') return;
  const answer = sides.now.answer(path);
  if (answer.is === 'location' && sameAsWritten(answer.location.match, answeredBy)) return;
  const reason = `${path} should be answered by location ${answeredBy}, but would be answered by ${described(answer)}`;
  throw new Refused('wrong-route', reason, placeOf(sides.now.server, answer));
}

/** The path that a location is named after must be answered by it, or by another location of the same edits. */
function checkReached(
  { server, answer }: Side,
  { match }: SetLocation,
  named: readonly LocationMatch[],
): void {
  const { is, name } = parseMatch(foreignText(match));
  if (is !== 'exact' && is !== 'prefix') return;
  const path = pathOf(name);
  const found = answer(path);
  if (found.is === 'location' && named.some((each) => sameMatch(each, found.location.match))) return;
  const reason = `location ${match} would not be reached: ${path} would be answered by ${described(found)}`;
  throw new Refused('not-reached', reason, placeOf(server, found));
}

function sameAsWritten(match: LocationMatch, written: string): boolean {
  const wanted = parseMatch(foreignText(written));
  const strict = match.is !== 'prefix' || wanted.is !== 'prefix' || match.noRegex === wanted.noRegex;
  return strict && sameMatch(match, wanted);
}

function checkUnchanged({ was, now }: Sides, path: string): void {
  const [old, next] = [was.answer(path), now.answer(path)];
  if (identity(was.server, old) === identity(now.server, next)) return;
  const reason = `${path} is answered by ${described(old)} and would then be answered by ${described(next)}`;
  throw new Refused('route-changed', reason, placeOf(now.server, next));
}

/** Equal for two answers when the same text of the file gives them. */
function identity(server: Server, answer: Answer): string {
  if (answer.is === 'location' || answer.is === 'redirect') {
    const { start, end } = answer.location.block;
    return `${answer.is} ${server.tree.text.slice(start, end)}`;
  }
  if (answer.is === 'cannot-tell') return `${answer.is} ${answer.reason}`;
  return answer.is === 'server-rewrite' ? `${answer.is} ${answer.written}` : answer.is;
}

/** How an answer reads in a sentence: `location = /x (line 12)`. */
export function described(answer: Answer): string {
  switch (answer.is) {
    case 'location':
      return `location ${readableText(answer.match)} (line ${answer.at.line})`;
    case 'redirect':
      return `a redirect to location ${readableText(answer.match)} (line ${answer.at.line})`;
    case 'server':
      return 'the server itself';
    case 'server-rewrite':
      return `"${readableText(answer.written)}" of the server (line ${answer.at.line})`;
    case 'bad-request':
      return 'an error 400';
    case 'cannot-tell':
      return `what cannot be told (line ${answer.at.line}: ${readableText(answer.reason)})`;
  }
}

const placeOf = (server: Server, answer: Answer): Position =>
  'at' in answer ? answer.at : positionAt(server.tree.text, server.block.start);
