import type { ClientFacts, RealmFacts, UserFacts } from './facts.js';
import type { Root, Rule } from './rule.js';
import type { Study } from './study.js';
import type { Symptom, SymptomName } from './symptom.js';

/** What people see when Keycloak has no page for them. */
export const noPage: readonly SymptomName[] = [
  'discovery-missing',
  'login-page-missing',
  'way-back-fails',
  'no-tokens',
];

/** Finds a reason in one thing of Keycloak. */
export type Find<T> = (thing: T, study: Study, symptom: Symptom) => Root | null;

/** Nothing is found where the admin could not read it. */
export const aboutRealm = (name: string, explains: readonly SymptomName[], find: Find<RealmFacts>): Rule => ({
  name,
  explains,
  find: (study, symptom) => {
    const { realm } = study.keycloak;
    return realm === null || realm === 'absent' ? null : find(realm, study, symptom);
  },
});

/** The same for the client. */
export const aboutClient = (
  name: string,
  explains: readonly SymptomName[],
  find: Find<ClientFacts>,
): Rule => ({
  name,
  explains,
  find: (study, symptom) => {
    const { client } = study.keycloak;
    return client === null || client === 'absent' ? null : find(client, study, symptom);
  },
});

/** The same for the user who signed in. */
export const aboutUser = (name: string, explains: readonly SymptomName[], find: Find<UserFacts>): Rule => ({
  name,
  explains,
  find: (study, symptom) => {
    const { user } = study.keycloak;
    return user === null || user === 'absent' ? null : find(user, study, symptom);
  },
});
