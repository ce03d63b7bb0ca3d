import {
  changeScope,
  type ClientFields,
  clientErrand,
  clientIn,
  type ClientRef,
  clientTable,
  createClient,
  deleteClient,
  findClient,
  readScopes,
  scopeFields,
  scopeList,
  updateClient,
} from '../dialects/keycloak/client.js';
import {
  askClientSecret,
  forgetClientSecret,
  keepClientSecret,
  readClientSecret,
} from '../dialects/keycloak/client-secret.js';
import { differences } from '../dialects/keycloak/difference.js';
import { differing, type Fields, flatten, pick } from '../dialects/keycloak/fields.js';
import { conflict, mustRead, readReply, readWrite, vanished } from '../dialects/keycloak/reply.js';
import { type Identified, manyIdentified } from '../dialects/keycloak/representation.js';
import { type KeycloakServer, serverName } from '../dialects/keycloak/server.js';
import { canonical } from '../lib/json.js';
import { Failed } from '../model/failure.js';
import type { Observed, Remote, ResourceKind } from '../model/kind.js';
import { request } from '../probe/probe.js';

/** An application's entry in a realm, with some of its fields. */
export interface KeycloakClient {
  readonly server: KeycloakServer;
  readonly realm: string;
  readonly clientId: string;
  readonly fields: ClientFields;
}

/** Which client, and which of its fields are managed. */
export type KeycloakClientId = ClientRef & { readonly manages: readonly string[] };

/** The managed fields in canonical form. */
export type KeycloakClientState = { readonly fields: Fields };

/** A client of a realm. A realm that is not there yet has no clients. */
export const keycloakClient: ResourceKind<KeycloakClient, KeycloakClientId, KeycloakClientState> = {
  shape: 'resource',
  name: 'keycloak.client',
  version: 1,
  atomic: false,

  identify: ({ server, realm, clientId, fields }) => ({
    server,
    realm,
    clientId,
    manages: Object.keys(flatten(clientTable, fields)).sort(),
  }),

  thing: ({ server, realm, clientId }) => canonical(['keycloak.client', serverName(server), realm, clientId]),

  probe: (id) =>
    request(findClient(id), (response): Observed<KeycloakClientState> => {
      const found = readReply(response, manyIdentified, clientErrand('read', id));
      const client = clientIn(found, id.clientId);
      return { state: client && { fields: pick(clientTable, client, id.manages) } };
    }),

  target: ({ fields }) => ({ state: { fields: flatten(clientTable, fields) } }),

  describe: ({ state }, wanted) => differences(state?.fields ?? null, wanted.state?.fields ?? null),

  warn: ({ state }, { state: wanted }) =>
    state?.fields['publicClient'] === false && wanted?.fields['publicClient'] === true
      ? [
          'the client gives up its secret: it stays on the host, for root only, so that a rollback can give it back',
        ]
      : [],

  async converge({ id, to }, remote) {
    const found = await read(id, remote);
    if (to === null) {
      if (found === null) return;
      readWrite(await remote.http(deleteClient(id, found.id)), clientErrand('remove', id));
      return;
    }
    const there = found ?? (await create(id, to.fields, remote));
    const changed = differing(pick(clientTable, there, id.manages), to.fields);
    await update(
      id,
      { there, to: only(to.fields, (name) => changed.includes(name) && !isScopeField(name)) },
      remote,
    );
    await changeScopes(
      id,
      { there, to: only(to.fields, (name) => changed.includes(name) && isScopeField(name)) },
      remote,
    );
  },
};

/** A client as it is, and fields as they shall be. */
interface Change {
  readonly there: Identified;
  readonly to: Fields;
}

const isScopeField = (name: string): name is keyof typeof scopeFields => Object.hasOwn(scopeFields, name);

const only = (fields: Fields, wanted: (name: string) => boolean): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => wanted(name)));

const read = async (id: ClientRef, remote: Remote): Promise<Identified | null> =>
  clientIn(
    mustRead(await remote.http(findClient(id)), manyIdentified, clientErrand('read', id)),
    id.clientId,
  );

/** 409 means that somebody else was faster: then theirs is read, and changed where it differs. */
async function create(id: ClientRef, fields: Fields, remote: Remote): Promise<Identified> {
  const errand = clientErrand('create', id);
  const response = await remote.http(createClient(id, fields));
  const outcome = readWrite(response, errand);
  const created = await read(id, remote);
  if (created !== null) return created;
  throw outcome === 'conflict' ? conflict(response, errand) : vanished(errand);
}

async function update(id: ClientRef, change: Change, remote: Remote): Promise<void> {
  if (Object.keys(change.to).length === 0) return;
  const errand = clientErrand('change', id);
  const secret = await carrySecret(id, change, remote);
  const response = await remote.http(updateClient(id, change.there, change.to, secret));
  if (readWrite(response, errand) === 'absent') throw vanished(errand);
  if (secret !== null) await remote.must(forgetClientSecret(id), { what: 'forget a secret that is back' });
}

/** Keeps the secret of a client that becomes public; gives it for one that becomes confidential again. */
async function carrySecret(id: ClientRef, { there, to }: Change, remote: Remote): Promise<string | null> {
  const secret = there['secret'];
  if (to['publicClient'] === true && typeof secret === 'string' && secret !== mask) {
    remote.learnSecret(secret);
    await remote.must(keepClientSecret(id, secret), {
      what: `keep the secret of the client "${id.clientId}"`,
    });
  }
  if (to['publicClient'] !== false) return null;
  const kept = readClientSecret(await remote.run(askClientSecret(id)));
  if (kept !== null) remote.learnSecret(kept);
  return kept;
}

/** What Keycloak shows in place of a secret to those who may not see it. */
const mask = '**********';

/** First everything that has to go, because a scope in one list is not taken over by the other. */
async function changeScopes(id: ClientRef, { there, to }: Change, remote: Remote): Promise<void> {
  const fields = Object.keys(to).filter(isScopeField);
  if (fields.length === 0) return;
  const errand = clientErrand('change the scopes of', id);
  const scopes = mustRead(await remote.http(readScopes(id)), scopeList, errand) ?? [];
  const now = pick(clientTable, there, fields);
  const moves = fields.flatMap((field) => [
    ...without(now[field], to[field]).map((name) => ({ method: 'DELETE' as const, field, name })),
    ...without(to[field], now[field]).map((name) => ({ method: 'PUT' as const, field, name })),
  ]);
  for (const { method, field, name } of moves.sort((a, b) =>
    a.method < b.method ? -1 : a.method > b.method ? 1 : 0,
  )) {
    const scope = scopes.find((each) => each.name === name)?.id;
    if (scope === undefined) throw noSuchScope(id, name);
    readWrite(await remote.http(changeScope(id, there.id, { method, field, scope })), errand);
  }
}

const noSuchScope = ({ realm, clientId }: ClientRef, name: string): Failed =>
  new Failed({
    reason: 'command-failed',
    what: `the realm "${realm}" has no client scope "${name}", which the client "${clientId}" shall have`,
    next: 'make that scope in Keycloak (Client scopes), or leave it out',
  });

function without(list: Fields[string] | undefined, others: Fields[string] | undefined): readonly string[] {
  const names = Array.isArray(list) ? (list as readonly string[]) : [];
  return names.filter((name) => !Array.isArray(others) || !others.includes(name));
}
