import { randomBytes, randomInt } from 'node:crypto';
import {
  authenticate,
  type BoshReply,
  type BoshVisit,
  openSession,
  readBosh,
  terminate,
} from '../dialects/bosh.js';
import { type CookieJar, cookieHeader, withCookies } from '../dialects/cookie-jar.js';
import { newLogin, oidcClientOf } from '../dialects/jitsi-web.js';
import { jitsiAudience } from '../dialects/keycloak/jitsi-client.js';
import { readLoginPage, readLoginResult, readStylesheet } from '../dialects/keycloak/login-page.js';
import {
  authorizationUrl,
  type Discovery,
  discoveryUrl,
  exchangeForm,
  expectEnded,
  expectLogout,
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
  forged,
  readKeys,
  readTokens,
  type Tokens,
} from '../dialects/oidc-tokens.js';
import { Unmet } from '../dialects/unmet.js';
import { type Visit, visit, type WebSite } from '../dialects/web-site.js';
import { expectAccepted, expectGuest, expectRefused } from '../dialects/xmpp-gate.js';
import { certificatePaths, findServer, parseNginx } from '../formats/nginx/index.js';
import { Refused } from '../formats/outcome.js';
import { Failed } from '../model/failure.js';
import type { ProofKind, Remote, Verdict } from '../model/kind.js';
import type { HttpRequest, HttpResponse } from '../shell/http-request.js';
import { sh } from '../shell/sh.js';

// Long because a login is one story from the first page to the sign-out; the words of its steps live in the dialects.

/** Who shall be able to sign in to which Jitsi. */
export interface JitsiSignIn {
  readonly domain: string;
  readonly realm: string;
  readonly client: string;
  /** null: nobody may sign in for the proof, so it says what it did not prove. */
  readonly user: { readonly username: string; readonly password: { readonly secret: string } } | null;
  /** As Prosody accepts it, byte for byte. Default: the realm under the site's own name. */
  readonly issuer?: string;
  /** The XMPP host of guests; null: guests are not proven. Default: `guest.` and the domain. */
  readonly guests?: string | null;
  /**
   * The site's TLS server as seen from the host. Beside the known authorities, the PEM text `ca` is trusted, or the
   * certificate at `caFile` on the host, or the very one that `nginxFile` on the host names for the domain: what
   * nginx serves is then held against what it should serve. Default: 127.0.0.1, port 443.
   */
  readonly tls?: {
    readonly address?: string;
    readonly port?: number;
    readonly ca?: string;
    readonly caFile?: string;
    readonly nginxFile?: string;
  };
}

/**
 * Signs in through the host's own nginx exactly as Jitsi's web page does, shows the token to Prosody, and signs out.
 * Plain requests rather than a library for OpenID Connect: the proof is that these very requests work, and each
 * has an outcome of its own to tell.
 */
export const jitsiSignIn: ProofKind<JitsiSignIn> = {
  shape: 'proof',
  name: 'jitsi.sign-in',

  async prove(props, remote): Promise<Verdict> {
    const { user } = props;
    if (user === null) return { ok: true, note: 'sign-in not proven: no user' };
    try {
      const browser = browserOn(await siteOf(props, remote), remote);
      return { ok: true, note: await walk({ ...props, user }, browser, remote) };
    } catch (error) {
      if (!(error instanceof Unmet)) throw error;
      return { ok: false, because: error.message, evidence: error.evidence, next: error.next };
    }
  },
};

/** A visitor with cookies, on one site. */
interface Browser {
  readonly site: WebSite;
  go(step: string, address: URL, sending?: Visit): Promise<HttpResponse>;
  send(step: string, request: HttpRequest): Promise<HttpResponse>;
}

/** With somebody who signs in. */
type WithUser = JitsiSignIn & { readonly user: NonNullable<JitsiSignIn['user']> };

async function walk(props: WithUser, browser: Browser, remote: Remote): Promise<string> {
  const client = oidcClientOf(props);
  const discovery = readDiscovery(await browser.go('the discovery document', discoveryUrl(client)), client);
  const login = newLogin();
  remote.progress(`signing in as ${props.user.username}`);
  const code = await signIn({ props, client, discovery, login }, browser);
  remote.learnSecret(code);
  const exchanged = await exchange({ client, discovery, login, code }, browser);
  const tokens = readTokens(exchanged);
  for (const token of [tokens.access, tokens.id, tokens.refresh])
    if (token !== null) remote.learnSecret(token);
  try {
    expectAllowed(exchanged, client);
    const keys = readKeys(await browser.go("the realm's keys", discovery.jwks));
    await checkIdToken(tokens, keys, { ...client, ...login });
    await checkAccessToken(tokens, keys, { issuer: client.issuer, audience: jitsiAudience });
    remote.progress('showing the token to Prosody');
    const wrong = forged(tokens.access);
    remote.learnSecret(wrong);
    await askProsody(props, { right: tokens.access, wrong }, browser);
  } catch (error) {
    await signOut({ client, discovery, tokens }, browser).catch(() => undefined);
    throw error;
  }
  await signOut({ client, discovery, tokens }, browser);
  return `${props.user.username} signed in and out; Prosody took the token and refused a missing and a forged one${
    props.guests === null ? '' : '; guests may come'
  }`;
}

interface Login {
  readonly props: WithUser;
  readonly client: OidcClient;
  readonly discovery: Discovery;
  readonly login: LoginSecrets;
}

