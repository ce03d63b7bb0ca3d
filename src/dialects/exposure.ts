import { printableProse } from '../lib/printable.js';
import type { HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { Sh } from '../shell/sh.js';
import { sh } from '../shell/sh.js';
import type { Reply } from '../shell/batch.js';
import { Unmet } from './unmet.js';
import { bodyText, header, type WebSite } from './web-site.js';

/** Paths of Keycloak that nobody outside needs, also in the spellings that slip through careless rules. */
export const hiddenPaths = (realm: string): readonly string[] => [
  '/admin/',
  '/admin/master/console/',
  '/realms/master/',
  '/realms/master/.well-known/openid-configuration',
  `/realms/${realm}/../master/.well-known/openid-configuration`,
  `/realms/${realm}/..%2fmaster/.well-known/openid-configuration`,
  `/realms/${realm};/../master/.well-known/openid-configuration`,
  '//realms/master/.well-known/openid-configuration',
  `/resources/../realms/master/.well-known/openid-configuration`,
  '/resources/../admin/',
  '/metrics',
  '/health/ready',
];

/** Asks the site for a path exactly as it is written. */
export const askPath = ({ domain, endpoint }: WebSite, path: string): HttpRequest => ({
  is: 'http',
  to: endpoint,
  method: 'GET',
  path,
  headers: { host: domain },
});

/**
 * Keycloak's own things are not reachable through the site.
 *
 * @throws Unmet when this answer is Keycloak's
 */
export function expectHidden(response: HttpResponse, path: string): void {
  const marks = marksOfKeycloak(response);
  if (marks === null) return;
  throw new Unmet(`${path} of Keycloak`, 'can be reached by everybody', {
    evidence: [`HTTP ${response.status}, ${marks}`],
    next: 'let nginx pass only /realms/<realm>/ and /resources/ to Keycloak, and answer 404 for /realms/ and /admin/',
  });
}

/** What shows that Keycloak answered; null when nothing does. A refusal by Keycloak shows that it was reached. */
function marksOfKeycloak(response: HttpResponse): string | null {
  const location = header(response, 'location') ?? '';
  if (/\/admin\/|\/realms\//.test(location))
    return `it leads to ${printableProse(location.replace(/\?.*/s, ''))}`;
  const text = bodyText(response).slice(0, 65_536);
  const mark =
    /"issuer"\s*:|"realm"\s*:\s*"master"|"tokens-not-before"|"status"\s*:\s*"UP"|keycloak|# HELP /i.exec(
      text,
    )?.[0];
  return mark === undefined ? null : `the answer holds ${printableProse(mark)}`;
}

/** The addresses of the host that others can reach, one a word. */
export const readAddresses: Sh = sh`hostname -I`;

/** At most four, IPv4 before IPv6. */
export const addressesIn = ({ stdout }: Reply): readonly string[] =>
  Buffer.from(stdout)
    .toString()
    .split(/\s+/)
    .filter((word) => /^[0-9a-fA-F.:]{2,45}$/.test(word))
    .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
    .slice(0, 4);

/** The address that a proof claims to come from (RFC 5737: nobody's). */
const claimedAddress = '192.0.2.66';

/** Headers with which a client tries to pass for another. */
export const forgedOrigin: Readonly<Record<string, string>> = {
  'x-forwarded-for': claimedAddress,
  'x-forwarded-host': 'forged.invalid',
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '1',
  'x-real-ip': claimedAddress,
  forwarded: `for=${claimedAddress};host=forged.invalid;proto=http`,
};

/** @throws Unmet when Keycloak took the client's word for where it comes from */
export function expectTrueAddress(address: string): void {
  if (address !== claimedAddress) return;
  throw new Unmet('Keycloak', "believes a client's own X-Forwarded-For", {
    evidence: [`the proof claimed to come from ${claimedAddress}, and Keycloak wrote that down`],
    next: 'set proxy_set_header X-Forwarded-For $remote_addr in the locations of Keycloak: not $proxy_add_x_forwarded_for',
  });
}
