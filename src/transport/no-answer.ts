import { Failed } from '../model/failure.js';
import type { Endpoint } from '../shell/http-request.js';
import type { Vault } from '../shell/secret.js';
import { Interrupted } from './deadline.js';
import { evidenceLine } from './evidence.js';

/** What was tried, for messages. */
export interface Attempt {
  /** The host, with its address. */
  readonly label: string;
  readonly to: Endpoint;
  /** As in `GET /room`, without a query: it may hold a token. */
  readonly doing: string;
  readonly vault: Vault;
}

/** Why there was no answer: the deadline's words before those of the socket that it closed. */
export const reasonOf = (error: unknown, signal: AbortSignal): Error =>
  signal.aborted ? (signal.reason as Error) : (error as Error);

/** The failure of a request that got no answer: `command-failed`, or `interrupted`. */
export function noAnswer(error: Error, attempt: Attempt): Failed {
  const where = placeOf(attempt);
  if (error instanceof Interrupted) {
    return new Failed({
      reason: 'interrupted',
      what: `the request to ${where} was interrupted`,
      next: 'run the same command again',
    });
  }
  if (isCertificate(error)) return untrusted(error, attempt);
  const next =
    attempt.to.from === 'controller'
      ? 'check the name in DNS, the firewall and the way there from this machine'
      : 'check on the machine that the service runs and listens there';
  return new Failed(
    {
      reason: 'command-failed',
      what: `${attempt.doing} at ${where} got no answer`,
      evidence: [evidenceLine(error.message, attempt.vault)],
      next,
      transient: true,
    },
    { cause: error },
  );
}

const placeOf = ({ label, to }: Attempt): string =>
  `${to.address}:${to.port} ${to.from === 'controller' ? 'from this machine' : `on ${label}`}`;

/** Certificates do not become right by waiting. */
const isCertificate = (error: NodeJS.ErrnoException): boolean =>
  /^(ERR_TLS|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(error.code ?? '');

function untrusted(error: Error, attempt: Attempt): Failed {
  // Newer versions of Node add advice for people who start it themselves.
  const said = error.message.replace(/; if the root CA is .*/, '');
  const { to } = attempt;
  return new Failed(
    {
      reason: 'command-failed',
      what: `${placeOf(attempt)} shows a certificate that is not trusted`,
      evidence: [evidenceLine(said, attempt.vault)],
      next: `check the certificate for ${to.tls?.serverName ?? to.address}, or name its authority as \`ca\``,
    },
    { cause: error },
  );
}
