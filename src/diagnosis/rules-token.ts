import { aboutClient } from './keycloak-rule.js';
import { clientField, type Rule } from './rule.js';

/** What makes the client's tokens such that Prosody refuses them. */
export const tokenRules: readonly Rule[] = [
  aboutClient(
    'audience-from-roles',
    ['audience-differs', 'audience-refused'],
    ({ defaultClientScopes, fullScopeAllowed, audienceMappers }, study) => {
      const resolves = audienceMappers.some(({ audience }) => audience === "the user's roles");
      if (!defaultClientScopes.includes('roles') && !resolves) return null;
      return {
        what: `the scope "roles" adds every client that the user has a role of to the audience${fullScopeAllowed ? ', and full scope is allowed' : ''}: with one role more it becomes a list, which Prosody refuses`,
        where: clientField(study, 'defaultClientScopes'),
        fix: `take "roles" out of the default client scopes, switch off full scope, and let one audience mapper give "${study.job.audience}"`,
      };
    },
  ),
  aboutClient('audience-mapper', ['audience-differs', 'audience-refused'], ({ audienceMappers }, study) => {
    const names = audienceMappers.map(({ audience }) => audience);
    if (names.length === 1 && names[0] === study.job.audience) return null;
    return {
      what: `the mappers of the client give tokens the audience ${names.join(' and ') || '(none)'}; Prosody accepts exactly "${study.job.audience}"`,
      where: clientField(study, 'protocolMappers'),
      fix: `let exactly one audience mapper give "${study.job.audience}"`,
    };
  }),
  aboutClient('token-header-type', ['token-kind', 'token-refused'], ({ attributes }, study) =>
    attributes['access.token.header.type.rfc9068'] === 'true'
      ? {
          what: 'access tokens get the header type of RFC 9068 (at+jwt), and the token plugin takes JWT only',
          where: clientField(study, 'attributes.access.token.header.type.rfc9068'),
          fix: 'switch off "Use "at+jwt" as access token header type" in the advanced settings of the client',
        }
      : null,
  ),
  aboutClient(
    'token-algorithm',
    ['token-kind', 'token-invalid', 'token-refused'],
    ({ attributes }, study) => {
      const algorithm = attributes['access.token.signed.response.alg'] ?? '';
      if (algorithm === '' || algorithm === 'RS256') return null;
      return {
        what: `access tokens are signed with ${algorithm}, and the token plugin takes RS256 only`,
        where: clientField(study, 'attributes.access.token.signed.response.alg'),
        fix: 'set it to RS256: Clients, Advanced, Access token signature algorithm',
      };
    },
  ),
];
