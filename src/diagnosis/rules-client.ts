import { aboutClient, noPage } from './keycloak-rule.js';
import { clientField, type Rule } from './rule.js';

/** Methods of PKCE that Jitsi's page can do. */
const pkceMethods: readonly (string | undefined)[] = [undefined, '', 'S256'];

/** How the client is set. */
export const clientRules: readonly Rule[] = [
  {
    name: 'client-missing',
    explains: ['login-page-missing', 'no-tokens'],
    find: (study) =>
      study.keycloak.client === 'absent'
        ? {
            what: `the realm has no client "${study.job.client}"`,
            where: `Keycloak: realm ${study.job.realm}, client ${study.job.client}`,
            fix: 'run `orchestrate apply`, or name the client that is there in the inventory',
          }
        : null,
  },
  aboutClient('client-disabled', ['login-page-missing', 'no-tokens'], ({ enabled }, study) =>
    enabled
      ? null
      : {
          what: `the client "${study.job.client}" is switched off`,
          where: clientField(study, 'enabled'),
          fix: 'switch it on: Clients, Enabled',
        },
  ),
  aboutClient(
    'standard-flow-disabled',
    ['login-page-missing', 'way-back-fails'],
    ({ standardFlowEnabled }, study) =>
      standardFlowEnabled
        ? null
        : {
            what: 'the client may not sign people in by authorization code',
            where: clientField(study, 'standardFlowEnabled'),
            fix: 'switch on Standard flow in the capability config of the client',
          },
  ),
  aboutClient('client-not-public', ['no-tokens'], ({ publicClient }, study) =>
    publicClient
      ? null
      : {
          what: "the client wants a secret, which a browser's page cannot keep",
          where: clientField(study, 'publicClient'),
          fix: 'switch off Client authentication in the capability config of the client',
        },
  ),
  aboutClient('redirect-uri', ['login-page-missing'], ({ redirectUris }, study) => {
    const wanted = `https://${study.job.domain}/static/sso.html`;
    if (redirectUris.some((one) => covers(one, wanted))) return null;
    return {
      what: `the client may send people back to ${redirectUris.join(', ') || 'nowhere'}, but Jitsi asks for ${wanted}`,
      where: clientField(study, 'redirectUris'),
      fix: `add ${wanted} to the valid redirect URIs of the client`,
    };
  }),
  aboutClient('pkce-method', [...noPage, 'unknown'], ({ attributes }, study) => {
    const method = attributes['pkce.code.challenge.method'];
    if (pkceMethods.includes(method)) return null;
    return {
      what: `the client asks for a proof key (PKCE) by the method "${method ?? ''}", and Jitsi's page sends S256`,
      where: clientField(study, 'attributes.pkce.code.challenge.method'),
      fix: 'set it to S256: Clients, Advanced, Proof Key for Code Exchange',
    };
  }),
  aboutClient('web-origin', ['browser-refuses'], ({ webOrigins, redirectUris }, study) => {
    const wanted = `https://${study.job.domain}`;
    const fromRedirects =
      webOrigins.includes('+') && redirectUris.some((one) => one.startsWith(`${wanted}/`));
    if (fromRedirects || webOrigins.includes('*') || webOrigins.includes(wanted)) return null;
    return {
      what: `the client lets browsers of ${webOrigins.join(', ') || 'no origin'} read its tokens, not those of ${wanted}`,
      where: clientField(study, 'webOrigins'),
      fix: `add ${wanted} to the web origins of the client`,
    };
  }),
  aboutClient('web-origins-scope', ['browser-refuses'], ({ defaultClientScopes }, study) =>
    defaultClientScopes.includes('web-origins')
      ? null
      : {
          what: 'the client lacks the scope web-origins, without which its web origins do not count',
          where: clientField(study, 'defaultClientScopes'),
          fix: 'add web-origins to its default client scopes',
        },
  ),
  aboutClient('post-logout-uri', ['sign-out-fails'], ({ attributes, redirectUris }, study) => {
    const wanted = `https://${study.job.domain}/static/logout.html`;
    const allowed = (attributes['post.logout.redirect.uris'] ?? '').split('##');
    if ([...allowed, ...(allowed.includes('+') ? redirectUris : [])].some((one) => covers(one, wanted)))
      return null;
    return {
      what: `after signing out the client may send people to ${allowed.join(', ') || 'nowhere'}, but Jitsi asks for ${wanted}`,
      where: clientField(study, 'attributes.post.logout.redirect.uris'),
      fix: `add ${wanted} to the valid post logout redirect URIs of the client`,
    };
  }),
];

/** Keycloak's pattern of addresses: a `*` at the end stands for anything. */
const covers = (pattern: string, address: string): boolean =>
  pattern === address || (pattern.endsWith('*') && address.startsWith(pattern.slice(0, -1)));
