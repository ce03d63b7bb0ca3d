import type { WebSite } from '../dialects/web-site.js';
import { certificatePaths, findServer, parseNginx } from '../formats/nginx/index.js';
import { Refused } from '../formats/outcome.js';
import type { Remote } from '../model/kind.js';
import { sh } from '../shell/sh.js';

/**
 * The site's TLS server as seen from the host. Beside the known authorities, the PEM text `ca` is trusted, or the
 * certificate at `caFile` on the host, or the very one that `nginxFile` on the host names for the domain: what
 * nginx serves is then held against what it should serve. Default: 127.0.0.1, port 443.
 */
export interface SiteTls {
  readonly address?: string;
  readonly port?: number;
  readonly ca?: string;
  readonly caFile?: string;
  readonly nginxFile?: string;
}

/** The site as its own host reaches it. */
export async function siteOnHost(domain: string, tls: SiteTls, remote: Remote): Promise<WebSite> {
  const ca = await trusted(domain, tls, remote);
  return {
    domain,
    endpoint: {
      address: tls.address ?? '127.0.0.1',
      port: tls.port ?? 443,
      tls: { serverName: domain, ...(ca === undefined ? {} : { ca }) },
    },
  };
}

/** The same site as the world reaches it: by its name, from the controller's network. */
export const siteFromOutside = ({ domain, endpoint }: WebSite): WebSite => ({
  domain,
  endpoint: { ...endpoint, address: domain, port: 443, from: 'controller' },
});

async function trusted(domain: string, tls: SiteTls, remote: Remote): Promise<string | undefined> {
  const { nginxFile } = tls;
  const file =
    tls.caFile ?? (nginxFile === undefined ? undefined : await namedCertificate(nginxFile, domain, remote));
  return file === undefined ? tls.ca : readCertificate(file, remote);
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
  const { stdout } = await remote.must(sh`head -c 65536 -- ${path}`, {
    what: `read the certificate ${path}`,
    next: 'name the file that nginx serves',
  });
  return Buffer.from(stdout).toString();
}
