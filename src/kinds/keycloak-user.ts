import { differences } from '../dialects/keycloak/difference.js';
import { differing, type Fields, flatten, pick } from '../dialects/keycloak/fields.js';
import {
  askRecord,
  forgetRecord,
  type PasswordRecord,
  readRecord,
  writeRecord,
} from '../dialects/keycloak/password-record.js';
import { conflict, mustRead, readReply, readWrite, vanished } from '../dialects/keycloak/reply.js';
import { type Identified, manyIdentified } from '../dialects/keycloak/representation.js';
import { type KeycloakServer, serverName } from '../dialects/keycloak/server.js';
import { canonical } from '../lib/json.js';
import {
  createUser,
  type Credential,
  credentialList,
  deleteUser,
  findUser,
  passwordMark,
  readCredentials,
  resetPassword,
  updateUser,
  userErrand,
  type UserFields,
  userIn,
  type UserRef,
  userTable,
} from '../dialects/keycloak/user.js';
import type { Observed, Remote, ResourceKind } from '../model/kind.js';
import { all, andThen, ask, known, map, type Probe, request } from '../probe/probe.js';

/** A person's entry in a realm. */
export interface KeycloakUser {
  readonly server: KeycloakServer;
  readonly realm: string;
  readonly username: string;
  readonly fields: UserFields;
  /**
   * The password a new user gets; it need not be changed at the first login. An existing user keeps theirs,
   * unless `enforce` says that it shall always be this one.
   */
  readonly password?: { readonly secret: string; readonly enforce?: boolean };
}

/** Which user, which fields are managed, and the secret that the password shall always be, if it shall. */
export type KeycloakUserId = UserRef & {
  readonly manages: readonly string[];
  readonly enforced: { readonly secret: string } | null;
};

/**
 * The managed fields, and for an enforced password whether it is known to be the declared one. `unproven` is all
 * that can be said of any other: no read tells what it is.
 */
export type KeycloakUserState = {
  readonly fields: Fields;
  readonly password?: 'declared' | 'unproven';
};

/** What was seen, and why a password counts as unproven. */
interface SeenUser extends Observed<KeycloakUserState> {
  readonly doubt?: string;
}

/** A user of a realm. Undoing the creation removes the user; a password that was replaced cannot be put back. */
export const keycloakUser: ResourceKind<KeycloakUser, KeycloakUserId, KeycloakUserState, SeenUser> = {
  shape: 'resource',
  name: 'keycloak.user',
  version: 1,
  atomic: false,

  identify: ({ server, realm, username, fields, password }) => ({
    server,
    realm,
    username: username.toLowerCase(),
    manages: Object.keys(flatten(userTable, fields)).sort(),
    enforced: password?.enforce === true ? { secret: password.secret } : null,
  }),

  thing: ({ server, realm, username }) => canonical(['keycloak.user', serverName(server), realm, username]),

  probe(id) {
    const user = request(findUser(id), (response) =>
      userIn(readReply(response, manyIdentified, userErrand('read', id)), id.username),
    );
    if (id.enforced === null) return map(user, (found) => ({ state: found && stateOf(id, found) }));
    const record = ask(askRecord(id, id.enforced), readRecord);
    return andThen(all({ user, record }), (seen) =>
      seen.user === null ? known({ state: null }) : withPassword(id, seen.user, seen.record),
    );
  },

  target: ({ fields, password }) => ({
    state: {
      fields: flatten(userTable, fields),
      ...(password?.enforce === true ? { password: 'declared' as const } : {}),
    },
  }),

  describe({ state, doubt }, wanted, { password }) {
    const fields = differences(state?.fields ?? null, wanted.state?.fields ?? null);
    if (wanted.state === null || password === undefined) return fields;
    if (state === null)
      return [...fields, { is: 'note', text: `gets the password of the secret ${password.secret}` }];
    if (wanted.state.password === undefined || state.password === 'declared') return fields;
    const why = doubt ?? 'unproven';
    return [...fields, { is: 'field', field: 'password', from: why, to: `the secret ${password.secret}` }];
  },

  warn: ({ state }, wanted, { username }) =>
    state?.password === 'unproven' && wanted.state?.password === 'declared'
      ? [`the password of "${username}" is set anew: what it was before cannot be put back`]
      : [],

  async converge({ id, to, props }, remote) {
    const found = await read(id, remote);
    if (to === null) {
      if (found !== null) readWrite(await remote.http(deleteUser(id, found.id)), userErrand('remove', id));
      if (id.enforced !== null) await forget(id, remote);
      return;
    }
    const there =
      found ?? (await create(id, { fields: to.fields, password: props?.password ?? null }, remote));
    await update(id, there, { fields: to.fields, remote });
    if (id.enforced === null) return;
    if (to.password === 'unproven') await forget(id, remote);
    else await enforce(id, { user: there.id, password: id.enforced, isNew: found === null }, remote);
  },
};

