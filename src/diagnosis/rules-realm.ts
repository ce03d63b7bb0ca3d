import { aboutRealm, noPage } from './keycloak-rule.js';
import { realmField, type Rule } from './rule.js';
import type { Study } from './study.js';

/** The public address that the realm must announce: the issuer without its path. */
const publicBase = ({ job }: Study): string => job.issuer.replace(/\/realms\/[^/]*$/, '');

/** How the realm is set. */
export const realmRules: readonly Rule[] = [
  {
    name: 'realm-missing',
    explains: noPage,
    find: (study) =>
      study.keycloak.realm === 'absent'
        ? {
            what: `Keycloak has no realm "${study.job.realm}"`,
            where: `Keycloak: realm ${study.job.realm}`,
            fix: 'run `orchestrate apply`, or name the realm that is there in the inventory',
          }
        : null,
  },
  aboutRealm('realm-disabled', [...noPage, 'login-refused'], ({ enabled }, study) =>
    enabled
      ? null
      : {
          what: `the realm "${study.job.realm}" is switched off: nobody can sign in to it`,
          where: realmField(study, 'enabled'),
          fix: 'switch it on: Realm settings, Enabled',
        },
  ),
  aboutRealm(
    'frontend-url',
    ['other-issuer', 'password-elsewhere', 'issuer-refused', 'token-invalid'],
    ({ frontendUrl }, study) => {
      const wanted = publicBase(study);
      if (frontendUrl === null || frontendUrl.replace(/\/+$/, '') === wanted) return null;
      return {
        what: `the realm announces itself under ${frontendUrl}, not under ${wanted}`,
        where: realmField(study, 'attributes.frontendUrl'),
        fix: `set it to ${wanted}: Realm settings, General, Frontend URL`,
      };
    },
  ),
  aboutRealm(
    'token-lifespan',
    ['token-expired', 'token-invalid', 'token-refused'],
    ({ accessTokenLifespan }, study) =>
      accessTokenLifespan === null || accessTokenLifespan >= 60
        ? null
        : {
            what: `access tokens of the realm live for ${accessTokenLifespan} s: they are over before they are shown to Prosody`,
            where: realmField(study, 'accessTokenLifespan'),
            fix: 'set it to 300: Realm settings, Tokens, Access Token Lifespan',
          },
  ),
];
