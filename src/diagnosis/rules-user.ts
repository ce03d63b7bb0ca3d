import { aboutUser } from './keycloak-rule.js';
import { type Rule, userField } from './rule.js';

/** How the user is set who signs in. */
export const userRules: readonly Rule[] = [
  {
    name: 'user-missing',
    explains: ['login-refused'],
    find: (study) =>
      study.keycloak.user === 'absent'
        ? {
            what: `the realm has no user "${study.job.username ?? ''}"`,
            where: `Keycloak: realm ${study.job.realm}, user ${study.job.username ?? ''}`,
            fix: 'run `orchestrate apply`, or name another one as proof.user in the inventory',
          }
        : null,
  },
  aboutUser('user-disabled', ['login-refused'], ({ enabled }, study) =>
    enabled
      ? null
      : {
          what: `the user "${study.job.username ?? ''}" is switched off`,
          where: userField(study, 'enabled'),
          fix: 'switch the user on: Users, Enabled',
        },
  ),
  aboutUser('required-action', ['login-unfinished'], ({ requiredActions }, study) =>
    requiredActions.length === 0
      ? null
      : {
          what: `the first login stops at ${requiredActions.join(', ')}${requiredActions.includes('UPDATE_PASSWORD') ? ': the password was set as a temporary one' : ''}`,
          where: userField(study, 'requiredActions'),
          fix: 'take it out of the required user actions; set passwords with Temporary switched off',
        },
  ),
  aboutUser('profile-incomplete', ['login-unfinished'], ({ email, firstName, lastName }, study) => {
    const missing = Object.entries({ email, firstName, lastName }).flatMap(([field, value]) =>
      value === null || value === '' ? [field] : [],
    );
    if (missing.length === 0) return null;
    return {
      what: `the user has no ${missing.join(', ')}: the first login stops at a form that asks for it`,
      where: userField(study, missing.join(', ')),
      fix: 'fill that in under Users, Details',
    };
  }),
  aboutUser('password-differs', ['login-refused'], (_user, study, { evidence }) => ({
    what: `Keycloak does not take the password of the inventory, or the user is locked out for a while (${evidence[0] ?? ''})`,
    where: userField(study, 'credentials'),
    fix: "make the secret of the inventory the user's password, or wait until the lock is over (Authentication, brute force detection)",
  })),
];
