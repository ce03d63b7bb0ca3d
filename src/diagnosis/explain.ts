import { jitsiAudience } from '../dialects/keycloak/jitsi-client.js';
import { type KeycloakServer, serverName } from '../dialects/keycloak/server.js';
import { oidcClientOf } from '../dialects/jitsi-web.js';
import type { Unmet } from '../dialects/unmet.js';
import type { WebSite } from '../dialects/web-site.js';
import { Failed, silence } from '../model/failure.js';
import type { Remote, Verdict } from '../model/kind.js';
import { look } from '../model/look.js';
import { diagnose } from './diagnose.js';
import type { SiteFacts } from './facts.js';
import { readSite, type SitePlace } from './read-site.js';
import { symptomOf } from './symptom.js';

/** The site as the proof was told of it. */
export interface ProvenSite {
  readonly domain: string;
  readonly realm: string;
  readonly client: string;
  readonly issuer?: string;
  readonly user: { readonly username: string } | null;
  readonly tls?: { readonly address?: string; readonly port?: number; readonly nginxFile?: string };
  readonly keycloak?: { readonly server: KeycloakServer };
}

/**
 * A proof that failed, as a verdict with its causes: the site's files, services and settings are read, and the rules
 * asked. Changes nothing. A host that cannot be read any more gives a verdict without causes.
 */
export async function explained(unmet: Unmet, proven: ProvenSite, remote: Remote): Promise<Verdict> {
  const verdict = { ok: false, because: unmet.message, evidence: unmet.evidence, next: unmet.next } as const;
  remote.progress('looking for the reason');
  const facts = await factsOf(placeOf(proven), remote);
  const causes = facts === null ? [] : diagnose(symptomOf(unmet), facts);
  const root = causes.at(-1);
  return root === undefined ? verdict : { ...verdict, causes, next: root.fix ?? verdict.next };
}

/** An admin who is not let in leaves the rest to be read. */
async function factsOf(place: SitePlace, remote: Remote): Promise<SiteFacts | null> {
  for (const admin of [place.admin, null]) {
    try {
      return await look(readSite({ ...place, admin }), { ...remote, http: askedOf(remote) });
    } catch (error) {
      if (!(error instanceof Failed) || error.failure.reason === 'interrupted') throw error;
    }
  }
  return null;
}

/** No answer is an answer here, whatever the reason: a certificate that is not trusted, a port that is shut. */
const askedOf =
  (remote: Remote): Remote['http'] =>
  (request) =>
    remote.http(request).catch((error: unknown) => {
      const failure = silence(error);
      const what = [failure.what, ...failure.evidence].join(': ');
      throw new Failed({ ...failure, what, transient: true });
    });

function placeOf({ domain, realm, client, issuer, user, tls = {}, keycloak }: ProvenSite): SitePlace {
  const web = { domain, realm, client, ...(issuer === undefined ? {} : { issuer }) };
  const server = keycloak?.server ?? null;
  const site: WebSite = {
    domain,
    endpoint: { address: tls.address ?? '127.0.0.1', port: tls.port ?? 443, tls: { serverName: domain } },
  };
  return {
    site,
    admin: server,
    keycloak: server,
    nginxFile: tls.nginxFile ?? `/etc/nginx/sites-available/${domain}.conf`,
    job: {
      domain,
      realm,
      client,
      issuer: oidcClientOf(web).issuer,
      audience: jitsiAudience,
      username: user?.username ?? null,
      keycloak:
        server === null
          ? null
          : { address: server.endpoint.address, port: server.endpoint.port, base: serverName(server) },
    },
  };
}
