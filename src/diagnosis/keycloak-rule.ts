import type { ClientFacts, Known, RealmFacts, UserFacts } from './facts.js';
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
type Find<T> = (thing: T, study: Study, symptom: Symptom) => Root | null;

/** Makes a rule about one thing of Keycloak. */
export type About<T> = (name: string, explains: readonly SymptomName[], find: Find<T>) => Rule;

/** Nothing is found where the admin could not read it, or where there is nothing. */
const about =
  <T>(thingIn: (study: Study) => Known<T>): About<T> =>
  (name, explains, find) => ({
    name,
    explains,
    find: (study, symptom) => {
      const thing = thingIn(study);
      return thing === null || thing === 'absent' ? null : find(thing, study, symptom);
    },
  });

/** A rule about the realm. */
export const aboutRealm = about<RealmFacts>(({ keycloak }) => keycloak.realm);

/** A rule about the client. */
export const aboutClient = about<ClientFacts>(({ keycloak }) => keycloak.client);

/** A rule about the user who signed in. */
export const aboutUser = about<UserFacts>(({ keycloak }) => keycloak.user);
