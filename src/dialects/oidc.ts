import { z } from 'zod';
import { printableProse } from '../lib/printable.js';
import type { HttpResponse } from '../shell/http-request.js';
import { Unmet } from './unmet.js';
import { bodyText, glimpse, header, mediaType } from './web-site.js';

/** Where a realm's pages and services are. All lie under its issuer. */
export interface Discovery {
  readonly authorization: URL;
  readonly token: URL;
  readonly endSession: URL;
  readonly jwks: URL;
}

/** What one login is bound to: made anew for each. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Who signs in where, as the browser's page has it in config.js. */
export interface OidcClient {
  /** Exactly as Prosody accepts it. */
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** Where the browser goes after signing out. */
  readonly afterLogout: string;
  readonly origin: string;
}

/** The address of a realm's description of itself. */
export const discoveryUrl = ({ issuer }: OidcClient): URL =>
  new URL(`${issuer}/.well-known/openid-configuration`);

const discovered = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  end_session_endpoint: z.url(),
  jwks_uri: z.url(),
});

/**
 * Reads the description and compares the issuer byte for byte, as Prosody does.
 *
 * @throws Unmet when it is another one, or when an address leads away from it
 */
export function readDiscovery(response: HttpResponse, { issuer }: OidcClient): Discovery {
  const step = 'the discovery document';
  const found = parsed(response, discovered);
  if (found === null) {
    const next = 'look whether nginx passes /realms/ of this realm to Keycloak, and whether the realm exists';
    throw new Unmet(step, 'is not there', { evidence: [glimpse(response)], next });
  }
  if (found.issuer !== issuer) {
    throw new Unmet(step, 'announces another issuer than Prosody accepts', {
      evidence: [`announced: ${printableProse(found.issuer)}`, `accepted:  ${issuer}`],
      next: "set the realm's frontendUrl, and let nginx send X-Forwarded-Proto and X-Forwarded-Host",
    });
  }
  const under = (address: string): URL => {
    if (address.startsWith(`${issuer}/`)) return new URL(address);
    const next = 'look at the hostname options of Keycloak and the frontendUrl of the realm';
    throw new Unmet(step, 'leads away from its issuer', { evidence: [printableProse(address)], next });
  };
  return {
    authorization: under(found.authorization_endpoint),
    token: under(found.token_endpoint),
    endSession: under(found.end_session_endpoint),
    jwks: under(found.jwks_uri),
  };
}

/**
 * The code in the address that the login leads back to; null when it leads elsewhere.
 *
 * @throws Unmet when Keycloak sends an error back, or a state that is not ours
 */
export function readCallback(location: string, client: OidcClient, { state }: LoginSecrets): string | null {
  if (location !== client.redirectUri && !location.startsWith(`${client.redirectUri}?`)) return null;
  const sent = new URL(location).searchParams;
  const step = 'the way back from the login';
  const error = sent.get('error');
  if (error !== null) {
    const evidence = [printableProse(`${error}: ${sent.get('error_description') ?? ''}`)];
    throw new Unmet(step, 'brings an error', {
      evidence,
      next: 'change what it names in the client of the realm',
    });
  }
  const code = sent.get('code');
  if (code !== null && sent.get('state') === state) return code;
  const evidence = [`parameters: ${printableProse([...sent.keys()].join(', '))}`];
  throw new Unmet(step, 'brings no code for this login', {
    evidence,
    next: 'look for a proxy that changes addresses',
  });
}

/** The form with which Jitsi's `sso.html` exchanges the code. */
export const exchangeForm = (client: OidcClient, code: string, { verifier }: LoginSecrets) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: client.redirectUri,
  client_id: client.clientId,
  code_verifier: verifier,
});

/** @throws Unmet when a code is taken a second time: whoever reads it in a log could sign in */
export function expectReplayRefused(response: HttpResponse): void {
  if (response.status === 400 || response.status === 401) return;
  throw new Unmet('the exchange of the code', 'works a second time with the same code', {
    evidence: [`HTTP ${response.status}`],
    next: 'look for a proxy between nginx and Keycloak that repeats old answers',
  });
}

/** The end of the session, as Jitsi's `tokenLogoutUrl` with the hint that spares the question. */
export function logoutUrl({ endSession }: Discovery, client: OidcClient, idToken: string): URL {
  const url = new URL(endSession);
  url.search = new URLSearchParams({
    client_id: client.clientId,
    id_token_hint: idToken,
    post_logout_redirect_uri: client.afterLogout,
  }).toString();
  return url;
}

/** @throws Unmet when the end of the session does not lead back to the site */
export function expectLogout(response: HttpResponse, { afterLogout }: OidcClient): void {
  const location = header(response, 'location') ?? '';
  if (location === afterLogout || location.startsWith(`${afterLogout}?`)) return;
  throw new Unmet('the sign-out', 'does not lead back to the site', {
    evidence: [glimpse(response), `expected to be sent to ${afterLogout}`],
    next: `add ${afterLogout} to the post-logout addresses of the client`,
  });
}

/** Asks for new tokens in exchange for the refresh token. */
export const refreshForm = ({ clientId }: OidcClient, refreshToken: string) => ({
  grant_type: 'refresh_token',
  refresh_token: refreshToken,
  client_id: clientId,
});

/** @throws Unmet when new tokens are still given */
export function expectEnded(response: HttpResponse): void {
  if (response.status === 400 || response.status === 401) return;
  const next = 'end the session in Keycloak (Sessions), and look for a proxy that answers in its place';
  throw new Unmet('the sign-out', 'leaves the session open', { evidence: [`HTTP ${response.status}`], next });
}

/** The `error` and `error_description` of an OAuth reply, else a glimpse of what it is. */
export function oauthError(response: HttpResponse): string {
  const said = z
    .object({ error: z.string(), error_description: z.string().optional() })
    .safeParse(jsonOf(response));
  return said.success ? `${said.data.error}: ${said.data.error_description ?? ''}` : glimpse(response);
}

/** JSON of this shape; null when it is anything else. */
export function parsed<T>(response: HttpResponse, schema: z.ZodType<T>): T | null {
  if (response.status !== 200 || response.truncated || mediaType(response) === 'text/html') return null;
  const result = schema.safeParse(jsonOf(response));
  return result.success ? result.data : null;
}

function jsonOf(response: HttpResponse): unknown {
  try {
    return JSON.parse(bodyText(response)) as unknown;
  } catch {
    return undefined;
  }
}
