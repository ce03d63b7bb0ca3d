import { type CookieJar, cookieHeader, withCookies } from '../dialects/cookie-jar.js';
import { Unmet } from '../dialects/unmet.js';
import { type Visit, visit, type WebSite } from '../dialects/web-site.js';
import { silence } from '../model/failure.js';
import type { Remote } from '../model/kind.js';
import type { HttpRequest, HttpResponse } from '../shell/http-request.js';

/** A visitor with cookies, on one site. */
export interface Browser {
  readonly site: WebSite;
  /** @throws Unmet when `step` gets no answer */
  go(step: string, address: URL, sending?: Visit): Promise<HttpResponse>;
  /** Without cookies, and with the path exactly as it is. */
  send(step: string, request: HttpRequest): Promise<HttpResponse>;
}

/** @param always headers of every visit */
export function browserOn(
  site: WebSite,
  remote: Remote,
  always: Readonly<Record<string, string>> = {},
): Browser {
  const kept: { jar: CookieJar } = { jar: {} };
  const send = (step: string, request: HttpRequest) =>
    remote.http(request).catch((error: unknown) => noAnswer(step, error));
  return {
    site,
    send,
    async go(step, address, sending = {}) {
      const headers = { ...always, ...cookieHeader(kept.jar), ...sending.headers };
      const response = await send(step, visit(site, address, { ...sending, headers }));
      kept.jar = withCookies(kept.jar, response);
      return response;
    },
  };
}

/** Silence is a finding; a lost connection to the host is not. */
function noAnswer(step: string, error: unknown): never {
  const { what, evidence, next } = silence(error);
  throw new Unmet(step, 'gets no answer', { evidence: [what, ...evidence], next });
}
