import type { UserRef } from '../dialects/keycloak/user.js';
import type { ReactionKind } from '../model/kind.js';
import { removal, removeUser } from '../proof/visitor.js';

/** Removes a user that a proof made for itself. Owed from before it is made, so a run that is killed leaves the debt. */
export const keycloakUserRemoval: ReactionKind<UserRef> = {
  shape: 'reaction',
  name: removal,
  fire: (ref, remote) => removeUser(ref, remote),
};
