import type { Finding } from '../outcome.js';
import { foreignText, positionAt, readableText } from '../source.js';
import { type Answer, answersOf } from './answer.js';
import { examplesOf } from './example.js';
import { type Location, type LocationMatch, regexCount, writtenMatch } from './location.js';
import { compilePattern } from './matcher.js';
import { UnknownPattern } from './pattern.js';
import { readPattern } from './read-pattern.js';
import { pathOf, probes } from './probes.js';
import { described } from './routes.js';
import type { Server } from './server.js';

/** Bounds for files that nobody wrote by hand: how many locations are looked at, and how many findings are made. */
const mostTries = 5_000;
const mostFindings = 50;

/**
 * Locations of a server that answer none of the paths they are written for.
 *
 * For a fixed name these are the name and paths below it; for a regular expression, usual paths of a site and examples
 * made from the expression itself. Whether some other path reaches it is not proven, and the finding says so.
 */
export function unreachable(server: Server): readonly Finding[] {
  const answer = answersOf(server);
  const usual = [...probes([server])].slice(0, 300);
  const findings: Finding[] = [];
  for (const location of server.locations.all.slice(
    0,
    Math.ceil(mostTries / (1 + regexCount(server.locations))),
  )) {
    const paths = pathsFor(location, usual).map((path) => ({ path, answer: answer(path) }));
    if (paths.length === 0 || paths.some((each) => mayReach(each.answer, location))) continue;
    findings.push(findingFor(server, location, paths));
    if (findings.length === mostFindings) break;
  }
  return findings;
}

/** A path that was tried, and what answers it. */
interface Tried {
  readonly path: string;
  readonly answer: Answer;
}

function findingFor(server: Server, { match, block }: Location, paths: readonly Tried[]): Finding {
  const taken = paths.find(({ answer }) => isByRegex(server, answer));
  const shown = taken ?? paths[0];
  const instead = shown ? `; ${readableText(shown.path)} is answered by ${described(shown.answer)}` : '';
  return {
    code: taken && match.is === 'prefix' ? 'hidden-by-regex' : 'never-reached',
    at: positionAt(server.tree.text, block.start),
    breaks: `location ${readableText(writtenMatch(match))} answers none of ${paths.length} paths tried${instead}`,
    fix: fixFor(match, taken !== undefined),
  };
}

/** Whether one of the server's own regular expressions answers: the order of the file and `^~` decide about these alone. */
const isByRegex = (server: Server, answer: Answer): boolean =>
  answer.is === 'location' && server.locations.regex.some(({ block }) => within(answer.location, block));

function fixFor(match: LocationMatch, byRegex: boolean): string {
  if (byRegex && match.is === 'prefix')
    return `Write it as location ^~ ${readableText(match.name)}: regular expressions are tried before a plain prefix, wherever they stand.`;
  if (byRegex) return 'Move it before the location that answers instead, or take it out.';
  if (match.is !== 'regex' && !match.name.startsWith('/'))
    return 'Begin its path with "/", as every request does.';
  return 'Take it out, or give it another path: of fixed paths the longest decides, wherever they stand.';
}

const mayReach = (answer: Answer, { block }: Location): boolean =>
  answer.is === 'cannot-tell' ||
  answer.is === 'server-rewrite' ||
  ((answer.is === 'location' || answer.is === 'redirect') && within(answer.location, block));

/** Whether a location is that block, or stands in it. */
const within = ({ block }: Location, outer: Location['block']): boolean =>
  block.start >= outer.start && block.end <= outer.end;

/** Paths that a location is meant for, by its own words. */
function pathsFor({ match }: Location, usual: readonly string[]): readonly string[] {
  if (match.is === 'named') return [];
  if (match.is === 'regex') return matched(match, usual);
  const name = pathOf(match.name);
  if (match.is === 'exact') return [name];
  const below = name.endsWith('/') ? name : `${name}/`;
  return [name, `${below}x`, `${below}x/y`, `${below}x.css`, `${below}1/2/3.js`];
}

function matched(
  match: { readonly name: string; readonly caseless: boolean },
  usual: readonly string[],
): readonly string[] {
  try {
    const pattern = readPattern(match.name, match);
    const test = compilePattern(pattern);
    const made = examplesOf(pattern).map((text) => pathOf(text.startsWith('/') ? text : `/${text}`));
    return [...made, ...usual].filter((path) => test(foreignText(decodeURI(path.split('?')[0] ?? path))));
  } catch (error) {
    if (error instanceof UnknownPattern || error instanceof URIError) return [];
    throw error;
  }
}
