import type { ClientFields, ClientRef } from './client.js';
import type { RealmFields } from './realm.js';
import type { UserFields } from './user.js';

/** The audience that Jitsi's Prosody is told to accept. */
export const jitsiAudience = 'account';

/**
 * What makes the access token carry the audience `account` as one string, whatever roles a user holds.
 *
 * Prosody compares `aud` with exact equality. By default Keycloak's `roles` scope resolves audiences from the
 * user's client roles, so one role more turns the string into a list. Here one hard-coded mapper is the only
 * source: the client has no `roles` scope, and `fullScopeAllowed: false` keeps roles out of its tokens (so a
 * token that leaks from a meeting's address cannot change the user's account either). `basic` gives `sub`.
 * Measured on 26.4.5 and 26.7.3 with a user who holds every client role of the realm.
 */
export const oneAudience = {
  fullScopeAllowed: false,
  defaultClientScopes: ['acr', 'basic', 'email', 'profile', 'web-origins'],
  protocolMappers: {
    'oidc-audience-mapper': [
      {
        name: 'jitsi audience',
        config: {
          'included.client.audience': jitsiAudience,
          'access.token.claim': true,
          'introspection.token.claim': true,
        },
      },
    ],
    'oidc-audience-resolve-mapper': [],
  },
} as const satisfies ClientFields;

/** The issuer that a realm behind a Jitsi host's own name announces. */
export const jitsiIssuer = ({ domain, realm }: { readonly domain: string; readonly realm: string }): string =>
  `https://${domain}/realms/${realm}`;

/** The realm of one Jitsi host: announced under the host's own name, with protection against guessing. */
export const jitsiRealm = ({
  domain,
  realm,
}: {
  readonly domain: string;
  readonly realm: string;
}): { readonly realm: string; readonly fields: RealmFields } => ({
  realm,
  fields: {
    enabled: true,
    bruteForceProtected: true,
    attributes: { frontendUrl: `https://${domain}` },
  },
});

/** A realm of a Keycloak that is there already and has a public name of its own. */
export const plainRealm = (realm: string): { readonly realm: string; readonly fields: RealmFields } => ({
  realm,
  fields: { enabled: true, bruteForceProtected: true },
});

/**
 * The client that Jitsi's web page signs in with: public, authorization code only, PKCE S256 required, one exact
 * address to come back to (`static/sso.html`). The attributes that are emptied would make tokens that Jitsi's
 * token plugin refuses: it takes RS256 and the header type JWT only.
 */
export const jitsiClient = ({
  domain,
  realm,
  client,
}: {
  readonly domain: string;
  readonly realm: string;
  readonly client: string;
}): Pick<ClientRef, 'realm' | 'clientId'> & { readonly fields: ClientFields } => ({
  realm,
  clientId: client,
  fields: {
    enabled: true,
    protocol: 'openid-connect',
    publicClient: true,
    bearerOnly: false,
    consentRequired: false,
    standardFlowEnabled: true,
    implicitFlowEnabled: false,
    directAccessGrantsEnabled: false,
    serviceAccountsEnabled: false,
    redirectUris: [`https://${domain}/static/sso.html`],
    webOrigins: [`https://${domain}`],
    attributes: {
      'pkce.code.challenge.method': 'S256',
      'post.logout.redirect.uris': `https://${domain}/static/logout.html`,
      'access.token.signed.response.alg': 'RS256',
      'access.token.header.type.rfc9068': null,
      'client.use.lightweight.access.token.enabled': null,
    },
    ...oneAudience,
  },
});

/** One of the inventory's users. */
export interface JitsiUser {
  readonly username: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly password: { readonly secret: string; readonly enforce?: boolean };
}

/** A user whose first login asks for nothing more: a complete profile, and a password that may stay. */
export const jitsiUser = (
  user: JitsiUser,
): { readonly username: string; readonly fields: UserFields; readonly password: JitsiUser['password'] } => ({
  username: user.username,
  fields: {
    enabled: true,
    email: user.email,
    emailVerified: true,
    firstName: user.firstName,
    lastName: user.lastName,
  },
  password: user.password,
});