/** Goes through the login page. One attempt: a second wrong password would count against the user. */
async function signIn({ props, client, discovery, login }: Login, browser: Browser): Promise<string> {
  const start = authorizationUrl(discovery, client, login);
  const page = readLoginPage(await browser.go('the login page', start), { start, client, login });
  for (const sheet of page.stylesheets)
    readStylesheet(await browser.go("the login page's style", sheet), sheet);
  const form = {
    username: props.user.username,
    password: { secret: props.user.password.secret },
    credentialId: '',
  };
  const answer = await browser.go('the login', page.action, {
    method: 'POST',
    headers: { origin: new URL(client.issuer).origin },
    body: { form },
  });
  return readLoginResult(answer, { client, login, user: props.user });
}

/** As the script of `static/sso.html` does, from the site's own origin. */
const exchange = (
  { client, discovery, login, code }: Omit<Login, 'props'> & { readonly code: string },
  browser: Browser,
): Promise<HttpResponse> =>
  browser.go('the exchange of the code', discovery.token, {
    method: 'POST',
    headers: { origin: client.origin },
    body: { form: exchangeForm(client, code, login) },
  });

/** The refusals are the proof: a Prosody that was only reloaded takes the good token and every other. */
async function askProsody(
  props: JitsiSignIn,
  token: { readonly right: string; readonly wrong: string },
  browser: Browser,
): Promise<void> {
  const room = `orchestrate-proof-${randomBytes(4).toString('hex')}`;
  const going = { site: browser.site, to: props.domain, room };
  expectRefused(await knock({ ...going, token: null }, browser), 'no token');
  expectRefused(await knock({ ...going, token: token.wrong }, browser), 'a forged token');
  const first = await knock({ ...going, token: token.right }, browser);
  // A Prosody that has just started fetches the keys in this moment, and is silent until it has them.
  expectAccepted(first.login === null ? await knock({ ...going, token: token.right }, browser) : first);
  const guests = props.guests === undefined ? `guest.${props.domain}` : props.guests;
  if (guests !== null) expectGuest(await knock({ ...going, to: guests, token: null }, browser), guests);
}

/** One XMPP session: what was offered, how the login came out, and away again. */
async function knock(going: BoshVisit, browser: Browser): Promise<BoshReply> {
  const rid = randomInt(1, 1_000_000_000);
  const ask = async (request: HttpRequest) => readBosh(await browser.send('/http-bind', request));
  const opened = await ask(openSession(going, rid));
  const { sid } = opened;
  if (sid === null || opened.ended !== null || !opened.mechanisms.includes('ANONYMOUS')) return opened;
  const answer = await ask(authenticate(going, sid, rid + 1));
  if (answer.ended === null) await browser.send('/http-bind', terminate(going, sid, rid + 2));
  return { ...answer, mechanisms: opened.mechanisms };
}

/** Signs out as Jitsi does, and makes sure that nothing of the session is left. */
async function signOut(
  { client, discovery, tokens }: Omit<Login, 'props' | 'login'> & { readonly tokens: Tokens },
  browser: Browser,
): Promise<void> {
  expectLogout(await browser.go('the sign-out', logoutUrl(discovery, client, tokens.id)), client);
  if (tokens.refresh === null) return;
  const body = { form: refreshForm(client, tokens.refresh) };
  expectEnded(await browser.go('the sign-out', discovery.token, { method: 'POST', body }));
}

async function siteOf({ domain, tls = {} }: JitsiSignIn, remote: Remote): Promise<WebSite> {
  const caFile =
    tls.caFile ??
    (tls.nginxFile === undefined ? undefined : await namedCertificate(tls.nginxFile, domain, remote));
  const ca = caFile === undefined ? tls.ca : await readCertificate(caFile, remote);
  return {
    domain,
    endpoint: {
      address: tls.address ?? '127.0.0.1',
      port: tls.port ?? 443,
      tls: { serverName: domain, ...(ca === undefined ? {} : { ca }) },
    },
  };
}

/** The certificate that an nginx file names for a domain; undefined where it names none that can be read so. */
async function namedCertificate(path: string, domain: string, remote: Remote): Promise<string | undefined> {
  const { stdout } = await remote.must(sh`head -c 1048576 -- ${path}`, { what: `read ${path}` });
  try {
    const [first] = certificatePaths(findServer(parseNginx(stdout), { domain }));
    return first?.startsWith('/') === true && !first.includes('$') ? first : undefined;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

async function readCertificate(path: string, remote: Remote): Promise<string> {
  const what = `read the certificate ${path}`;
  const { stdout } = await remote.must(sh`head -c 65536 -- ${path}`, {
    what,
    next: 'name the file that nginx serves',
  });
  return Buffer.from(stdout).toString();
}

function browserOn(site: WebSite, remote: Remote): Browser {
  const kept: { jar: CookieJar } = { jar: {} };
  const send = (step: string, request: HttpRequest) =>
    remote.http(request).catch((error: unknown) => noAnswer(step, error));
  return {
    site,
    send,
    async go(step, address, sending = {}) {
      const headers = { ...cookieHeader(kept.jar), ...sending.headers };
      const response = await send(step, visit(site, address, { ...sending, headers }));
      kept.jar = withCookies(kept.jar, response);
      return response;
    },
  };
}

/** Silence is a finding; a lost connection to the host is not. */
function noAnswer(step: string, error: unknown): never {
  if (!(error instanceof Failed) || error.failure.reason !== 'command-failed') throw error;
  const { what, evidence } = error.failure;
  const next =
    'look whether nginx listens there, and name tls.ca or tls.caFile when its certificate is self-signed';
  throw new Unmet(step, 'gets no answer', { evidence: [what, ...evidence], next });
}
