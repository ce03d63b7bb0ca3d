import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { jitsiConfigValue } from '../formats/jitsi-config/index.js';
import { Refused } from '../formats/outcome.js';
import { printableProse } from '../lib/printable.js';
import type { HttpResponse } from '../shell/http-request.js';
import { jitsiIssuer } from './keycloak/jitsi-client.js';
import type { Discovery, LoginSecrets, OidcClient } from './oidc.js';
import { Unmet } from './unmet.js';
import { bodyText, glimpse, mediaType } from './web-site.js';

/** What Jitsi's config.js should say about signing in. */
export interface JitsiWeb {
  readonly domain: string;
  readonly realm: string;
  readonly client: string;
  /** Default: the realm under the site's own name. */
  readonly issuer?: string;
}

/** The same, in the words of OpenID Connect. `static/sso.html` is the page that exchanges the code. */
export const oidcClientOf = ({ domain, realm, client, issuer }: JitsiWeb): OidcClient => ({
  issuer: issuer ?? jitsiIssuer({ domain, realm }),
  clientId: client,
  redirectUri: `https://${domain}/static/sso.html`,
  afterLogout: `https://${domain}/static/logout.html`,
  origin: `https://${domain}`,
});

/** A login as Jitsi's web page makes it. Its state is JSON that names the room to enter afterwards. */
export function newLogin(): LoginSecrets {
  const room = 'orchestrate-proof';
  return {
    state: JSON.stringify({ room, roomSafe: room, proof: randomBytes(8).toString('hex') }),
    nonce: randomBytes(32).toString('hex'),
    verifier: randomBytes(48).toString('base64url'),
  };
}

/** What the page that visitors get says about signing in. */
export interface SignInPage {
  /** `config.tokenAuthUrl`, with its placeholders. */
  readonly tokenAuthUrl: string;
  /** `config.sso`: `sso.html` exchanges the code at `https://<tokenService>/token`. */
  readonly tokenService: string;
  readonly clientId: string;
}

const sso = z.object({ tokenService: z.string(), clientId: z.string() });

/**
 * Reads the config.js that the site serves; null where it is written so that only a browser can tell.
 *
 * @throws Unmet when it does not send people to a sign-in
 */
export function readSignInPage(response: HttpResponse): SignInPage | null {
  const step = 'config.js';
  if (response.status !== 200 || mediaType(response) === 'text/html') {
    const next = "look where nginx's location = /config.js leads";
    throw new Unmet(step, 'is not served', { evidence: [glimpse(response)], next });
  }
  try {
    const url = jitsiConfigValue(response.body, 'tokenAuthUrl');
    const service = sso.safeParse(jitsiConfigValue(response.body, 'sso'));
    if (typeof url === 'string' && service.success) return { tokenAuthUrl: url, ...service.data };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code !== 'syntax') return null;
    throw new Unmet(step, 'does not send people to the sign-in: no browser can run it', {
      evidence: [error.message],
      next: 'mend the line; until then no page of Jitsi works',
    });
  }
  throw new Unmet(step, 'does not send people to the sign-in', {
    evidence: ['config.tokenAuthUrl or config.sso is missing in what visitors get'],
    next: 'set tokenAuthUrl and sso, or look which file nginx serves as /config.js',
  });
}

/**
 * The page sends people where Prosody's tokens come from.
 *
 * @throws Unmet when it names another realm, service or client
 */
export function expectPage(page: SignInPage, { authorization, token }: Discovery, client: OidcClient): void {
  const url = URL.canParse(page.tokenAuthUrl) ? new URL(page.tokenAuthUrl) : null;
  const facts: readonly (readonly [what: string, is: string, wanted: string])[] = [
    ['tokenAuthUrl', url === null ? page.tokenAuthUrl : `${url.origin}${url.pathname}`, authorization.href],
    ['sso.tokenService', `https://${page.tokenService}/token`, token.href],
    ['client_id in tokenAuthUrl', url?.searchParams.get('client_id') ?? '(none)', client.clientId],
    ['sso.clientId', page.clientId, client.clientId],
  ];
  const wrong = facts.filter(([, is, wanted]) => is !== wanted);
  if (wrong.length === 0) return;
  throw new Unmet('config.js', 'sends people to another sign-in than the one that Prosody accepts', {
    evidence: wrong.map(([what, is, wanted]) => `${what}: ${printableProse(is)}, expected ${wanted}`),
    next: 'use one realm and one client in Keycloak, Prosody and config.js',
  });
}

/** The address that the page goes to: its placeholders filled in, and the nonce that its script adds. */
export function authorizationUrl({ tokenAuthUrl }: SignInPage, login: LoginSecrets): URL {
  const challenge = createHash('sha256').update(login.verifier).digest('base64url');
  const url = new URL(
    tokenAuthUrl
      .replaceAll('{state}', encodeURIComponent(login.state))
      .replaceAll('{code_challenge}', challenge),
  );
  url.searchParams.set('nonce', login.nonce);
  return url;
}

/** What a plain page of ours would say, where the site's own cannot be read. */
export const pageOf = ({ authorization, token }: Discovery, client: OidcClient): SignInPage => ({
  tokenAuthUrl:
    `${authorization.href}?client_id=${encodeURIComponent(client.clientId)}&response_type=code&scope=openid` +
    `&state={state}&redirect_uri=${client.redirectUri}&code_challenge={code_challenge}&code_challenge_method=S256`,
  tokenService: token.href.replace(/^https:\/\/|\/token$/g, ''),
  clientId: client.clientId,
});

/**
 * `static/sso.html` is there, exchanges codes with a proof key and a nonce, and has config.js put in by nginx.
 *
 * @throws Unmet
 */
export function expectSsoPage(response: HttpResponse): void {
  const step = 'static/sso.html';
  const html = bodyText(response);
  if (response.status !== 200 || mediaType(response) !== 'text/html' || !html.includes('sessionStorage')) {
    const next = 'install the package jitsi-meet-web in a version that signs in by code: 2.0.10700 or newer';
    throw new Unmet(step, 'is not there', { evidence: [glimpse(response)], next });
  }
  const missing = ['code_verifier', 'oauth_nonce'].filter((word) => !html.includes(word));
  if (missing.length > 0) {
    throw new Unmet(step, 'is of a version that cannot exchange the code', {
      evidence: [`it never mentions ${missing.join(' and ')}`],
      next: 'upgrade jitsi-meet-web, and clear what a proxy may have kept of the old page',
    });
  }
  if (!html.includes('<!--#include')) return;
  throw new Unmet(step, 'has no configuration in it', {
    evidence: ['<!--#include virtual="/config.js" --> came as it is'],
    next: 'set `ssi on` for the pages of Jitsi in nginx (not for those of Keycloak)',
  });
}
