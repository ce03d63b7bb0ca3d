import { type Position, positionAt } from '../source.js';
import { findServer, type ServerChoice } from './server.js';
import { argumentsOf, simplesNamed, type Tree } from './tree.js';

/** A folder whose files a server takes in: where a file of one's own adds locations without touching the site. */
export interface ExtensionInclude {
  /** As written: `/etc/jitsi/meet/jaas/*.conf`. */
  readonly pattern: string;
  readonly folder: string;
  readonly at: Position;
}

/**
 * The include of Jitsi's own extension folder in the server of a domain, if it is there.
 *
 * Packaged sites since 2023 hold `include /etc/jitsi/meet/jaas/*.conf;` before their first location. The folder is one
 * for all sites of the machine.
 */
export function extensionInclude(tree: Tree, choice: ServerChoice): ExtensionInclude | undefined {
  const server = findServer(tree, choice);
  for (const include of simplesNamed(tree, server.block.children, 'include')) {
    const pattern = argumentsOf(include)[0] ?? '';
    const folder = /^(\/.*\/jaas)\/\*\.conf$/.exec(pattern)?.[1];
    if (folder !== undefined) return { pattern, folder, at: positionAt(tree.text, include.start) };
  }
  return undefined;
}
