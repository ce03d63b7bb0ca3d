import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { jitsiRealm, jitsiUser } from '../../src/dialects/keycloak/jitsi-client.js';
import type { KeycloakServer } from '../../src/dialects/keycloak/server.js';
import { keycloakClient } from '../../src/kinds/keycloak-client.js';
import { keycloakRealm } from '../../src/kinds/keycloak-realm.js';
import { type KeycloakUser, keycloakUser } from '../../src/kinds/keycloak-user.js';
import { sha256 } from '../../src/lib/digest.js';
import { Failed } from '../../src/model/failure.js';
import type { Probe } from '../../src/probe/probe.js';
import { settle } from '../../src/probe/settle.js';
import { changedFields, passwordGrant, type TestAdmin, testAdmin } from '../support/keycloak-admin.js';
import { keycloakOrSkip, type TestKeycloak } from '../support/keycloak.js';
import { apply, plan, undo } from '../support/kind-loop.js';
import { type LocalHost, localHost } from '../support/local-http-remote.js';
import { meddlingProxy } from '../support/meddling-proxy.js';
import { tempFolder } from '../support/temp-folder.js';

const realm = 'users';
const canary = "pa'ss $(id) \\ ✓ canary";

describe('keycloak.user on a real Keycloak', function () {
  this.timeout(30_000);
  let keycloak: TestKeycloak;
  let admin: TestAdmin;
  let host: LocalHost;
  const folder = tempFolder();

  before(async function () {
    keycloak = await keycloakOrSkip(this);
    admin = testAdmin(keycloak);
    host = localHost({ ADMIN: keycloak.admin.password, PW: canary }, folder.path);
    await admin.post('', { realm, ...jitsiRealm({ domain: 'jitsi.example.com', realm }).fields });
    await admin.post(`/${realm}/clients`, {
      clientId: 'login',
      publicClient: true,
      directAccessGrantsEnabled: true,
    });
  });

  after(async () => {
    folder[Symbol.dispose]();
    await admin.remove(`/${realm}`);
  });

  const server = (port = keycloak.port): KeycloakServer => ({
    endpoint: { address: '127.0.0.1', port },
    admin: { username: keycloak.admin.username, password: { secret: 'ADMIN' } },
  });
  const props = (
    username: string,
    how: { readonly enforce?: boolean; readonly port?: number } = {},
  ): KeycloakUser => ({
    server: server(how.port),
    realm,
    ...jitsiUser({
      ...{ username, email: `${username}@Example.com`, firstName: 'Alice', lastName: 'Liddell' },
      password: { secret: 'PW', ...(how.enforce === undefined ? {} : { enforce: how.enforce }) },
    }),
  });
  const canSignIn = async (username: string, password: string): Promise<boolean> =>
    (await passwordGrant(keycloak, realm, { client_id: 'login', username, password })).status === 200;
  const reset = async (username: string, value: string): Promise<void> => {
    const { id } = await admin.user(realm, username);
    await admin.put(`/${realm}/users/${id}/reset-password`, { type: 'password', value, temporary: false });
  };

  it('is made so that the first login asks for nothing more, after which a second plan is empty', async () => {
    await apply(keycloakUser, props('Made'), host);
    assert.equal((await plan(keycloakUser, props('Made'), host)).changes, false);
    assert.equal(await canSignIn('made', canary), true);
    assert.deepEqual((await admin.user(realm, 'made'))['requiredActions'], []);
  });

  it('keeps the password that an existing user has, and nothing of it is read', async () => {
    await apply(keycloakUser, props('keeps'), host);
    await reset('keeps', 'their own');
    assert.equal((await plan(keycloakUser, props('keeps'), host)).changes, false);
    assert.equal(await canSignIn('keeps', 'their own'), true);
  });

  it('mends one drifted field and undo gives back the value that was there', async () => {
    await apply(keycloakUser, props('drift'), host);
    const { id } = await admin.user(realm, 'drift');
    await admin.put(`/${realm}/users/${id}`, {
      lastName: 'Somebody else',
      requiredActions: ['CONFIGURE_TOTP'],
    });
    const before = await admin.get(`/${realm}/users/${id}`);
    const { differences } = await plan(keycloakUser, props('drift'), host);
    assert.deepEqual(differences, [{ is: 'field', field: 'lastName', from: 'Somebody else', to: 'Liddell' }]);
    const change = await apply(keycloakUser, props('drift'), host);
    assert.deepEqual(changedFields(before, await admin.get(`/${realm}/users/${id}`)), ['lastName']);
    await undo(keycloakUser, change!, host);
    assert.deepEqual(changedFields(before, await admin.get(`/${realm}/users/${id}`)), []);
  });

  it('gives back an empty name on undo', async () => {
    await admin.post(`/${realm}/users`, { username: 'nameless', enabled: true });
    const { id } = await admin.user(realm, 'nameless');
    const before = await admin.get(`/${realm}/users/${id}`);
    const change = await apply(keycloakUser, props('nameless'), host);
    await undo(keycloakUser, change!, host);
    assert.deepEqual(changedFields(before, await admin.get(`/${realm}/users/${id}`)), []);
  });

  it('is removed again when its creation is undone', async () => {
    const change = await apply(keycloakUser, props('undone', { enforce: true }), host);
    await undo(keycloakUser, change!, host);
    assert.deepEqual(await admin.get(`/${realm}/users?exact=true&username=undone`), []);
  });

  it('takes over a user that somebody else made in the same moment', async () => {
    await using proxy = await meddlingProxy(keycloak.port, async ({ method, path: asked }) => {
      if (method === 'POST' && asked.endsWith('/users'))
        await admin.post(`/${realm}/users`, { username: 'race' });
      return {};
    });
    await apply(keycloakUser, props('race', { port: proxy.port }), host);
    assert.equal((await admin.user(realm, 'race'))['firstName'], 'Alice');
  });

  it('says whose e-mail address collides, in Keycloak’s own words', async () => {
    await admin.post(`/${realm}/users`, { username: 'holder', email: 'taken@example.com' });
    await assert.rejects(apply(keycloakUser, props('taken'), host), (error) => {
      assert.ok(error instanceof Failed);
      assert.match(error.failure.evidence.join(), /HTTP 409 User exists with same email/);
      assert.equal(error.failure.transient, false);
      return true;
    });
  });

  it('says that a password is against the realm’s policy, and makes no half a user', async () => {
    await admin.put(`/${realm}`, { passwordPolicy: 'length(200)' });
    try {
      await assert.rejects(apply(keycloakUser, props('short'), host), (error) => {
        assert.ok(error instanceof Failed);
        assert.match(error.failure.evidence.join(), /HTTP 400 .*minimum length 200/);
        return true;
      });
      assert.deepEqual(await admin.get(`/${realm}/users?exact=true&username=short`), []);
    } finally {
      await admin.put(`/${realm}`, { passwordPolicy: '' });
    }
  });

  it('finds an enforced password in order without a login, and without a change', async () => {
    await apply(keycloakUser, props('proven', { enforce: true }), host);
    const watched = localHost({ ADMIN: keycloak.admin.password, PW: canary }, folder.path);
    assert.equal((await plan(keycloakUser, props('proven', { enforce: true }), watched)).changes, false);
    assert.equal(watched.sent.filter((line) => line.endsWith('/token')).length, 1, 'only the admin signs in');
    assert.equal(watched.rounds, 2);
  });

  it('sets an enforced password again after somebody changed it, and warns that this cannot be undone', async () => {
    await apply(keycloakUser, props('enforced', { enforce: true }), host);
    await reset('enforced', 'changed by an admin');
    const { differences, warnings } = await plan(keycloakUser, props('enforced', { enforce: true }), host);
    const from = 'changed since it was set from here';
    assert.deepEqual(differences, [{ is: 'field', field: 'password', from, to: 'the secret PW' }]);
    assert.match(warnings.join(), /cannot be put back/);
    const change = await apply(keycloakUser, props('enforced', { enforce: true }), host);
    assert.equal(await canSignIn('enforced', canary), true);
    await undo(keycloakUser, change!, host);
  });

  it('sets an enforced password when the inventory’s secret is another one', async () => {
    await apply(keycloakUser, props('rotated', { enforce: true }), host);
    const rotated = localHost({ ADMIN: keycloak.admin.password, PW: 'the next one' }, folder.path);
    const planned = await plan(keycloakUser, props('rotated', { enforce: true }), rotated);
    assert.deepEqual(planned.differences, [
      { is: 'field', field: 'password', from: 'another one, set from here', to: 'the secret PW' },
    ]);
    await apply(keycloakUser, props('rotated', { enforce: true }), rotated);
    assert.equal(await canSignIn('rotated', 'the next one'), true);
  });

  it('keeps neither the password nor a hash without a key, and the key is root’s alone', async () => {
    await apply(keycloakUser, props('secret', { enforce: true }), host);
    const keys = path.join(folder.path, 'keys');
    assert.equal(statSync(keys).mode & 0o777, 0o700);
    assert.equal(statSync(path.join(keys, 'password-key')).mode & 0o777, 0o600);
    assert.match(readFileSync(path.join(keys, 'password-key'), 'utf8'), /^[\da-f]{64} [\da-f]{64}\n$/);
    for (const name of readdirSync(path.join(keys, 'passwords'))) {
      const record = readFileSync(path.join(keys, 'passwords', name), 'utf8');
      assert.match(record, /^[\da-f]{64} [\w-]+\/\d+\n$/);
      assert.ok(!record.includes(sha256(canary)) && !record.includes(canary));
    }
  });

  it('reads realm, client and user of a host in one round, and one more for an enforced password', async () => {
    await apply(keycloakUser, props('rounds', { enforce: true }), host);
    const watched = localHost({ ADMIN: keycloak.admin.password, PW: canary }, folder.path);
    const probes: readonly Probe<unknown>[] = [
      keycloakRealm.probe({ server: server(), realm, manages: ['enabled'] }),
      keycloakClient.probe({ server: server(), realm, clientId: 'login', manages: ['enabled'] }),
      keycloakUser.probe(keycloakUser.identify(props('keeps'))),
      keycloakUser.probe(keycloakUser.identify(props('rounds', { enforce: true }))),
    ];
    const readings = await settle(probes, (asks) => watched.answerRound(asks));
    assert.deepEqual(
      readings.map((reading) => reading.is),
      ['read', 'read', 'read', 'read'],
    );
    assert.equal(watched.rounds, 2);
  });
});
