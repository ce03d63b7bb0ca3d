import { Refused } from '../../../src/formats/outcome.js';
import {
  editNginx,
  findServer,
  type NginxEdit,
  parseNginx,
  type ServerChoice,
  serversIn,
} from '../../../src/formats/nginx/index.js';
import { namesOf } from '../../../src/formats/nginx/server-name.js';
import { type CorpusFile, corpusOf } from '../corpus.js';
import type { Trial } from '../trial.js';
import { signInEdits, signInRoutes } from './sign-in-edits.js';

/** The edits of the sign-in with the routes that must hold afterwards. */
export const allEdits = (choice: ServerChoice): readonly NginxEdit[] => [
  ...signInEdits(choice),
  ...signInRoutes(choice),
];

/** The trials of every file of the corpus, each for one domain. */
export const nginxTrials = (): readonly Trial[] =>
  corpusOf('nginx').map((file) => {
    const domain = domainOf(file);
    return { format: 'nginx', file, domain, outcome: editNginx(file.bytes, allEdits({ domain })) };
  });

/** A domain that the file could be meant for: one whose TLS server is found, else any name in it. */
function domainOf({ bytes }: CorpusFile): string {
  try {
    const tree = parseNginx(bytes);
    const names = serversIn(tree)
      .flatMap(({ block }) => namesOf(tree, block))
      .filter((name) => /^[\w.<$-]/.test(name) && !/^(_|default_server)$/.test(name))
      .map((name) => name.replace(/\.\*$/, '.example.com').replace(/^\./, ''));
    return names.find((domain) => found(bytes, domain)) ?? names[0] ?? 'meet.example.com';
  } catch {
    return 'meet.example.com';
  }
}

function found(bytes: Uint8Array, domain: string): boolean {
  try {
    findServer(parseNginx(bytes), { domain });
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}
