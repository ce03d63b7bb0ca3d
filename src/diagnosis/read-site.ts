import type { KeycloakServer } from '../dialects/keycloak/server.js';
import { getJson, visit, type WebSite } from '../dialects/web-site.js';
import { signInFacts } from '../formats/prosody/lint.js';
import { stringsOf } from '../formats/prosody/view.js';
import { all, andThen, ask, map, type Probe } from '../probe/probe.js';
import type { HttpRequest } from '../shell/http-request.js';
import { sh } from '../shell/sh.js';
import type { DatedFile, NginxFacts, SiteFacts, SiteJob } from './facts.js';
import { readContainer } from './read-container.js';
import { readOneFile } from './read-files.js';
import { adminProbes, readAnswer, readKeys } from './read-keycloak.js';
import { readNginx, readProsody } from './read-services.js';

/** Where everything of a site lies. */
export interface SitePlace {
  readonly job: SiteJob;
  readonly site: WebSite;
  readonly nginxFile: string;
  readonly keycloak: KeycloakServer | null;
  /** The same, where its admin may be asked about the realm. */
  readonly admin: KeycloakServer | null;
}

/**
 * Reads everything that may be the reason: all of the host in one script, Keycloak's answers beside it, and then the
 * keys at the address that Prosody's file names. Changes nothing.
 */
export function readSite({ job, site, nginxFile, keycloak, admin }: SitePlace): Probe<SiteFacts> {
  const description = `/realms/${encodeURIComponent(job.realm)}/.well-known/openid-configuration`;
  const question =
    admin === null ? null : { server: admin, realm: job.realm, clientId: job.client, username: job.username };
  const first = all({
    ...adminProbes(question),
    prosody: readProsody(job.domain),
    nginx: readNginx(nginxFile),
    page: readOneFile(`/etc/jitsi/meet/${job.domain}-config.js`),
    hasSsoPage: ask(sh`[ -f /usr/share/jitsi-meet/static/sso.html ]`, ({ code }) => code === 0),
    container: readContainer,
    listening: ask(
      sh`ss -ltnH 2>/dev/null | awk '{ print $4 }'`,
      ({ stdout }) => textOf(stdout).match(/^[\w.:*[\]%-]{3,60}$/gm) ?? [],
    ),
    clock: ask(sh`date +%s`, ({ stdout }) => Number(/^\d{9,11}$/m.exec(textOf(stdout))?.[0] ?? NaN)),
    direct: readAnswer(keycloak === null ? null : toKeycloak(keycloak, description)),
  });
  return andThen(first, ({ realm, client, user, direct, clock, ...host }) => {
    const then = all({
      keys: readKeys(keysRequest(host.prosody.files, job)),
      site: readAnswer(
        throughSite(site, new URL(`${job.issuer}/.well-known/openid-configuration`), host.nginx),
      ),
    });
    return map(then, (answers) => ({
      job,
      ...host,
      clockSeconds: Number.isNaN(clock) ? null : clock,
      keycloak: { direct, realm, client, user, ...answers },
    }));
  });
}

/** The certificate that nginx's file names is trusted, as the proof does. */
function throughSite({ domain, endpoint }: WebSite, address: URL, { certificate }: NginxFacts): HttpRequest {
  const ca = certificate === null ? {} : { ca: textOf(certificate.source) };
  return visit({ domain, endpoint: { ...endpoint, tls: { serverName: domain, ...ca } } }, address);
}

const toKeycloak = (server: KeycloakServer, path: string): HttpRequest => ({
  is: 'http',
  to: server.endpoint,
  method: 'GET',
  path: `${server.basePath ?? ''}${path}`,
  headers: { accept: 'application/json' },
});

/** The request that Prosody makes for the keys; null where its files name no address. */
function keysRequest(files: readonly DatedFile[], job: SiteJob): HttpRequest | null {
  const sources = files.map(({ path, source }) => ({ path, bytes: source }));
  const [address] = stringsOf(signInFacts(sources, job).keysUrl);
  if (address === undefined || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'https:' || url.protocol === 'http:' ? getJson(url) : null;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
