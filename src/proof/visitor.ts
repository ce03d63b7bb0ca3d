import { randomBytes } from 'node:crypto';
import { manyIdentified } from '../dialects/keycloak/representation.js';
import type { Person } from '../dialects/keycloak/login-page.js';
import { conflict, mustRead, readWrite } from '../dialects/keycloak/reply.js';
import {
  createVisitor,
  deleteUser,
  findUser,
  userErrand,
  userIn,
  type UserRef,
} from '../dialects/keycloak/user.js';
import type { Proving, Remote } from '../model/kind.js';
import type { KeycloakBehind } from './exposure.js';

/** The kind of the reaction that removes a user. */
export const removal = 'keycloak.user-removal';

/** A user of the proof's own, for as long as it is in use. */
export type Visitor = Person & AsyncDisposable;

/**
 * Makes a user for the length of a proof. That it must be removed is written down on the host first, so that a run
 * that was killed leaves a debt and not a forgotten account.
 */
export async function inviteVisitor(
  { server, realm }: KeycloakBehind,
  remote: Remote,
  owe: NonNullable<Proving['owe']>,
): Promise<Visitor> {
  const ref: UserRef = { server, realm, username: 'orchestrate-proof' };
  const password = randomBytes(18).toString('base64url');
  remote.learnSecret(password);
  const remove = await owe(removal, ref);
  try {
    // What a killed run may have left.
    await removeUser(ref, remote);
    const errand = userErrand('make', ref);
    const response = await remote.http(createVisitor(ref, password));
    if (readWrite(response, errand) !== 'done') throw conflict(response, errand);
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
  return { username: ref.username, password, [Symbol.asyncDispose]: remove };
}

/** Removes a user, with all sessions; nothing to do when there is none. */
export async function removeUser(ref: UserRef, remote: Remote): Promise<void> {
  const errand = userErrand('remove', ref);
  const found = mustRead(await remote.http(findUser(ref)), manyIdentified, errand);
  const user = userIn(found, ref.username);
  if (user !== null) readWrite(await remote.http(deleteUser(ref, user.id)), errand);
}
