import type { HttpResponse } from '../shell/http-request.js';
import { headerValues } from './web-site.js';

/** The cookies of one visitor on one origin, by name. Paths are not told apart: a login uses one realm only. */
export type CookieJar = Readonly<Record<string, string>>;

/** The jar after a response: new cookies are kept, those it ends are dropped. */
export function withCookies(jar: CookieJar, response: HttpResponse): CookieJar {
  const next = new Map(Object.entries(jar));
  for (const line of headerValues(response, 'set-cookie').slice(0, 50)) {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    const value = pair.slice(at + 1).trim();
    if (at < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\x21-\x7e]*$/.test(value)) continue;
    if (attributes.some((attribute) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(attribute))) next.delete(name);
    else next.set(name, value);
  }
  return Object.fromEntries(next);
}

/** The `Cookie` header; empty when there are none. */
export function cookieHeader(jar: CookieJar): Readonly<Record<string, string>> {
  const pairs = Object.entries(jar).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? {} : { cookie: pairs.join('; ') };
}
