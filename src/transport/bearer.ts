import { Failed } from '../model/failure.js';
import type { HttpRequest, HttpResponse, PasswordGrant } from '../shell/http-request.js';
import type { Vault } from '../shell/secret.js';
import { evidenceLines } from './evidence.js';
import type { Exchange } from './exchange.js';

/** A token is renewed this long before its end, so that no request carries one that ends on the way. */
const marginMs = 10_000;

/** An access token and the moment from which on it is not used any more. */
interface Token {
  readonly value: string;
  readonly untilMs: number;
}

/** What signing needs. */
export interface BearerParts {
  readonly exchange: Exchange;
  readonly vault: Vault;
  /** The host, for messages. */
  readonly label: string;
  /** Monotonic milliseconds; for tests. */
  readonly now?: () => number;
}

/** Sends a request with the token of a login. */
export type Signed = (
  request: HttpRequest,
  grant: PasswordGrant,
  signal: AbortSignal,
) => Promise<HttpResponse>;

/**
 * Signs requests. Requests that need the same token at once share one login. A login that was refused is never
 * tried again with the same password: Keycloak locks accounts after a few failures.
 */
export function bearer({ exchange, vault, label, now = () => performance.now() }: BearerParts): Signed {
  const tokens = new Map<string, Promise<Token>>();

  const token = async (key: string, request: HttpRequest, grant: PasswordGrant): Promise<Token> => {
    const kept = tokens.get(key);
    const known = await kept?.catch(passOver);
    if (known != null && now() < known.untilMs) return known;
    // Another request may have begun a login while this one waited.
    const current = tokens.get(key);
    if (current !== undefined && current !== kept) return current;
    const fresh = logIn(request, grant);
    // The failure is kept for the next request; whoever waits for it now gets it too.
    fresh.catch(() => undefined);
    tokens.set(key, fresh);
    return fresh;
  };
  const logIn = async (request: HttpRequest, grant: PasswordGrant): Promise<Token> => {
    const began = now();
    const response = await exchange(tokenRequest(request, grant), AbortSignal.timeout(loginTimeoutMs));
    const { value, seconds } = tokenIn(response, { label, grant, vault });
    vault.learn(value);
    const lifeMs = seconds * 1000;
    return { value, untilMs: began + Math.max(lifeMs - marginMs, lifeMs / 2) };
  };

  return async (request, grant, signal) => {
    const key = keyOf(request, grant, vault);
    const first = await token(key, request, grant);
    const response = await exchange(request, signal, { authorization: `Bearer ${first.value}` });
    if (response.status !== 401) return response;
    // The server has forgotten the session (a restart, a logout): one new login, then its answer is final.
    if ((await tokens.get(key)) === first) tokens.delete(key);
    const second = await token(key, request, grant);
    return exchange(request, signal, { authorization: `Bearer ${second.value}` });
  };
}

const loginTimeoutMs = 10_000;

/** An earlier login that got no answer says nothing about this one; one that was refused does. */
function passOver(error: unknown): null {
  if (error instanceof Failed && error.failure.reason === 'refused') throw error;
  return null;
}

const keyOf = ({ to }: HttpRequest, grant: PasswordGrant, vault: Vault): string =>
  JSON.stringify([to, grant.tokenPath, grant.clientId, grant.username, vault.reveal(grant.password)]);

/** Goes to the same endpoint under the same name as the request that it is for. */
function tokenRequest(request: HttpRequest, grant: PasswordGrant): Omit<HttpRequest, 'auth'> {
  const { to, headers = {} } = request;
  const host = Object.entries(headers).filter(([name]) => /^(host|x-forwarded-.*)$/i.test(name));
  return {
    is: 'http',
    to,
    method: 'POST',
    path: grant.tokenPath,
    headers: Object.fromEntries(host),
    body: {
      form: {
        grant_type: 'password',
        client_id: grant.clientId,
        username: grant.username,
        password: grant.password,
      },
    },
  };
}

interface LoginCase {
  readonly label: string;
  readonly grant: PasswordGrant;
  readonly vault: Vault;
}

/** Reads the reply of the token endpoint (RFC 6749, 5.1 and 5.2). */
function tokenIn(
  response: HttpResponse,
  at: LoginCase,
): { readonly value: string; readonly seconds: number } {
  const text = Buffer.from(response.body).toString('utf8');
  const reply = parsed(text);
  if (response.status === 200 && typeof reply['access_token'] === 'string') {
    const seconds = typeof reply['expires_in'] === 'number' ? reply['expires_in'] : 60;
    return { value: reply['access_token'], seconds };
  }
  const evidence = [`HTTP ${response.status}`, ...evidenceLines(wordsIn(reply, text), at.vault, 3)];
  if (response.status === 401 || (response.status === 400 && reply['error'] === 'invalid_grant')) {
    throw new Failed({
      reason: 'refused',
      what: `the login of ${at.grant.username} at ${at.grant.tokenPath} on ${at.label} is refused`,
      evidence,
      next: `correct the secret ${at.grant.password.secret}, or the account; it was tried once, because more failures lock the account`,
    });
  }
  throw new Failed({
    reason: 'command-failed',
    what: `${at.grant.tokenPath} on ${at.label} gives no token`,
    evidence,
    next: 'check that this is the path of the realm’s token endpoint and that the service has started',
    transient: response.status === 429 || response.status >= 500,
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The error that the server names, or the visible words of its page. */
const wordsIn = (reply: Readonly<Record<string, unknown>>, text: string): string =>
  typeof reply['error'] === 'string'
    ? [reply['error'], reply['error_description']].filter((word) => typeof word === 'string').join(': ')
    : text
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
        .slice(0, 200);
