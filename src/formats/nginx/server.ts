import { Refused } from '../outcome.js';
import { foreignText, positionAt, readableText, type Span } from '../source.js';
import { type Locations, locationsIn } from './location.js';
import { isNameless, nameRank, namesOf } from './server-name.js';
import {
  argumentsOf,
  type Block,
  blocksNamed,
  type Directive,
  directivesNamed,
  type Item,
  simplesNamed,
  type Tree,
} from './tree.js';

/** A `server` block of the http context. */
export interface Server {
  readonly tree: Tree;
  readonly block: Block;
  /** What surrounds the server in this file: the `http` block's items, or the whole file's. */
  readonly around: readonly Item[];
  readonly locations: Locations;
  readonly mergeSlashes: boolean;
}

/** Which server of a file is meant. */
export interface ServerChoice {
  readonly domain: string;
  /** `any` also takes a server without TLS: one behind another proxy that ends TLS. The default is `required`. */
  readonly tls?: 'required' | 'any';
  /** Decides where one name has servers on several ports. */
  readonly port?: number;
}

/** Every `server` block that nginx would read as one of HTTP: at the top of a site file or in `http`, never in `stream` or `mail`. */
export const serversIn = (tree: Tree): readonly Server[] =>
  [tree.children, ...blocksNamed(tree, tree.children, 'http').map((http) => http.children)].flatMap(
    (around) =>
      blocksNamed(tree, around, 'server').map((block) => ({
        tree,
        block,
        around,
        locations: locationsIn(tree, block.children),
        mergeSlashes: settingOf({ tree, block, around }, 'merge_slashes') !== 'off',
      })),
  );

/**
 * The one server that answers for a domain over TLS.
 *
 * TLS is what `listen … ssl`, `ssl on`, an `ssl_certificate` or port 443 tell. Among those the name decides as in nginx
 * (https://nginx.org/en/docs/http/server_names.html): exact, `*.name`, `name.*`, the first regex, then a server
 * without a name, unless another server without TLS bears the name. Throws {@link Refused} when none or several are left, naming their lines.
 */
export function findServer(tree: Tree, choice: ServerChoice): Server {
  const servers = serversIn(tree);
  if (servers.length === 0) throw noServer(tree);
  const named = bestNamed(servers, choice);
  const onPort = servers.filter(
    (server) => choice.port === undefined || listenPorts(server).includes(choice.port),
  );
  const plain = bestNamed(onPort, choice).filter((server) => tlsRank(server) === 0 && !onlyRedirects(server));
  const secure = bestNamed(
    onPort.filter((server) => tlsRank(server) > 0),
    choice,
  ).filter(
    (server) => !isNameless(tree, server.block) || plain.every(({ block }) => isNameless(tree, block)),
  );
  const left = secure.length === 0 && choice.tls === 'any' ? plain : best(secure, tlsRank);
  const [only, second] = left;
  if (!only) throw named.length > 0 ? noTls(tree, choice, named) : noHost(tree, choice, servers);
  if (second) throw several(tree, choice, left);
  return only;
}

const bestNamed = (servers: readonly Server[], { domain }: ServerChoice): readonly Server[] =>
  best(servers, ({ tree, block }) => nameRank(tree, block, foreignText(domain).toLowerCase()));

/** The servers with the highest rank, where 0 is none. */
function best(servers: readonly Server[], rank: (server: Server) => number): readonly Server[] {
  const ranks = servers.map(rank);
  const highest = Math.max(0, ...ranks);
  return highest === 0 ? [] : servers.filter((_, index) => ranks[index] === highest);
}

/** How surely a server speaks TLS: 3 said so, 2 has a certificate, 1 listens on 443, 0 not at all. */
function tlsRank(server: Server): number {
  const listens = simplesNamed(server.tree, server.block.children, 'listen').map(argumentsOf);
  if (listens.some((words) => words.slice(1).some((word) => word === 'ssl' || word === 'quic'))) return 3;
  if (settingOf(server, 'ssl') === 'on') return 3;
  if (directivesNamed(server.block.children, 'ssl_certificate').length > 0) return 2;
  return listenPorts(server).includes(443) ? 1 : 0;
}

