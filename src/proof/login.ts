import { randomBytes } from 'node:crypto';
import {
  authorizationUrl,
  expectPage,
  expectSsoPage,
  newLogin,
  oidcClientOf,
  pageOf,
  readSignInPage,
  type JitsiWeb,
  type SignInPage,
} from '../dialects/jitsi-web.js';
import { jitsiAudience } from '../dialects/keycloak/jitsi-client.js';
import {
  expectNoLogin,
  readLoginPage,
  readLoginResult,
  readStylesheet,
  type LoginPage,
  type Person,
} from '../dialects/keycloak/login-page.js';
import {
  type Discovery,
  discoveryUrl,
  exchangeForm,
  expectEnded,
  expectLogout,
  expectReplayRefused,
  type LoginSecrets,
  logoutUrl,
  type OidcClient,
  readDiscovery,
  refreshForm,
} from '../dialects/oidc.js';
import {
  checkAccessToken,
  checkIdToken,
  expectAllowed,
  readKeys,
  readTokens,
  type Tokens,
} from '../dialects/oidc-tokens.js';
import { clockSkew } from '../dialects/web-site.js';
import type { Remote } from '../model/kind.js';
import type { HttpResponse } from '../shell/http-request.js';
import type { Browser } from './browser.js';
import { inTurn } from './turns.js';

/** Where a login goes, as the site itself says. */
export interface SignInPlace {
  readonly client: OidcClient;
  readonly discovery: Discovery;
  readonly page: SignInPage;
  /** How far the host's clock is from ours, where that is worth a word. */
  readonly clock: string | null;
}

/** A login that was carried out, and the session that it opened. */
export interface OpenLogin extends SignInPlace {
  readonly login: LoginSecrets;
  readonly code: string;
  readonly tokens: Tokens;
}

/**
 * Reads what the site says about signing in: the realm's own description, config.js and sso.html as visitors get
 * them.
 *
 * @throws Unmet
 */
export async function readPlace(web: JitsiWeb, browser: Browser): Promise<SignInPlace> {
  const client = oidcClientOf(web);
  const at = (path: string): URL => new URL(path, client.origin);
  const [described, config, sso] = await Promise.all([
    browser.go('the discovery document', discoveryUrl(client)),
    browser.go('config.js', at('/config.js')),
    browser.go('static/sso.html', at('/static/sso.html')),
  ]);
  const discovery = readDiscovery(described, client);
  const page = readSignInPage(config);
  if (page !== null) expectPage(page, discovery, client);
  expectSsoPage(sso);
  return {
    client,
    discovery,
    page: page ?? pageOf(discovery, client),
    clock: clockSkew(described, new Date()),
  };
}

/**
 * Signs in as Jitsi's web page does: the page, the form, the code, and the exchange by the script of `sso.html`. One
 * attempt: a second wrong password would count against the user. What was opened is closed again by {@link signOut}.
 *
 * @throws Unmet
 */
export async function signIn(
  place: SignInPlace,
  user: Person,
  { browser, remote }: { readonly browser: Browser; readonly remote: Remote },
): Promise<OpenLogin> {
  const login = newLogin();
  const going = { client: place.client, login };
  const page = await openLoginPage(place, login, browser);
  await Promise.all(
    page.stylesheets.map(async (sheet) =>
      readStylesheet(await browser.go("the login page's style", sheet), sheet),
    ),
  );
  const code = readLoginResult(await submit(page, user, { ...going, browser }), { ...going, user });
  remote.learnSecret(code);
  const exchanged = await exchange({ ...place, login, code }, browser);
  const tokens = readTokens(exchanged);
  for (const token of [tokens.access, tokens.id, tokens.refresh])
    if (token !== null) remote.learnSecret(token);
  const open = { ...place, login, code, tokens };
  await orSignOut(open, browser, async () => {
    expectAllowed(exchanged, place.client);
    const keys = readKeys(await browser.go("the realm's keys", place.discovery.jwks));
    await checkIdToken(tokens, keys, { ...place.client, ...login });
    await checkAccessToken(tokens, keys, { issuer: place.client.issuer, audience: jitsiAudience });
  });
  return open;
}

/** Does something with an open login, and does not leave it open when that fails. */
export async function orSignOut<T>(login: OpenLogin, browser: Browser, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await signOut(login, browser).catch(() => undefined);
    throw error;
  }
}

/**
 * A wrong password is refused. Keycloak counts it against the user: so this is for one of our own making, or for a
 * name that the realm does not have.
 *
 * @throws Unmet
 */
export async function refuseWrongPassword(
  place: SignInPlace,
  username: string,
  browser: Browser,
): Promise<void> {
  const login = newLogin();
  const going = { client: place.client, login };
  const page = await openLoginPage(place, login, browser);
  const wrong = { username, password: randomBytes(12).toString('hex') };
  expectNoLogin(await submit(page, wrong, { ...going, browser }), going);
}

/**
 * A code is good for one exchange.
 *
 * @throws Unmet
 */
export async function refuseReplay(open: OpenLogin, browser: Browser): Promise<void> {
  expectReplayRefused(await exchange(open, browser));
}

/**
 * Signs out as Jitsi does, and makes sure that nothing of the session is left.
 *
 * @throws Unmet
 */
export async function signOut({ client, discovery, tokens }: OpenLogin, browser: Browser): Promise<void> {
  expectLogout(await browser.go('the sign-out', logoutUrl(discovery, client, tokens.id)), client);
  if (tokens.refresh === null) return;
  const body = { form: refreshForm(client, tokens.refresh) };
  expectEnded(await browser.go('the sign-out', discovery.token, { method: 'POST', body }));
}

async function openLoginPage(
  { client, page }: SignInPlace,
  login: LoginSecrets,
  browser: Browser,
): Promise<LoginPage> {
  const start = authorizationUrl(page, login);
  return readLoginPage(await browser.go('the login page', start), { start, client, login });
}

/** One login of a person at a time: Keycloak refuses a right password, too, while it judges another one. */
const submit = (
  { action }: LoginPage,
  { username, password }: Person,
  { client, browser }: { readonly client: OidcClient; readonly browser: Browser },
): Promise<HttpResponse> =>
  inTurn(`${client.issuer} ${username}`, () =>
    browser.go('the login', action, {
      method: 'POST',
      headers: { origin: new URL(client.issuer).origin },
      body: { form: { username, password, credentialId: '' } },
    }),
  );

/** As the script of `static/sso.html` does, from the site's own origin. */
const exchange = (
  { client, page, login, code }: Omit<OpenLogin, 'tokens'>,
  browser: Browser,
): Promise<HttpResponse> =>
  browser.go('the exchange of the code', new URL(`https://${page.tokenService}/token`), {
    method: 'POST',
    headers: { origin: client.origin },
    body: { form: exchangeForm({ ...client, clientId: page.clientId }, code, login) },
  });