const stateOf = (id: KeycloakUserId, user: Identified): KeycloakUserState => ({
  fields: pick(userTable, user, id.manages),
});

/** The second round: only with the user's id can the date of the password be asked. */
const withPassword = (id: KeycloakUserId, user: Identified, record: PasswordRecord): Probe<SeenUser> =>
  request(readCredentials(id, user.id), (response): SeenUser => {
    const credentials = readReply(response, credentialList, userErrand('read the credentials of', id));
    const doubt = doubtOf(record, credentials ?? []);
    const state = {
      ...stateOf(id, user),
      password: doubt === null ? ('declared' as const) : ('unproven' as const),
    };
    return doubt === null ? { state } : { state, doubt };
  });

function doubtOf(record: PasswordRecord, credentials: readonly Credential[]): string | null {
  const mark = passwordMark(credentials);
  if (mark === null) return 'none';
  if (record.is === 'none') return 'not set from here';
  if (record.mark !== mark) return 'changed since it was set from here';
  return record.is === 'same' ? null : 'another one, set from here';
}

const read = async (id: UserRef, remote: Remote): Promise<Identified | null> =>
  userIn(mustRead(await remote.http(findUser(id)), manyIdentified, userErrand('read', id)), id.username);

/** 409 means that somebody else was faster, or that the e-mail address is taken. */
async function create(
  id: UserRef,
  user: { readonly fields: Fields; readonly password: { readonly secret: string } | null },
  remote: Remote,
): Promise<Identified> {
  const errand = userErrand('create', id);
  const password = user.password && { secret: user.password.secret };
  const response = await remote.http(createUser(id, user.fields, password));
  const outcome = readWrite(response, errand);
  const created = await read(id, remote);
  if (created !== null) return created;
  throw outcome === 'conflict' ? conflict(response, errand) : vanished(errand);
}

async function update(
  id: KeycloakUserId,
  there: Identified,
  { fields, remote }: { readonly fields: Fields; readonly remote: Remote },
): Promise<void> {
  if (differing(pick(userTable, there, id.manages), fields).length === 0) return;
  const errand = userErrand('change', id);
  const response = await remote.http(updateUser(id, there, fields));
  const outcome = readWrite(response, errand);
  if (outcome === 'conflict') throw conflict(response, errand);
  if (outcome === 'absent') throw vanished(errand);
}

/** Sets the password, unless the user was made with it just now or it is proven already, and records it. */
async function enforce(
  id: KeycloakUserId,
  how: { readonly user: string; readonly password: { readonly secret: string }; readonly isNew: boolean },
  remote: Remote,
): Promise<void> {
  const errand = userErrand('set the password of', id);
  if (!how.isNew) {
    const record = readRecord(await remote.run(askRecord(id, how.password)));
    if (doubtOf(record, await credentialsOf(id, how.user, remote)) === null) return;
    if (readWrite(await remote.http(resetPassword(id, how.user, how.password)), errand) === 'absent')
      throw vanished(errand);
  }
  const mark = passwordMark(await credentialsOf(id, how.user, remote));
  if (mark === null) throw vanished(errand);
  await remote.must(writeRecord(id, how.password, mark), { what: `record the password of "${id.username}"` });
}

const credentialsOf = async (id: UserRef, user: string, remote: Remote): Promise<readonly Credential[]> =>
  mustRead(
    await remote.http(readCredentials(id, user)),
    credentialList,
    userErrand('read the credentials of', id),
  ) ?? [];

const forget = (id: UserRef, remote: Remote): Promise<unknown> =>
  remote.must(forgetRecord(id), { what: `forget the record of the password of "${id.username}"` });
