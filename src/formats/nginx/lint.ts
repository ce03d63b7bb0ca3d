import { type Finding, Refused } from '../outcome.js';
import { positionAt } from '../source.js';
import { unreachable } from './lint-reach.js';
import { signInFaults } from './lint-sign-in.js';
import { findServer, type Server, type ServerChoice } from './server.js';
import { parseNginx } from './tree.js';

/** A config file with the name that a finding is given. */
export interface NginxFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What the sites are linted for: sign-in at one domain with one realm. */
export interface NginxJob extends ServerChoice {
  readonly realm: string;
}

/** A finding with the file it was made in. */
export interface NginxFinding extends Finding {
  readonly file: string;
}

/**
 * Faults of the sites of a domain, in the order of the files.
 *
 * Files without a server for the domain have none. A file that nginx could not read, and one where several servers
 * answer for the domain, are findings themselves.
 */
export function lintNginx(files: readonly NginxFile[], job: NginxJob): readonly NginxFinding[] {
  const found = files.map((file) => ({ file, outcome: serverOrFinding(file, job) }));
  const servers = found.flatMap(({ file, outcome }) =>
    outcome && 'block' in outcome ? [{ file, server: outcome }] : [],
  );
  return [
    ...found.flatMap(({ file, outcome }) =>
      outcome && 'code' in outcome ? [{ file: file.name, ...outcome }] : [],
    ),
    ...servers.slice(1).map(({ file, server }) => secondServer(file, server, servers[0]?.file.name ?? '')),
    ...servers.flatMap(({ file, server }) =>
      [...signInFaults(server, job), ...unreachable(server)].map((finding) => ({
        file: file.name,
        ...finding,
      })),
    ),
  ];
}

function serverOrFinding({ bytes }: NginxFile, job: NginxJob): Server | Finding | undefined {
  try {
    return findServer(parseNginx(bytes), job);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (['no-server', 'host-not-found', 'no-tls-server'].includes(error.code)) return undefined;
    return {
      code: error.code,
      at: error.at,
      breaks: error.reason,
      fix: fixes[error.code] ?? 'Mend this first; `nginx -t` names the same place.',
    };
  }
}

/** What mends a refusal that is no fault for nginx. */
const fixes: Readonly<Record<string, string>> = {
  'several-servers': 'Leave one server of that name, so that it is clear which one people reach.',
  template: 'Fill the template in, and look at the file that comes out.',
};

const secondServer = (file: NginxFile, server: Server, first: string): NginxFinding => ({
  file: file.name,
  code: 'several-servers',
  at: positionAt(server.tree.text, server.block.start),
  breaks: `${first} holds a server for the same name: nginx uses only the one that it reads first.`,
  fix: 'Take one of the two files out of nginx, or give them different names.',
});
