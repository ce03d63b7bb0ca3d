import type { FileFinding } from '../formats/file-finding.js';
import { lintJitsiConfig } from '../formats/jitsi-config/index.js';
import { answersOf, findServer, lintNginx, parseNginx, type Server } from '../formats/nginx/index.js';
import { Refused } from '../formats/outcome.js';
import { lintProsody, viewSources } from '../formats/prosody/lint.js';
import type { ProsodyView } from '../formats/prosody/view.js';
import type { SiteFacts } from './facts.js';

/** The facts, and what the models of the files make of them. Worked out once, for all rules. */
export interface Study extends SiteFacts {
  /** What the lints find in the files of each. */
  readonly lint: Readonly<Record<'prosody' | 'nginx' | 'page', readonly FileFinding[]>>;
  /** Prosody's files as Prosody sees them. */
  readonly view: ProsodyView;
  /** The site's TLS server in nginx's files; null where none is certain. */
  readonly server: SiteServer | null;
}

/** A server of nginx, with its file and its answers. */
interface SiteServer {
  readonly path: string;
  readonly server: Server;
  readonly answer: ReturnType<typeof answersOf>;
}

/** Reads the files of the facts by their models. */
export function studyOf(facts: SiteFacts): Study {
  const { job, page } = facts;
  const prosody = facts.prosody.files.map(({ path, source }) => ({ path, bytes: source }));
  const nginx = facts.nginx.files.map(({ path, source }) => ({ name: path, bytes: source }));
  return {
    ...facts,
    lint: {
      prosody: lintProsody(prosody, job),
      nginx: lintNginx(nginx, job).map(({ file, ...finding }) => ({ path: file, ...finding })),
      page: page === null ? [] : lintJitsiConfig([page], job),
    },
    view: viewSources(prosody, job),
    server: facts.nginx.files.map((file) => serverIn(file, job.domain)).find((one) => one !== null) ?? null,
  };
}

function serverIn(
  { path, source }: { readonly path: string; readonly source: Uint8Array },
  domain: string,
): SiteServer | null {
  try {
    const server = findServer(parseNginx(source), { domain });
    return { path, server, answer: answersOf(server) };
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}
