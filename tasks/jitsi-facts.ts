// What follows from the variables of a host: names, addresses and paths, each said once.
import type * as o from 'orchestrate';
import type { JitsiVars } from './jitsi-vars.js';

/** One Jitsi host in the words of the graph. */
export interface Facts {
  readonly vars: JitsiVars;
  readonly domain: string;
  /** Keycloak as the host itself reaches it. */
  readonly keycloak: o.KeycloakServer;
  /** The Keycloak that we run on the host; null when there is another one already. */
  readonly own: OwnKeycloak | null;
  /** What Keycloak writes into every token, byte for byte. */
  readonly issuer: string;
  /** The issuer's pages without `https://`, as Jitsi's web page wants them. */
  readonly openid: string;
  /** Where Prosody gets the keys that tokens are signed with. */
  readonly keysUrl: string;
  readonly nginxFile: string;
  readonly prosodyFile: string;
  readonly configFile: string;
}

/** A Keycloak that the graph installs. */
export interface OwnKeycloak {
  readonly server: Required<o.KeycloakSetup>;
  readonly imageArchive: string | undefined;
}

const gibibyte = 1024 ** 3;
const units: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: gibibyte };

/** The bytes in `1536m`. */
const bytesIn = (size: string): number => Number(size.slice(0, -1)) * (units[size.slice(-1)] ?? 1);

/** Says everything that follows from the variables. `beside` finds files that the inventory names. */
export function factsOf(vars: JitsiVars, beside: (path: string) => string): Facts {
  const { domain, realm, keycloak } = vars;
  const own = keycloak.external === undefined ? ownKeycloak(vars, beside) : null;
  const base = keycloak.external ?? `https://${domain}`;
  const issuer = `${base}/realms/${realm}`;
  // Loopback without TLS where Keycloak is on the host: no certificate, no DNS and no way through NAT can fail.
  const near = keycloak.external ?? `http://127.0.0.1:${keycloak.port}`;
  return {
    vars,
    domain,
    own,
    keycloak: { ...placeOf(near), admin: keycloak.admin },
    issuer,
    openid: `${issuer.replace(/^https?:\/\//, '')}/protocol/openid-connect`,
    keysUrl: `${near}/realms/${realm}/protocol/openid-connect/certs`,
    nginxFile: `/etc/nginx/sites-available/${domain}.conf`,
    prosodyFile: `/etc/prosody/conf.avail/${domain}.cfg.lua`,
    configFile: `/etc/jitsi/meet/${domain}-config.js`,
  };
}

function ownKeycloak({ domain, keycloak }: JitsiVars, beside: (path: string) => string): OwnKeycloak {
  const { name, version, port, managementPort, memory, admin, imageArchive } = keycloak;
  const server = { name, version, domain, port, managementPort, memoryBytes: bytesIn(memory), admin };
  return { server, imageArchive: imageArchive === undefined ? undefined : beside(imageArchive) };
}

function placeOf(base: string): Pick<o.KeycloakServer, 'endpoint' | 'basePath'> {
  const { protocol, hostname, port, pathname } = new URL(base);
  const secure = protocol === 'https:';
  return {
    endpoint: {
      address: hostname,
      port: Number(port) || (secure ? 443 : 80),
      ...(secure ? { tls: { serverName: hostname } } : {}),
    },
    ...(pathname === '/' ? {} : { basePath: pathname }),
  };
}
