import type { Span } from '../source.js';
import type { Location, Locations } from './location.js';
import { UnknownPattern } from './pattern.js';
import type { Regex, RegexTest } from './regex-test.js';
import { directivesNamed } from './tree.js';

/** What a search among locations came to: none, one that answers, or one whose missing `/` nginx adds by a redirect. */
export interface FoundLocation {
  readonly is: 'location' | 'redirect';
  readonly location?: Location;
}

/** The search met a regular expression that is not modelled. */
export class CannotTell extends Error {
  override readonly name = 'CannotTell';
  readonly span: Span;

  constructor(reason: string, span: Span) {
    super(reason);
    this.span = span;
  }
}

/** A regex test that says where it gave up. Throws {@link CannotTell}. */
export type TestAt = (regex: Regex, uri: string, at: Span) => boolean;

/** Makes a {@link TestAt} of a plain test. */
export const placed =
  (test: RegexTest): TestAt =>
  (regex, uri, at) => {
    try {
      return test(regex, uri);
    } catch (error) {
      if (!(error instanceof UnknownPattern)) throw error;
      throw new CannotTell(
        `the regular expression ${regex.name} holds ${error.message}, which is not modelled`,
        at,
      );
    }
  };

/**
 * Finds the location for a decoded path.
 *
 * By ngx_http_core_find_location (nginx, src/http/ngx_http_core_module.c). Throws {@link CannotTell}.
 */
export function findLocation(locations: Locations, uri: string, test: TestAt): FoundLocation {
  const { is, location } = find(locations, uri, test);
  return { is: is === 'redirect' ? 'redirect' : 'location', ...(location && { location }) };
}

/** `final` ends the search (an exact location, a regex); after `prefix` and `none` the outer regexes are tried. */
interface Step {
  readonly is: 'final' | 'redirect' | 'prefix' | 'none';
  readonly location?: Location;
}

function find(locations: Locations, uri: string, test: TestAt): Step {
  let found = findStatic(locations, uri);
  const prefix = found.is === 'prefix' ? found.location : undefined;
  if (prefix) found = { location: prefix, ...find(prefix.nested, uri, test) };
  if (found.is === 'final' || found.is === 'redirect') return found;
  if (prefix?.match.is === 'prefix' && prefix.match.noRegex) return found;
  const regex = locations.regex.find(({ match, block }) => match.is === 'regex' && test(match, uri, block));
  return regex ? { location: regex, ...find(regex.nested, uri, test), is: 'final' } : found;
}

/**
 * As ngx_http_core_find_static_location: the exact location, else the prefix of the same name, else a redirect to
 * one that proxies and is only a `/` longer, else the longest prefix.
 */
function findStatic({ exact, prefix }: Locations, uri: string): Step {
  const equal = exact.get(uri);
  if (equal) return { is: 'final', location: equal };
  const same = prefix.get(uri);
  if (same) return { is: 'prefix', location: same };
  const slashed = [exact.get(`${uri}/`), prefix.get(`${uri}/`)].filter((location) => location !== undefined);
  const [first] = slashed;
  if (first && slashed.some(passes)) return { is: 'redirect', location: first };
  for (let length = uri.length - 1; length >= 0; length -= 1) {
    const longest = prefix.get(uri.slice(0, length));
    if (longest) return { is: 'prefix', location: longest };
  }
  return { is: 'none' };
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

const passes = ({ block }: Location): boolean =>
  passDirectives.some((name) => directivesNamed(block.children, name).length > 0);
