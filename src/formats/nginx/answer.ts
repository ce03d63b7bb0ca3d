import { positionAt, type Position, type Span } from '../source.js';
import { type Location, writtenMatch } from './location.js';
import { compilePattern } from './matcher.js';
import { UnknownPattern } from './pattern.js';
import { readPattern } from './read-pattern.js';
import { requestPath } from './request-path.js';
import type { Server } from './server.js';
import { argumentsOf, type Directive, directivesNamed } from './tree.js';

/** What may still change an answer and cannot be told from this file: an `include`, or a condition of the server. */
export interface Caveat {
  readonly is: 'include' | 'condition';
  readonly at: Position;
  /** The directive as it reads, up to its block. */
  readonly written: string;
}

/** What nginx does with a request for a path, before it runs the chosen location's own directives. */
export type Answer = { readonly caveats: readonly Caveat[] } & (
  | { readonly is: 'location'; readonly match: string; readonly location: Location; readonly at: Position }
  /** A location that ends in `/` and proxies: nginx answers 301 with the `/` added, whatever the location says. */
  | { readonly is: 'redirect'; readonly match: string; readonly location: Location; readonly at: Position }
  /** No location matches: the server's own directives answer. */
  | { readonly is: 'server' }
  /** A `return` or `rewrite` of the server answers before any location is looked at. */
  | { readonly is: 'server-rewrite'; readonly written: string; readonly at: Position }
  /** nginx answers 400. */
  | { readonly is: 'bad-request' }
  | { readonly is: 'cannot-tell'; readonly reason: string; readonly at: Position }
);

/**
 * Which location of a server answers a request for `path` (with or without a query).
 *
 * By ngx_http_core_find_location (nginx, src/http/ngx_http_core_module.c): an exact location, else the longest prefix
 * and what is nested in it, unless a regex in the order of the file matches and the prefix is not `^~`.
 * What `include`d files hold is not known here: each stands among the caveats.
 */
export const answeringLocation = (server: Server, path: string): Answer => answersOf(server)(path);

/** The same for many paths of one server: each regular expression is compiled once. */
export function answersOf(server: Server): (path: string) => Answer {
  const test = patternTests();
  const caveats = caveatsOf(server);
  return (path) => {
    const uri = requestPath(path, { mergeSlashes: server.mergeSlashes });
    if (uri === undefined) return { is: 'bad-request', caveats };
    try {
      return answerFor(server, uri, test, caveats);
    } catch (error) {
      if (!(error instanceof CannotTell)) throw error;
      return {
        is: 'cannot-tell',
        reason: error.message,
        at: positionAt(server.tree.text, error.span.start),
        caveats,
      };
    }
  };
}

function answerFor(server: Server, uri: string, test: PatternTest, caveats: readonly Caveat[]): Answer {
  const rewrite = rewriteOf(server, uri, test);
  if (rewrite) return { is: 'server-rewrite', ...shown(server, rewrite), caveats };
  const found = find(server.locations, uri, test);
  if (!found.location) return { is: 'server', caveats };
  const { location } = found;
  return {
    is: found.is === 'redirect' ? 'redirect' : 'location',
    match: writtenMatch(location.match),
    location,
    at: positionAt(server.tree.text, location.block.start),
    caveats: [...caveats, ...includesIn(server, location.block.children)],
  };
}

class CannotTell extends Error {
  override readonly name = 'CannotTell';
  readonly span: Span;

  constructor(reason: string, span: Span) {
    super(reason);
    this.span = span;
  }
}

/** `final` ends the search (an exact location, a regex); after `prefix` and `none` the outer regexes are tried. */
interface Found {
  readonly is: 'final' | 'redirect' | 'prefix' | 'none';
  readonly location?: Location;
}

function find(locations: readonly Location[], uri: string, test: PatternTest): Found {
  let found = findStatic(locations, uri);
  const prefix = found.is === 'prefix' ? found.location : undefined;
  if (prefix) found = { location: prefix, ...find(prefix.nested, uri, test) };
  if (found.is === 'final' || found.is === 'redirect') return found;
  if (prefix?.match.is === 'prefix' && prefix.match.noRegex) return found;
  const regex = locations.find(({ match, block }) => match.is === 'regex' && test(match, uri, block));
  return regex ? { location: regex, ...find(regex.nested, uri, test), is: 'final' } : found;
}

