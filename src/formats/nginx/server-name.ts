import { UnknownPattern } from './pattern.js';
import { regexTests } from './regex-test.js';
import { argumentsOf, type Block, simplesNamed, type Tree } from './tree.js';

/** Every name of a server, from all its `server_name` directives, as written. */
export const namesOf = (tree: Tree, server: Block): readonly string[] =>
  simplesNamed(tree, server.children, 'server_name').flatMap(argumentsOf);

/** Whether a server has no name of its own (`_`, `""`, none) and answers for whatever nobody else does. */
export const isNameless = (tree: Tree, server: Block): boolean =>
  namesOf(tree, server).every((name) => name === '_' || name === '');

/**
 * How well a server's names fit a domain (lower case, latin1); 0 is not at all.
 *
 * Higher fits win as in nginx: exact, then the longest `*.name`, then the longest `name.*`, then a regex, then a
 * nameless server.
 */
export function nameRank(tree: Tree, server: Block, domain: string): number {
  if (isNameless(tree, server)) return 1;
  return Math.max(...namesOf(tree, server).map((name) => fit(name.toLowerCase(), name, domain)));
}

// One name is at most 4096 bytes (nginx's buffer), so the classes below cannot overlap.
function fit(name: string, written: string, domain: string): number {
  if (name.startsWith('~')) return regexFits(written.slice(1), domain) ? 2 : 0;
  if (name === domain || (name.startsWith('.') && name.slice(1) === domain)) return 30_000;
  if (name.startsWith('*.') && domain.endsWith(name.slice(1))) return 20_000 + name.length;
  if (name.startsWith('.') && domain.endsWith(name)) return 20_000 + name.length + 1;
  if (name.endsWith('.*') && domain.startsWith(name.slice(0, -1))) return 10_000 + name.length;
  return 0;
}

/** A regex name is caseless only if it holds a capital letter (ngx_http_core_server_name); hosts are lower case by then. */
function regexFits(source: string, domain: string): boolean {
  try {
    return regexTests()({ name: source, caseless: /[A-Z]/.test(source) }, domain);
  } catch (error) {
    if (error instanceof UnknownPattern) return false;
    throw error;
  }
}
