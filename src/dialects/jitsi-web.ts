import { randomBytes } from 'node:crypto';
import { jitsiIssuer } from './keycloak/jitsi-client.js';
import type { LoginSecrets, OidcClient } from './oidc.js';

/** What Jitsi's config.js says about signing in. */
export interface JitsiWeb {
  readonly domain: string;
  readonly realm: string;
  readonly client: string;
  /** Default: the realm under the site's own name. */
  readonly issuer?: string;
}

/** The same, in the words of OpenID Connect. `static/sso.html` is the page that exchanges the code. */
export const oidcClientOf = ({ domain, realm, client, issuer }: JitsiWeb): OidcClient => ({
  issuer: issuer ?? jitsiIssuer({ domain, realm }),
  clientId: client,
  redirectUri: `https://${domain}/static/sso.html`,
  afterLogout: `https://${domain}/static/logout.html`,
  origin: `https://${domain}`,
});

/** A login as Jitsi's web page makes it. Its state is JSON that names the room to enter afterwards. */
export function newLogin(): LoginSecrets {
  const room = 'orchestrate-proof';
  return {
    state: JSON.stringify({ room, roomSafe: room, proof: randomBytes(8).toString('hex') }),
    nonce: randomBytes(32).toString('hex'),
    verifier: randomBytes(48).toString('base64url'),
  };
}
