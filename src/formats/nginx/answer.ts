import { positionAt, type Position, type Span } from '../source.js';
import { CannotTell, findLocation, placed, type TestAt } from './find-location.js';
import { type Location, writtenMatch } from './location.js';
import { regexTests } from './regex-test.js';
import { requestPath } from './request-path.js';
import type { Server } from './server.js';
import { argumentsOf, directivesNamed, type Item, type Simple } from './tree.js';

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

/** The same for many paths, or many servers with the same `regexTest`: each regular expression is compiled once. */
export function answersOf(server: Server, regexTest = regexTests()): (path: string) => Answer {
  const view: View = {
    server,
    test: placed(regexTest),
    caveats: [...includesIn(server, server.block.children), ...conditionsIn(server)],
    rewrites: server.block.children
      .filter((item) => item.is === 'simple')
      .filter(({ name }) => isRewrite(name)),
  };
  return (path) => {
    const uri = requestPath(path, { mergeSlashes: server.mergeSlashes });
    if (uri === undefined) return { is: 'bad-request', caveats: view.caveats };
    try {
      return answerFor(view, uri);
    } catch (error) {
      if (error instanceof CannotTell) return cannotTell(view, error);
      throw error;
    }
  };
}

/** What is worked out once for a server. */
interface View {
  readonly server: Server;
  readonly test: TestAt;
  readonly caveats: readonly Caveat[];
  readonly rewrites: readonly Simple[];
}

const isRewrite = (name: string): boolean => name === 'return' || name === 'rewrite' || name === 'break';

// The places below are worked out when somebody asks: counting lines is slow in a large file, and few are shown.

function answerFor(view: View, uri: string): Answer {
  const { server, test, caveats } = view;
  const rewrite = rewriteOf(view, uri);
  if (rewrite)
    return {
      is: 'server-rewrite',
      caveats,
      ...writtenOf(server, rewrite),
      get at() {
        return placeOf(server, rewrite);
      },
    };
  const { is, location } = findLocation(server.locations, uri, test);
  if (!location) return { is: 'server', caveats };
  return {
    is,
    match: writtenMatch(location.match),
    location,
    get at() {
      return placeOf(server, location.block);
    },
    caveats: [...caveats, ...includesIn(server, location.block.children)],
  };
}

const cannotTell = ({ server, caveats }: View, { message, span }: CannotTell): Answer => ({
  is: 'cannot-tell',
  reason: message,
  get at() {
    return placeOf(server, span);
  },
  caveats,
});

/** The first directive of the server's rewrite phase that surely answers. Throws {@link CannotTell} where one changes the path. */
function rewriteOf({ rewrites, test }: View, uri: string): Simple | undefined {
  for (const item of rewrites) {
    if (item.name === 'break') return undefined;
    if (item.name === 'return') return item;
    const [pattern = '', replacement = '', flag = ''] = argumentsOf(item);
    if (!test({ name: pattern, caseless: false }, uri, item)) continue;
    if (/^(redirect|permanent)$/.test(flag) || /^(https?:\/\/|\$scheme)/.test(replacement)) return item;
    throw new CannotTell('a rewrite of the server changes this path', item);
  }
  return undefined;
}

const includesIn = (server: Server, items: readonly Item[]): readonly Caveat[] =>
  directivesNamed(items, 'include').map((item) => caveatOf(server, 'include', item));

const conditionsIn = (server: Server): readonly Caveat[] =>
  server.block.children
    .filter((item) => item.is !== 'comment')
    .filter(({ name }) => name === 'if' || name.startsWith('server_rewrite_by_lua'))
    .map((item) => caveatOf(server, 'condition', item));

const caveatOf = (server: Server, is: Caveat['is'], item: Span): Caveat => ({
  is,
  ...writtenOf(server, item),
  get at() {
    return placeOf(server, item);
  },
});

const writtenOf = ({ tree }: Server, item: Span): { written: string } => ({
  written: tree.text.slice(item.start, item.end).split('{')[0]?.trim() ?? '',
});

const placeOf = ({ tree }: Server, span: Span): Position => positionAt(tree.text, span.start);
