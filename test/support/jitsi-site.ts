import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { tempFolder } from './temp-folder.js';

/** What is wrong with a site; nothing by default. */
export interface SiteFaults {
  /** Stylesheets come as the page of a room. */
  readonly noResources?: boolean;
  /** Keycloak is told that the browser came by http. */
  readonly plainHttp?: boolean;
  /** The answer to the code has no header for browsers. */
  readonly noCors?: boolean;
  /** What visitors get as config.js; what the flagship writes by default. */
  readonly configJs?: string;
  /** nginx does not put config.js into sso.html. */
  readonly noSsi?: boolean;
  /** There is no sso.html. */
  readonly noSso?: boolean;
}

/** A Jitsi site without Prosody: TLS, its pages, and its own realm of a real Keycloak behind it. */
export interface JitsiSite extends AsyncDisposable {
  readonly port: number;
  /** Its certificate, PEM. */
  readonly ca: string;
  /** Paths asked for since the last {@link break}, in order. */
  readonly asked: readonly string[];
  /** Makes exactly these faults, and forgets what was asked. */
  break(faults: SiteFaults): void;
}

/** The config.js of a site that sends people to this realm and client. */
export const configJs = (to: {
  readonly domain: string;
  readonly realm: string;
  readonly client: string;
}): string => {
  const openid = `${to.domain}/realms/${to.realm}/protocol/openid-connect`;
  return `var config = { hosts: { domain: '${to.domain}' } };
config.tokenAuthUrl = 'https://${openid}/auth?client_id=${to.client}&response_type=code&scope=openid&state={state}&redirect_uri=https://${to.domain}/static/sso.html&code_challenge={code_challenge}&code_challenge_method=S256';
config.sso = { ssoService: '${to.domain}', tokenService: '${openid}', clientId: '${to.client}' };
`;
};

const ssoPage = readFileSync(new URL('../lab/host/web/static/sso.html', import.meta.url), 'utf8');

/** Starts the site of `domain` whose realm lies in the Keycloak on `keycloakPort`. */
export async function jitsiSite(domain: string, realm: string, keycloakPort: number): Promise<JitsiSite> {
  const state: { faults: SiteFaults } = { faults: {} };
  const asked: string[] = [];
  const { key, cert } = certificate(domain);
  const server = https.createServer({ key, cert }, (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', `https://${domain}`);
    asked.push(`${incoming.method ?? ''} ${url.pathname}`);
    const { faults } = state;
    const isRealm = url.pathname.startsWith(`/realms/${realm}/`);
    if (isRealm || (url.pathname.startsWith('/resources/') && faults.noResources !== true)) {
      pass(incoming, outgoing, { port: keycloakPort, domain, faults });
    } else if (url.pathname === '/config.js') {
      const text = faults.configJs ?? configJs({ domain, realm, client: 'jitsi' });
      outgoing.writeHead(200, { 'content-type': 'application/javascript' }).end(text);
    } else if (url.pathname === '/static/sso.html' && faults.noSso !== true) {
      const include = '<!--#include virtual="/config.js" -->';
      const text = faults.noSsi === true ? ssoPage : ssoPage.replace(include, 'var config = {};');
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end(text);
    } else {
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<html>a room</html>');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ca: cert,
    asked,
    break(faults) {
      state.faults = faults;
      asked.length = 0;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Behind {
  readonly port: number;
  readonly domain: string;
  readonly faults: SiteFaults;
}

function pass(
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
  { port, domain, faults }: Behind,
): void {
  const headers = {
    ...incoming.headers,
    host: domain,
    'x-forwarded-host': domain,
    'x-forwarded-proto': faults.plainHttp === true ? 'http' : 'https',
    'x-forwarded-port': faults.plainHttp === true ? '80' : '443',
  };
  const { method, url } = incoming;
  const request = http.request({ host: '127.0.0.1', port, method, path: url, headers }, (response) => {
    const sent = { ...response.headers };
    if (faults.noCors === true) delete sent['access-control-allow-origin'];
    outgoing.writeHead(response.statusCode ?? 502, sent);
    response.pipe(outgoing);
  });
  request.on('error', () => outgoing.writeHead(502).end());
  incoming.pipe(request);
}

/** A self-signed certificate, as Jitsi's packages make one. */
function certificate(domain: string): { readonly key: string; readonly cert: string } {
  using folder = tempFolder();
  const [key, cert] = [path.join(folder.path, 'key'), path.join(folder.path, 'cert')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ].concat([
      '-subj',
      `/CN=${domain}`,
      '-addext',
      `subjectAltName=DNS:${domain}`,
      '-keyout',
      key,
      '-out',
      cert,
    ]),
    { stdio: 'ignore' },
  );
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
