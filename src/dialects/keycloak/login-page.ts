import { printableProse } from '../../lib/printable.js';
import type { HttpResponse } from '../../shell/http-request.js';
import type { SecretRef } from '../../shell/secret.js';
import { type LoginSecrets, type OidcClient, readCallback } from '../oidc.js';
import { Unmet } from '../unmet.js';
import { bodyText, glimpse, header, mediaType } from '../web-site.js';

/**
 * Keycloak's login page, as far as a visitor without eyes needs it. It is HTML of whatever theme is set, so only
 * marks that all themes keep are used: the form's id, links to stylesheets, the ids of messages.
 */
export interface LoginPage {
  /** Where user name and password go. */
  readonly action: URL;
  /** At most three. */
  readonly stylesheets: readonly URL[];
}

/** Somebody with an account. */
export interface Person {
  readonly username: string;
  readonly password: string | SecretRef;
}

/** The login that a page belongs to. */
interface Going {
  readonly client: OidcClient;
  readonly login: LoginSecrets;
}

/**
 * Reads the login page. The form's address and the styles must lie on the issuer's own origin: the password goes
 * there.
 *
 * @throws Unmet
 */
export function readLoginPage(
  response: HttpResponse,
  { start, client, login }: Going & { readonly start: URL },
): LoginPage {
  const step = 'the login page';
  const location = header(response, 'location');
  if (location !== null) readCallback(location, client, login);
  const html = bodyText(response);
  const action = response.status === 200 ? addressOf(loginAction(html), start) : null;
  if (action === null) {
    const evidence = [
      complaint(html) ??
        (location === null ? glimpse(response) : `leads to ${printableProse(withoutQuery(location))}`),
    ];
    const next = 'compare realm, client and redirect address in Keycloak with those in config.js';
    throw new Unmet(step, 'has no form for user name and password', { evidence, next });
  }
  if (!action.href.startsWith(`${client.issuer}/`)) {
    const evidence = [
      `the form leads to ${printableProse(withoutQuery(action.href))}`,
      `issuer: ${client.issuer}`,
    ];
    const next = "set the realm's frontendUrl, and let nginx send X-Forwarded-Proto and X-Forwarded-Host";
    throw new Unmet(step, 'would send the password to another address', { evidence, next });
  }
  return {
    action,
    stylesheets: stylesheets(html)
      .flatMap((href) => addressOf(href, start) ?? [])
      .filter(({ origin }) => origin === start.origin)
      .slice(0, 3),
  };
}

/** @throws Unmet when a stylesheet of the login page is none: nginx passes only part of Keycloak */
export function readStylesheet(response: HttpResponse, address: URL): void {
  if (response.status === 200 && mediaType(response) === 'text/css') return;
  throw new Unmet('the login page', 'has no style', {
    evidence: [
      `${printableProse(address.pathname)}: HTTP ${response.status} ${printableProse(mediaType(response))}`,
    ],
    next: 'let nginx pass ^~ /resources/ to Keycloak, before its other rules',
  });
}

/**
 * The code that a login gave.
 *
 * @throws Unmet with what Keycloak asks for instead
 */
export function readLoginResult(
  response: HttpResponse,
  { client, login, user }: Going & { readonly user: Person },
): string {
  const location = header(response, 'location');
  const code = location === null ? null : readCallback(location, client, login);
  if (code !== null) return code;
  const step = `the login of "${user.username}"`;
  const html = bodyText(response);
  if (loginAction(html) !== null) {
    const evidence = [complaint(html) ?? 'the login page is shown again'];
    const asked = typeof user.password === 'string' ? 'what was typed' : `the secret ${user.password.secret}`;
    const next = `compare ${asked} with the user's password, and look whether the user is enabled or locked out for a while`;
    throw new Unmet(step, 'is refused', { evidence, next });
  }
  const asked = location === null ? (pageName(html) ?? glimpse(response)) : askedBy(location);
  const next =
    'complete what is asked in Keycloak (profile, required actions, second factor), or prove with another user';
  throw new Unmet(step, 'stops at one more question', { evidence: [printableProse(asked)], next });
}

/** @throws Unmet when a wrong password, or a name that nobody has, got in or further */
export function expectNoLogin(response: HttpResponse, { client, login }: Going): void {
  const location = header(response, 'location');
  const code = location === null ? null : readCallback(location, client, login);
  if (code === null && loginAction(bodyText(response)) !== null) return;
  throw new Unmet('the login', 'does not refuse a wrong name or password', {
    evidence: [code === null ? glimpse(response) : 'it gave a code'],
    next: "look at the authentication flow of the realm, and at what answers in Keycloak's place",
  });
}

const addressOf = (href: string | null, page: URL): URL | null =>
  href !== null && URL.canParse(href, page.href) ? new URL(href, page) : null;

/** A required action has its name in the address. */
function askedBy(location: string): string {
  const action = /[?&]execution=([\w-]{1,60})/.exec(location)?.[1];
  return action ?? withoutQuery(location);
}

const withoutQuery = (address: string): string => address.replace(/[?#][^]*$/, '');

/** Where the form of user name and password goes; null when the page has none. */
function loginAction(html: string): string | null {
  const form = tags(html, 'form').find((tag) => attribute(tag, 'id') === 'kc-form-login');
  return form === undefined ? null : attribute(form, 'action');
}

/** Addresses of the page's stylesheets. */
const stylesheets = (html: string): readonly string[] =>
  tags(html, 'link').flatMap((tag) =>
    attribute(tag, 'rel') === 'stylesheet' ? (attribute(tag, 'href') ?? []) : [],
  );

/** What the page complains about, if it does: a wrong password, an unknown client, an invalid address. */
function complaint(html: string): string | null {
  const ids = ['input-error', 'input-error-username', 'input-error-password', 'kc-error-message'];
  for (const id of ids) {
    const at = html.search(new RegExp(`id=["']${id}["']`));
    if (at === -1) continue;
    const inside = html.slice(html.indexOf('>', at) + 1, at + 1000).replace(/<\/(?:div|span)>[^]*/, '');
    const text = printableProse(unescapeHtml(inside.replace(/<[^>]*>/g, ' ')));
    if (text !== '') return text;
  }
  return null;
}

/** Which page this is: Keycloak writes the template's name into its body. */
const pageName = (html: string): string | null => {
  const body = tags(html, 'body')[0];
  return body === undefined ? null : attribute(body, 'data-page-id');
};

const tags = (html: string, name: string): readonly string[] =>
  html.match(new RegExp(`<${name}\\s[^<>]{0,4000}>`, 'gi')) ?? [];

function attribute(tag: string, name: string): string | null {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  const value = found?.[1] ?? found?.[2];
  return value === undefined ? null : unescapeHtml(value);
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  '#x27': "'",
};

const unescapeHtml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|#39|#x27);/g, (whole, name: string) => entities[name] ?? whole);