/** Whether all that a server does is to send its visitors elsewhere: itself, or in `location /`. */
const onlyRedirects = ({ block, locations }: Server): boolean =>
  [block, ...locations.all.filter(({ match }) => match.name === '/').map((location) => location.block)].some(
    ({ children }) =>
      directivesNamed(children, 'return').some((item) => /^30[1278]$/.test(argumentsOf(item)[0] ?? '')),
  );

/** The last value of a simple directive of the server, else of what surrounds it. */
function settingOf(
  { tree, block, around }: Pick<Server, 'tree' | 'block' | 'around'>,
  name: string,
): string | undefined {
  const own = simplesNamed(tree, block.children, name).at(-1) ?? simplesNamed(tree, around, name).at(-1);
  return own && argumentsOf(own)[0];
}

/** The TCP ports a server listens on. Without any `listen` that is 80, nginx's default; Unix sockets have none. */
export function listenPorts(server: Server): readonly number[] {
  const listens = simplesNamed(server.tree, server.block.children, 'listen').map(
    (item) => argumentsOf(item)[0] ?? '',
  );
  const ports = listens.filter((address) => !address.startsWith('unix:')).map(portOf);
  return listens.length === 0 ? [80] : [...new Set(ports)];
}

/** The port of a `listen` address: `443`, `127.0.0.1:8443`, `[::]:443`, `*:443`, `localhost` (80). */
function portOf(address: string): number {
  const found = /^(\d+)$|:(\d+)$/.exec(address.replace(/^\[[^\]]*\]/, 'v6'));
  return found ? Number(found[1] ?? found[2]) : 80;
}

/** The files named by `ssl_certificate`, of the server or else of what surrounds it, as they are written. */
export function certificatePaths(server: Server): readonly string[] {
  const own = simplesNamed(server.tree, server.block.children, 'ssl_certificate');
  const found = own.length > 0 ? own : simplesNamed(server.tree, server.around, 'ssl_certificate');
  return found.flatMap((item) => argumentsOf(item)[0] ?? []).map(readableText);
}

const linesOf = (tree: Tree, servers: readonly Server[]): string =>
  servers.map(({ block }) => `line ${positionAt(tree.text, block.start).line}`).join(', ');

const refusal = (tree: Tree, code: string, reason: string, at: Span | undefined): Refused =>
  new Refused(code, reason, positionAt(tree.text, at?.start ?? 0));

function noServer(tree: Tree): Refused {
  const first = tree.children.find((item): item is Directive => item.is !== 'comment');
  const reason = 'the file holds no server block of HTTP: it may be a part that another file includes';
  return refusal(tree, 'no-server', reason, first);
}

function noHost(tree: Tree, { domain }: ServerChoice, servers: readonly Server[]): Refused {
  const names = servers.flatMap(({ block }) => namesOf(tree, block)).map(readableText);
  const seen =
    names.length > 0 ? `the names here are ${[...new Set(names)].join(', ')}` : 'no server here has a name';
  return refusal(tree, 'host-not-found', `no server block answers for ${domain}; ${seen}`, servers[0]?.block);
}

function noTls(tree: Tree, { domain, tls, port }: ServerChoice, named: readonly Server[]): Refused {
  const where = `the server blocks for ${domain} (${linesOf(tree, named)})`;
  if (port !== undefined)
    return refusal(
      tree,
      'no-tls-server',
      `none of ${where} listens on port ${port} with TLS`,
      named[0]?.block,
    );
  const reason =
    tls === 'any' || named.every(onlyRedirects)
      ? `${where} only redirect; the one that answers with pages has another name, or is in another file`
      : `${where} have no TLS; if another proxy ends TLS before this nginx, say so (nginx.behindProxy: true for the sign-in, tls: 'any' in a graph)`;
  return refusal(tree, 'no-tls-server', reason, named[0]?.block);
}

function several(tree: Tree, { domain }: ServerChoice, servers: readonly Server[]): Refused {
  const reason = `${servers.length} server blocks answer for ${domain} (${linesOf(tree, servers)}); leave one of them, or name its port in a graph`;
  return refusal(tree, 'several-servers', reason, servers[1]?.block);
}
