import { printableProse } from '../lib/printable.js';
import type { Endpoint, HttpBody, HttpRequest, HttpResponse } from '../shell/http-request.js';

/** A public web site whose own server is asked on the host itself, under its public name. */
export interface WebSite {
  /** The public name: server name of TLS, `Host`, and what stands in addresses. */
  readonly domain: string;
  /** Where its server listens, as seen from the host. */
  readonly endpoint: Endpoint;
}

/** What a visit sends beside the address. */
export interface Visit {
  readonly method?: HttpRequest['method'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly timeoutMs?: number;
}

/** The site's own origin, as browsers send it. */
export const originOf = ({ domain }: WebSite): string => `https://${domain}`;

/** A request to any https address: the site's own goes to its server on the host, others where they say. */
export function visit(
  site: WebSite,
  address: URL,
  { method = 'GET', headers, body, timeoutMs }: Visit = {},
): HttpRequest {
  return {
    is: 'http',
    to: address.host === site.domain ? site.endpoint : endpointOf(address),
    method,
    path: `${address.pathname}${address.search}`,
    headers: { host: address.host, ...headers },
    ...(body === undefined ? {} : { body }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

/** A request for what lies at an address, dialled where it says. */
export const getJson = (address: URL): HttpRequest => ({
  is: 'http',
  to: endpointOf(address),
  method: 'GET',
  path: `${address.pathname}${address.search}`,
  headers: { host: address.host, accept: 'application/json' },
});

/** The first value of a header; null when it was not sent. */
export function header({ headers }: HttpResponse, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? null);
}

/** All values of a header. */
export function headerValues({ headers }: HttpResponse, name: string): readonly string[] {
  const value = headers[name];
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** The server's own time when it answered; null when it did not say. */
export function serverTime(response: HttpResponse): Date | null {
  const at = new Date(header(response, 'date') ?? '');
  return Number.isNaN(at.getTime()) ? null : at;
}

/** A clock that is further off than this is worth a word. Tokens have no leeway, but live five minutes. */
const noticeableSkewMs = 30_000;

/** How far the server's clock is from ours, in words; null when it is near enough, or not told. */
export function clockSkew(response: HttpResponse, now: Date): string | null {
  const at = serverTime(response);
  const aheadMs = at === null ? 0 : at.getTime() - now.getTime();
  if (Math.abs(aheadMs) < noticeableSkewMs) return null;
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return `the host's clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`;
}

/** The media type without its parameters, in lower case. */
export const mediaType = (response: HttpResponse): string =>
  (header(response, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** The body as text. */
export const bodyText = ({ body }: HttpResponse): string => Buffer.from(body).toString();

/** What came back, in a line for a person: never a whole page. */
export const glimpse = (response: HttpResponse): string =>
  printableProse(`HTTP ${response.status} ${mediaType(response)} ${bodyText(response).slice(0, 200)}`);

const endpointOf = ({ hostname, port, protocol }: URL): Endpoint =>
  protocol === 'http:'
    ? { address: hostname, port: Number(port || 80) }
    : { address: hostname, port: Number(port || 443), tls: { serverName: hostname } };
