import { differing, type Fields, flatten, pick, type Representation } from '../dialects/keycloak/fields.js';
import { differences } from '../dialects/keycloak/difference.js';
import {
  createRealm,
  deleteRealm,
  readRealm,
  type RealmFields,
  type RealmRef,
  realmErrand,
  realmTable,
  updateRealm,
} from '../dialects/keycloak/realm.js';
import { conflict, mustRead, readReply, readWrite, vanished } from '../dialects/keycloak/reply.js';
import { realmRepresentation } from '../dialects/keycloak/representation.js';
import { type KeycloakServer, serverName } from '../dialects/keycloak/server.js';
import { canonical } from '../lib/json.js';
import type { Observed, Remote, ResourceKind } from '../model/kind.js';
import { request } from '../probe/probe.js';

/** A realm with some of its fields. What is not declared belongs to the people who look after the realm. */
export interface KeycloakRealm {
  readonly server: KeycloakServer;
  readonly realm: string;
  readonly fields: RealmFields;
}

/** Which realm, and which of its fields are managed: so that undo reads the same ones. */
export type KeycloakRealmId = RealmRef & { readonly manages: readonly string[] };

/** The managed fields in canonical form. */
export type KeycloakRealmState = { readonly fields: Fields };

/** A realm of a Keycloak. Undoing its creation removes it with everything in it. */
export const keycloakRealm: ResourceKind<KeycloakRealm, KeycloakRealmId, KeycloakRealmState> = {
  shape: 'resource',
  name: 'keycloak.realm',
  version: 1,
  atomic: false,

  identify: ({ server, realm, fields }) => ({
    server,
    realm,
    manages: Object.keys(flatten(realmTable, fields)).sort(),
  }),

  thing: ({ server, realm }) => canonical(['keycloak.realm', serverName(server), realm]),

  probe: (id) =>
    request(readRealm(id), (response): Observed<KeycloakRealmState> => {
      const realm = readReply(response, realmRepresentation, realmErrand('read', id));
      return { state: realm && { fields: pick(realmTable, realm, id.manages) } };
    }),

  target: ({ fields }) => ({ state: { fields: flatten(realmTable, fields) } }),

  describe: ({ state }, wanted) => differences(state?.fields ?? null, wanted.state?.fields ?? null),

  async converge({ id, to }, remote) {
    if (to === null) {
      readWrite(await remote.http(deleteRealm(id)), realmErrand('remove', id));
      return;
    }
    const there = (await read(id, remote)) ?? (await create(id, to.fields, remote));
    if (differing(pick(realmTable, there, id.manages), to.fields).length === 0) return;
    const errand = realmErrand('change', id);
    const outcome = readWrite(await remote.http(updateRealm(id, there, to.fields)), errand);
    if (outcome === 'absent') throw vanished(errand);
  },
};

const read = async (id: RealmRef, remote: Remote): Promise<Representation | null> =>
  mustRead(await remote.http(readRealm(id)), realmRepresentation, realmErrand('read', id));

/** 409 means that somebody else was faster: then theirs is read, and changed where it differs. */
async function create(id: RealmRef, fields: Fields, remote: Remote): Promise<Representation> {
  const errand = realmErrand('create', id);
  const response = await remote.http(createRealm(id, fields));
  const outcome = readWrite(response, errand);
  const created = await read(id, remote);
  if (created !== null) return created;
  throw outcome === 'conflict' ? conflict(response, errand) : vanished(errand);
}
