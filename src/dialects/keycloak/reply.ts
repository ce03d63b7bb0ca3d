import type { z } from 'zod';
import { printableProse } from '../../lib/printable.js';
import { Failed, type FailureData } from '../../model/failure.js';
import { Unreadable } from '../../probe/probe.js';
import type { HttpResponse } from '../../shell/http-request.js';
import { type Errand, serverName } from './server.js';

/** What an answer of the admin API comes to. Nothing in it is trusted before the schema has seen it. */
type Judged<T> =
  | { readonly is: 'found'; readonly value: T }
  | { readonly is: 'absent' }
  | { readonly is: 'conflict'; readonly failure: Said }
  | { readonly is: 'denied'; readonly failure: Said }
  /** Neither yes nor no: a server that is starting, a proxy's page, a reply cut off. */
  | { readonly is: 'unclear'; readonly failure: Said };

type Said = Pick<FailureData, 'reason' | 'what' | 'evidence' | 'next' | 'transient'>;

/**
 * The value in an answer to a question; null when Keycloak says 404.
 *
 * @throws Failed `refused` when the admin may not ask this
 * @throws Unreadable when the answer is none of Keycloak's, or none yet
 */
export function readReply<T>(response: HttpResponse, schema: z.ZodType<T>, errand: Errand): T | null {
  const judged = judge(response, schema, errand);
  if (judged.is === 'found') return judged.value;
  if (judged.is === 'absent') return null;
  if (judged.is === 'denied') throw new Failed(judged.failure);
  throw new Unreadable([judged.failure.what, ...judged.failure.evidence].join(': '));
}

/** As {@link readReply}, in the middle of a change: what cannot be read is Failed too, transient where that helps. */
export function mustRead<T>(response: HttpResponse, schema: z.ZodType<T>, errand: Errand): T | null {
  const judged = judge(response, schema, errand);
  if (judged.is === 'found') return judged.value;
  if (judged.is === 'absent') return null;
  throw new Failed(judged.failure);
}

/**
 * How a write came out. `conflict`: a thing of that name is there already; `absent`: the thing is not there.
 *
 * @throws Failed for every other refusal, with Keycloak's own words
 */
export function readWrite(response: HttpResponse, errand: Errand): 'done' | 'conflict' | 'absent' {
  const judged = judge(response, null, errand);
  if (judged.is === 'found') return 'done';
  if (judged.is === 'conflict' || judged.is === 'absent') return judged.is;
  throw new Failed(judged.failure);
}

/** The failure of a write that Keycloak answers with 409 although the thing is not there to be changed. */
export function conflict(response: HttpResponse, errand: Errand): Failed {
  return new Failed({
    reason: 'command-failed',
    what: `Keycloak could not ${errand.what}: it collides with something else`,
    evidence: wordsOf(response),
    next: 'change the value that is taken already, or the thing that holds it in Keycloak',
  });
}

/** The failure of a thing that went away while it was being changed. */
export const vanished = (errand: Errand): Failed =>
  new Failed({
    reason: 'command-failed',
    what: `Keycloak could not ${errand.what}: it is not there any more`,
    next: 'find out who removes it, then run again',
    transient: true,
  });

function judge<T>(response: HttpResponse, schema: z.ZodType<T>, errand: Errand): Judged<T>;
function judge(response: HttpResponse, schema: null, errand: Errand): Judged<null>;
function judge<T>(response: HttpResponse, schema: z.ZodType<T> | null, errand: Errand): Judged<T | null> {
  const { status } = response;
  if (status === 404) return { is: 'absent' };
  if (status === 409) return { is: 'conflict', failure: conflict(response, errand).failure };
  if (status === 401 || status === 403) return { is: 'denied', failure: denied(response, errand) };
  if (status < 200 || status > 299) return { is: 'unclear', failure: unexpected(response, errand) };
  return schema === null ? { is: 'found', value: null } : parse(response, schema, errand);
}

function parse<T>(response: HttpResponse, schema: z.ZodType<T>, errand: Errand): Judged<T> {
  if (response.truncated)
    return { is: 'unclear', failure: strange(response, errand, 'it is over 4 MiB long') };
  const json = jsonOf(response);
  if (json === undefined) return { is: 'unclear', failure: strange(response, errand, 'it is not JSON') };
  const parsed = schema.safeParse(json);
  if (parsed.success) return { is: 'found', value: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : `${issue.path.map(String).join('.')}: ${issue.message}`;
  return {
    is: 'unclear',
    failure: strange(response, errand, `it has another shape (${printableProse(where)})`),
  };
}

function denied(response: HttpResponse, { server, what, role }: Errand): Said {
  const who = `admin "${server.admin.username}"`;
  const forbidden = response.status === 403;
  return {
    reason: 'refused',
    what: forbidden
      ? `the ${who} may not ${what} in Keycloak at ${serverName(server)}`
      : `Keycloak at ${serverName(server)} does not accept the ${who}`,
    evidence: wordsOf(response),
    next: forbidden
      ? `give ${server.admin.username} the role ${role} in Keycloak's realm master, or name another admin`
      : `check the admin's name and the secret ${server.admin.password.secret}`,
    transient: false,
  };
}

function unexpected(response: HttpResponse, { server, what }: Errand): Said {
  const { status } = response;
  const busy = status === 429 || status >= 500;
  return {
    reason: 'command-failed',
    what: `Keycloak could not ${what}`,
    evidence: wordsOf(response),
    next: busy
      ? `look at Keycloak's log and at what answers on ${serverName(server)}`
      : 'change what Keycloak complains about',
    transient: busy,
  };
}

const strange = (response: HttpResponse, { server, what }: Errand, why: string): Said => ({
  reason: 'command-failed',
  what: `the answer to "${what}" cannot be read: ${why}`,
  evidence: wordsOf(response),
  next: `look at what answers on ${serverName(server)}: is it Keycloak?`,
  transient: false,
});

/** Status line and the cause that Keycloak gives, in its three spellings; of anything else its first characters. */
function wordsOf(response: HttpResponse): readonly string[] {
  const json = jsonOf(response) as Readonly<Record<string, unknown>> | null | undefined;
  const said = [json?.['errorMessage'], json?.['error'], json?.['error_description']].filter(
    (word): word is string => typeof word === 'string',
  );
  const type = response.headers['content-type'];
  const body = Buffer.from(response.body.subarray(0, 400)).toString();
  const cause = said.length > 0 ? said.join(': ') : `${typeof type === 'string' ? type : ''} ${body}`;
  return [`HTTP ${response.status} ${printableProse(cause)}`.trim()];
}

function jsonOf(response: HttpResponse): unknown {
  try {
    return JSON.parse(Buffer.from(response.body).toString()) as unknown;
  } catch {
    return undefined;
  }
}
