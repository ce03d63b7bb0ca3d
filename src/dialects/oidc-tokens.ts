import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose';
import { z } from 'zod';
import { printableProse } from '../lib/printable.js';
import type { HttpResponse } from '../shell/http-request.js';
import { type LoginSecrets, oauthError, type OidcClient, parsed } from './oidc.js';
import { Unmet } from './unmet.js';
import { glimpse, header, serverTime } from './web-site.js';

/** What the token endpoint gave. */
export interface Tokens {
  readonly access: string;
  readonly id: string;
  readonly refresh: string | null;
  /** The session in Keycloak that they belong to; null when the token endpoint did not say. */
  readonly session: string | null;
  /** The server's own time when it answered; null when it did not say. */
  readonly at: Date | null;
}

const tokenReply = z.object({
  access_token: z.string().max(65_536),
  id_token: z.string().max(65_536),
  refresh_token: z.string().max(65_536).optional(),
  session_state: z.string().max(100).optional(),
});

/**
 * Reads the tokens.
 *
 * @throws Unmet when there are none
 */
export function readTokens(response: HttpResponse): Tokens {
  const step = 'the exchange of the code';
  const tokens = parsed(response, tokenReply);
  if (tokens === null) {
    const evidence = [printableProse(`HTTP ${response.status} ${oauthError(response)}`)];
    throw new Unmet(step, 'gives no tokens', {
      evidence,
      next: 'look at the client in Keycloak: public, with PKCE S256',
    });
  }
  return {
    access: tokens.access_token,
    id: tokens.id_token,
    refresh: tokens.refresh_token ?? null,
    session: tokens.session_state ?? null,
    at: serverTime(response),
  };
}

/** @throws Unmet when a browser would keep the answer from a page of the client's origin */
export function expectAllowed(response: HttpResponse, { origin }: OidcClient): void {
  const allowed = header(response, 'access-control-allow-origin');
  if (allowed === origin || allowed === '*') return;
  throw new Unmet('the exchange of the code', "may not be read by the site's own page", {
    evidence: [
      `Access-Control-Allow-Origin: ${printableProse(allowed ?? '(not sent)')}`,
      `Origin: ${origin}`,
    ],
    next: `add ${origin} to the web origins of the client`,
  });
}

/** Reads the realm's keys. */
export function readKeys(response: HttpResponse): JSONWebKeySet {
  const keys = parsed(response, z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) }));
  if (keys !== null) return keys;
  const next = 'look whether nginx passes all of /realms/ of this realm to Keycloak';
  throw new Unmet("the realm's keys", 'cannot be read', { evidence: [glimpse(response)], next });
}

/**
 * Checks the ID token as `sso.html` does (nonce), and its signature.
 *
 * @throws Unmet
 */
export async function checkIdToken(
  tokens: Tokens,
  keys: JSONWebKeySet,
  expected: OidcClient & LoginSecrets,
): Promise<void> {
  const step = 'the ID token';
  await checkSignature(step, tokens.id, { keys, at: tokens.at, issuer: expected.issuer });
  const { nonce } = decodeJwt(tokens.id);
  if (nonce === expected.nonce) return;
  const evidence = [`nonce: ${nonce === undefined ? '(none)' : 'another one'}`];
  throw new Unmet(step, 'is not for this login', {
    evidence,
    next: 'look for a proxy that drops the parameter nonce',
  });
}

/**
 * Checks the access token as Jitsi's token plugin does: RS256, `typ` JWT, `iss` and `aud` compared as text.
 *
 * @throws Unmet
 */
export async function checkAccessToken(
  tokens: Tokens,
  keys: JSONWebKeySet,
  expected: { readonly issuer: string; readonly audience: string },
): Promise<void> {
  const step = 'the access token';
  await checkSignature(step, tokens.access, { keys, at: tokens.at, issuer: expected.issuer });
  const { typ, alg } = decodeProtectedHeader(tokens.access);
  if (typ !== 'JWT' || alg?.startsWith('RS') !== true) {
    const evidence = [printableProse(`typ: ${String(typ)}, alg: ${String(alg)}`)];
    const next = 'let the client sign its access tokens with RS256 and without the RFC 9068 header type';
    throw new Unmet(step, 'is of a kind that Prosody refuses', { evidence, next });
  }
  const { aud } = decodeJwt(tokens.access);
  if (aud === expected.audience) return;
  throw new Unmet(step, 'is not for the one audience that Prosody accepts', {
    evidence: [`aud: ${printableProse(JSON.stringify(aud ?? null))}`, `accepted: "${expected.audience}"`],
    next: 'let exactly one mapper give the audience: no scope "roles", no second audience mapper',
  });
}

async function checkSignature(
  step: string,
  token: string,
  { keys, at, issuer }: { readonly keys: JSONWebKeySet; readonly at: Date | null; readonly issuer: string },
): Promise<void> {
  try {
    const time = at === null ? {} : { currentDate: at };
    await jwtVerify(token, createLocalJWKSet(keys), { issuer, requiredClaims: ['exp', 'iss'], ...time });
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    const next =
      'look at the keys and the clock of Keycloak: the token must be signed by a key that the realm shows';
    throw new Unmet(step, 'does not hold', {
      evidence: [printableProse(`${error.code}: ${error.message}`)],
      next,
    });
  }
}
