import { z } from 'zod';
import { getJson } from '../dialects/web-site.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { attempt } from '../probe/probe.js';
import type { HttpResponse } from '../shell/http-request.js';

/** Where the keys of an OpenID provider lie, as the host reaches them. */
export interface OidcKeys {
  readonly url: string;
}

const keySet = z.object({ keys: z.array(z.object({ kty: z.string(), alg: z.string().optional() })) });

/**
 * The provider's keys can be fetched from the host, and an RS256 key is among them. Prosody fetches them when it
 * starts; if that fails, valid tokens get no answer at all until it tries again.
 */
export const oidcKeys: CheckKind<OidcKeys> = {
  shape: 'check',
  name: 'oidc.keys',
  probe: ({ url }) => attempt(getJson(new URL(url)), (response) => judge(url, response)),
};

function judge(url: string, response: HttpResponse | string): Verdict {
  const bad = (evidence: string): Verdict => ({
    ok: false,
    because: `the keys at ${url} cannot be had from the host`,
    evidence: [evidence],
    next: 'see that Keycloak runs and that the realm has this name; Prosody needs these keys to check tokens',
  });
  if (typeof response === 'string') return bad(response);
  if (response.status !== 200) return bad(`HTTP ${response.status}`);
  try {
    const { keys } = keySet.parse(JSON.parse(Buffer.from(response.body).toString('utf8')));
    const signing = keys.some(({ kty, alg }) => kty === 'RSA' && (alg ?? 'RS256') === 'RS256');
    return signing ? { ok: true } : bad('no RS256 key is among them');
  } catch {
    return bad('the answer is no set of keys');
  }
}
