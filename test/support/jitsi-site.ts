import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { tempFolder } from './temp-folder.js';

/** What is wrong with a site; nothing by default. */
export interface SiteFaults {
  /** Stylesheets come as the page of a room. */
  readonly noResources?: boolean;
  /** Keycloak is told that the browser came by http. */
  readonly plainHttp?: boolean;
  /** Prosody still lets everybody in, as after a reload. */
  readonly anonymous?: boolean;
  /** Prosody takes what is no signature. */
  readonly unsigned?: boolean;
  /** The guest host is not there. */
  readonly noGuests?: boolean;
  /** Prosody has no keys: it never answers to a token. How many times. */
  readonly silent?: number;
  /** The authentication module did not load. */
  readonly noMechanisms?: boolean;
  /** `/http-bind` is a page of nginx. */
  readonly noProsody?: boolean;
  /** The answer to the code has no header for browsers. */
  readonly noCors?: boolean;
  /** What Prosody accepts as issuer. */
  readonly acceptedIssuer?: string;
}

/** A Jitsi site: TLS, its own realm of a real Keycloak behind it, and a stand-in for Prosody. */
export interface JitsiSite extends AsyncDisposable {
  readonly port: number;
  /** Its certificate, PEM. */
  readonly ca: string;
  /** Paths asked for since the last {@link break}, in order. */
  readonly asked: readonly string[];
  /** XMPP sessions that nobody ended. */
  readonly open: ReadonlySet<string>;
  /** Makes exactly these faults, and forgets what was asked. */
  break(faults: SiteFaults): void;
}

/** Starts the site of `domain` whose realm lies in the Keycloak on `keycloakPort`. */
export async function jitsiSite(domain: string, realm: string, keycloakPort: number): Promise<JitsiSite> {
  const state: { faults: SiteFaults; silent: number } = { faults: {}, silent: 0 };
  const asked: string[] = [];
  const { key, cert } = certificate(domain);
  const xmpp = prosody(domain, {
    realm,
    keycloakPort,
    faults: () => state.faults,
    isSilent: () => state.silent-- > 0,
  });
  const server = https.createServer({ key, cert }, (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', `https://${domain}`);
    asked.push(`${incoming.method ?? ''} ${url.pathname}`);
    const { faults } = state;
    const isRealm = url.pathname.startsWith(`/realms/${realm}/`);
    if (isRealm || (url.pathname.startsWith('/resources/') && faults.noResources !== true)) {
      pass(incoming, outgoing, { port: keycloakPort, domain, faults });
    } else if (url.pathname === '/http-bind' && faults.noProsody !== true) {
      void xmpp
        .answer(incoming, url)
        .then((body) => outgoing.writeHead(200, { 'content-type': 'text/xml' }).end(body));
    } else {
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<html>a room</html>');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ca: cert,
    asked,
    open: xmpp.open,
    break(faults) {
      state.faults = faults;
      state.silent = faults.silent ?? 0;
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

interface Prosody {
  readonly open: ReadonlySet<string>;
  answer(incoming: http.IncomingMessage, url: URL): Promise<string>;
}

/** Stands in for Prosody with Jitsi's token plugin: the answers were compared with a real one's. */
function prosody(
  domain: string,
  has: { realm: string; keycloakPort: number; faults: () => SiteFaults; isSilent: () => boolean },
): Prosody {
  const hosts = new Map<string, string>();
  const open = new Set<string>();
  const body = (attributes: string, content = ''): string =>
    `<body xmlns='http://jabber.org/protocol/httpbind' ${attributes}>${content}</body>`;
  return {
    open,
    async answer(incoming, url) {
      const faults = has.faults();
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const xml = Buffer.concat(chunks).toString();
      const to = / to='([^']*)'/.exec(xml)?.[1];
      if (to !== undefined) {
        if (to !== domain && (to !== `guest.${domain}` || faults.noGuests === true)) {
          return body("type='terminate' condition='improper-addressing'");
        }
        const sid = `sid-${hosts.size}`;
        hosts.set(sid, to);
        open.add(sid);
        const mechanism = faults.noMechanisms === true ? '' : '<mechanism>ANONYMOUS</mechanism>';
        return body(
          `sid='${sid}'`,
          `<stream:features><mechanisms>${mechanism}</mechanisms></stream:features>`,
        );
      }
      const sid = / sid='([^']*)'/.exec(xml)?.[1] ?? '';
      if (xml.includes("type='terminate'")) {
        open.delete(sid);
        return body('');
      }
      if (hosts.get(sid) !== domain || faults.anonymous === true) return body('', '<success/>');
      return body('', await verdict(url.searchParams.get('token'), domain, has));
    },
  };
}

async function verdict(
  token: string | null,
  domain: string,
  has: Parameters<typeof prosody>[1],
): Promise<string> {
  const refused = (text: string) => `<failure><not-allowed/><text>${text}</text></failure>`;
  const faults = has.faults();
  if (token === null) return refused('token required');
  if (has.isSilent()) return '';
  if (faults.unsigned === true) return '<success/>';
  const keys = new URL(
    `http://127.0.0.1:${has.keycloakPort}/realms/${has.realm}/protocol/openid-connect/certs`,
  );
  const issuer = faults.acceptedIssuer ?? `https://${domain}/realms/${has.realm}`;
  const checked = await jwtVerify(token, createRemoteJWKSet(keys)).catch(() => null);
  if (checked === null) return refused('Invalid signature');
  if (checked.payload.iss !== issuer) return refused('invalid &apos;iss&apos; claim');
  if (checked.payload.aud !== 'account') return refused('invalid &apos;aud&apos; claim');
  return '<success/>';
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