/** As ngx_http_core_find_static_location: exact, else the same name, else a `/` short of a proxied one, else the longest prefix. */
function findStatic(locations: readonly Location[], uri: string): Found {
  const exact = locations.find(({ match }) => match.is === 'exact' && match.name === uri);
  if (exact) return { is: 'final', location: exact };
  let longest: Location | undefined;
  for (const location of locations) {
    if (location.match.is !== 'prefix' || !uri.startsWith(location.match.name)) continue;
    if (!longest || location.match.name.length > longest.match.name.length) longest = location;
  }
  if (longest?.match.name === uri) return { is: 'prefix', location: longest };
  const slashed = locations.filter(
    ({ match }) => (match.is === 'exact' || match.is === 'prefix') && match.name === `${uri}/`,
  );
  const redirecting = slashed.some((location) => passes(location));
  const chosen = slashed.find(({ match }) => match.is === 'exact') ?? slashed[0];
  if (redirecting && chosen) return { is: 'redirect', location: chosen };
  return longest ? { is: 'prefix', location: longest } : { is: 'none' };
}

/** The directives that make nginx redirect to a location's name when only its last `/` is missing. */
const passDirectives = [
  'proxy_pass',
  'fastcgi_pass',
  'uwsgi_pass',
  'scgi_pass',
  'grpc_pass',
  'memcached_pass',
];

const passes = (location: Location): boolean =>
  passDirectives.some((name) => directivesNamed(location.block.children, name).length > 0);

/** Whether a regular expression is found in a path. Throws {@link CannotTell} for one that is not modelled. */
type PatternTest = (
  regex: { readonly name: string; readonly caseless: boolean },
  uri: string,
  at: Span,
) => boolean;

function patternTests(): PatternTest {
  const known = new Map<string, (uri: string) => boolean>();
  return ({ name, caseless }, uri, at) => {
    const key = `${caseless} ${name}`;
    try {
      const test = known.get(key) ?? compilePattern(readPattern(name, { caseless }));
      known.set(key, test);
      return test(uri);
    } catch (error) {
      if (!(error instanceof UnknownPattern)) throw error;
      throw new CannotTell(
        `the regular expression ${name} holds ${error.message}, which is not modelled`,
        at,
      );
    }
  };
}

/** The first directive of the server's rewrite phase that surely answers. Throws {@link CannotTell} where one changes the path. */
function rewriteOf(server: Server, uri: string, test: PatternTest): Directive | undefined {
  for (const item of server.block.children) {
    if (item.is !== 'simple') continue;
    if (item.name === 'break') return undefined;
    if (item.name === 'return') return item;
    if (item.name !== 'rewrite') continue;
    const [pattern = '', replacement = '', flag = ''] = argumentsOf(item);
    if (!test({ name: pattern, caseless: false }, uri, item)) continue;
    if (/^(redirect|permanent)$/.test(flag) || /^(https?:\/\/|\$scheme)/.test(replacement)) return item;
    throw new CannotTell('a rewrite of the server changes this path', item);
  }
  return undefined;
}

const caveatsOf = (server: Server): readonly Caveat[] => [
  ...includesIn(server, server.block.children),
  ...server.block.children
    .filter(
      (item) =>
        item.is !== 'comment' && (item.name === 'if' || item.name.startsWith('server_rewrite_by_lua')),
    )
    .map((item): Caveat => ({ is: 'condition', ...shown(server, item) })),
];

const includesIn = (server: Server, items: Server['block']['children']): readonly Caveat[] =>
  directivesNamed(items, 'include').map((item) => ({ is: 'include', ...shown(server, item) }));

function shown(server: Server, item: Span): { written: string; at: Position } {
  const written = server.tree.text.slice(item.start, item.end).split('{')[0]?.trim() ?? '';
  return { written, at: positionAt(server.tree.text, item.start) };
}
