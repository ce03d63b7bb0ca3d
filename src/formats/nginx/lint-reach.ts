import type { Finding } from '../outcome.js';
import { foreignText, positionAt, readableText } from '../source.js';
import { type Answer, answersOf } from './answer.js';
import { examplesOf } from './example.js';
import { type Location, writtenMatch } from './location.js';
import { compilePattern } from './matcher.js';
import { UnknownPattern } from './pattern.js';
import { readPattern } from './read-pattern.js';
import { described, pathOf, probes } from './routes.js';
import type { Server } from './server.js';

/**
 * Locations of a server that answer none of the paths they are written for.
 *
 * For a fixed name these are the name and paths below it; for a regular expression, usual paths of a site and examples
 * made from the expression itself. Whether some other path reaches it is not proven, and the finding says so.
 */
export function unreachable(server: Server): readonly Finding[] {
  const answer = answersOf(server);
  const usual = [...probes(server)];
  return server.locations.flatMap((location): readonly Finding[] => {
    const paths = pathsFor(location, usual).map((path) => ({ path, answer: answer(path) }));
    if (paths.length === 0 || paths.some((each) => mayReach(each.answer, location))) return [];
    const [{ path, answer: winner }] = paths as [(typeof paths)[0]];
    const written = readableText(writtenMatch(location.match));
    return [
      {
        code: location.match.is === 'prefix' ? 'hidden-by-regex' : 'never-reached',
        at: positionAt(server.tree.text, location.block.start),
        breaks: `location ${written} answers none of ${paths.length} paths tried; ${readableText(path)} is answered by ${described(winner)}`,
        fix:
          location.match.is === 'prefix'
            ? `Write it as location ^~ ${written}: regular expressions are tried before a plain prefix, wherever they stand.`
            : 'Move it before the location that answers instead, or take it out.',
      },
    ];
  });
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
