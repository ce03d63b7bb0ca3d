import { z } from 'zod';
import type { HttpRequest } from '../../shell/http-request.js';
import { type Declared, type Fields, patch } from './fields.js';
import { realmPath } from './realm.js';
import type { Identified } from './representation.js';
import { adminRequest, type Errand, type KeycloakServer } from './server.js';

/** The fields of a user that can be managed. Keycloak keeps user names and e-mail addresses in lower case. */
export const userTable = {
  enabled: 'flag',
  email: 'lower',
  emailVerified: 'flag',
  firstName: 'text',
  lastName: 'text',
  requiredActions: 'set',
  attributes: 'lists',
} as const;

/** What a graph may declare of a user. */
export type UserFields = Declared<typeof userTable>;

/** A user of one realm. `username` is in lower case. */
export type UserRef = { readonly server: KeycloakServer; readonly realm: string; readonly username: string };

/** The name of a secret whose value is a password. */
type PasswordRef = { readonly secret: string };

/** The answer to {@link readCredentials}: what kinds of proof the user has, and since when. No secrets. */
export const credentialList = z.array(
  z.object({
    id: z.string().regex(/^[\w.:-]{1,64}$/),
    type: z.string(),
    createdDate: z.number().int().nullish(),
  }),
);

/** One answer of {@link credentialList}. */
export type Credential = z.infer<typeof credentialList>[number];

/** What a request about the user is for, in words. */
export const userErrand = (verb: string, { server, realm, username }: UserRef): Errand => ({
  server,
  what: `${verb} the user "${username}" of the realm "${realm}"`,
  role: 'manage-users',
});

/** Asks for the user by name. Without `exact`, Keycloak finds every name that holds these letters. */
export const findUser = ({ server, realm, username }: UserRef): HttpRequest =>
  adminRequest(
    server,
    'GET',
    `${realmPath(realm)}/users?exact=true&briefRepresentation=false&username=${encodeURIComponent(username)}`,
  );

/** The user among what the search found. */
export const userIn = (found: readonly Identified[] | null, username: string): Identified | null =>
  found?.find((user) => user['username'] === username) ?? null;

/** Makes the user, with a password that need not be changed. 409: the name or the e-mail address is taken. */
export const createUser = (
  { server, realm, username }: UserRef,
  fields: Fields,
  password: PasswordRef | null,
): HttpRequest =>
  adminRequest(server, 'POST', `${realmPath(realm)}/users`, {
    username,
    ...patch(userTable, {}, fields),
    ...(password === null ? {} : { credentials: [permanent(password)] }),
  });

/** Makes a complete user with a password that no inventory holds. */
export const createVisitor = ({ server, realm, username }: UserRef, password: string): HttpRequest =>
  adminRequest(server, 'POST', `${realmPath(realm)}/users`, {
    username,
    email: `${username}@orchestrate.invalid`,
    emailVerified: true,
    firstName: 'Proof',
    lastName: 'of sign-in',
    enabled: true,
    credentials: [{ type: 'password', value: password, temporary: false }],
  });

/** Writes these fields and nothing else: of `attributes` Keycloak removes the names that are not sent. */
export const updateUser = (ref: UserRef, there: Identified, fields: Fields): HttpRequest =>
  adminRequest(ref.server, 'PUT', userPath(ref, there.id), { ...patch(userTable, there, fields) });

/** Sets a password that need not be changed. */
export const resetPassword = (ref: UserRef, id: string, password: PasswordRef): HttpRequest =>
  adminRequest(ref.server, 'PUT', `${userPath(ref, id)}/reset-password`, permanent(password));

/** Asks which credentials the user has. */
export const readCredentials = (ref: UserRef, id: string): HttpRequest =>
  adminRequest(ref.server, 'GET', `${userPath(ref, id)}/credentials`);

/** Asks for the sessions that the user has open. */
export const findSessions = (ref: UserRef, id: string): HttpRequest =>
  adminRequest(ref.server, 'GET', `${userPath(ref, id)}/sessions`);

/**
 * Which setting of the password this is: Keycloak gives every reset a new date. Null: the user has none.
 * (The id alone stays the same through resets: measured on 26.7.3.)
 */
export function passwordMark(credentials: readonly Credential[]): string | null {
  const password = credentials.find(({ type }) => type === 'password');
  return password === undefined ? null : `${password.id}/${password.createdDate ?? 0}`;
}

/** Removes the user. */
export const deleteUser = (ref: UserRef, id: string): HttpRequest =>
  adminRequest(ref.server, 'DELETE', userPath(ref, id));

const permanent = (value: PasswordRef) => ({ type: 'password', value, temporary: false });

const userPath = ({ realm }: UserRef, id: string): string =>
  `${realmPath(realm)}/users/${encodeURIComponent(id)}`;
