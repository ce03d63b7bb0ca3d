import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { jitsiClient, jitsiRealm } from '../../src/dialects/keycloak/jitsi-client.js';
import type { KeycloakServer } from '../../src/dialects/keycloak/server.js';
import { type KeycloakClient, keycloakClient } from '../../src/kinds/keycloak-client.js';
import { Failed } from '../../src/model/failure.js';
import {
  changedFields,
  type Loose,
  passwordGrant,
  type TestAdmin,
  testAdmin,
} from '../support/keycloak-admin.js';
import { keycloakOrSkip, type TestKeycloak } from '../support/keycloak.js';
import { apply, plan, undo } from '../support/kind-loop.js';
import { type LocalHost, localHost } from '../support/local-http-remote.js';
import { meddlingProxy } from '../support/meddling-proxy.js';
import { tempFolder } from '../support/temp-folder.js';

const domain = 'jitsi.example.com';
const realm = 'clients';

describe('keycloak.client on a real Keycloak', function () {
  this.timeout(30_000);
  let keycloak: TestKeycloak;
  let admin: TestAdmin;
  let host: LocalHost;
  const folder = tempFolder();

  before(async function () {
    keycloak = await keycloakOrSkip(this);
    admin = testAdmin(keycloak);
    host = localHost({ ADMIN: keycloak.admin.password }, folder.path);
    await admin.post('', { realm, ...jitsiRealm({ domain, realm }).fields });
  });

  after(async () => {
    folder[Symbol.dispose]();
    await admin.remove(`/${realm}`);
  });

  const server = (port = keycloak.port): KeycloakServer => ({
    endpoint: { address: '127.0.0.1', port },
    admin: { username: keycloak.admin.username, password: { secret: 'ADMIN' } },
  });
  const props = (client: string, port?: number): KeycloakClient => ({
    server: server(port),
    ...jitsiClient({ domain, realm, client }),
  });

  it('is made as Jitsi needs it, after which a second plan is empty', async () => {
    await apply(keycloakClient, props('made'), host);
    assert.equal((await plan(keycloakClient, props('made'), host)).changes, false);
    const client = await admin.client(realm, 'made');
    assert.equal(client['publicClient'], true);
    assert.equal(client['fullScopeAllowed'], false);
    assert.deepEqual(client['redirectUris'], ['https://jitsi.example.com/static/sso.html']);
    assert.deepEqual((client['defaultClientScopes'] as string[]).sort(), [
      'acr',
      'basic',
      'email',
      'profile',
      'web-origins',
    ]);
    const attributes = client['attributes'] as Loose;
    assert.equal(attributes['pkce.code.challenge.method'], 'S256');
    assert.equal(attributes['post.logout.redirect.uris'], 'https://jitsi.example.com/static/logout.html');
  });

  it('gives the audience as one string to a user who holds every client role there is', async () => {
    await apply(keycloakClient, props('audience'), host);
    await admin.post(`/${realm}/clients`, { clientId: 'other-app', publicClient: true });
    for (const name of ['other-app', 'audience']) {
      const { id } = await admin.client(realm, name);
      await admin.post(`/${realm}/clients/${id}/roles`, { name: `role of ${name}` });
    }
    await admin.post(`/${realm}/users`, {
      ...{ username: 'many', enabled: true, email: 'm@example.com', firstName: 'M', lastName: 'M' },
      credentials: [{ type: 'password', value: 'many-pw', temporary: false }],
    });
    const { id: user } = await admin.user(realm, 'many');
    const held = await grantEveryRole(admin, user);
    assert.ok(held > 25, `${held} roles`);
    const { id } = await admin.client(realm, 'audience');
    await admin.put(`/${realm}/clients/${id}`, { clientId: 'audience', directAccessGrantsEnabled: true });
    const login = { client_id: 'audience', username: 'many', password: 'many-pw' };
    const { status, claims } = await passwordGrant(keycloak, realm, login);
    assert.equal(status, 200);
    assert.equal(claims['aud'], 'account');
    assert.equal(claims['resource_access'], undefined, 'a token in a meeting’s address gives no rights');
    assert.equal(typeof claims['sub'], 'string');
    await admin.put(`/${realm}/clients/${id}`, { clientId: 'audience', fullScopeAllowed: true });
    const scopes = await admin.get<readonly { id: string; name: string }[]>(`/${realm}/client-scopes`);
    const roles = scopes.find(({ name }) => name === 'roles')!;
    await admin.put(`/${realm}/clients/${id}/default-client-scopes/${roles.id}`);
    const drifted = await passwordGrant(keycloak, realm, login);
    assert.ok(Array.isArray(drifted.claims['aud']), 'Keycloak as it comes gives a list');
    await apply(keycloakClient, props('audience'), host);
    await admin.put(`/${realm}/clients/${id}`, { clientId: 'audience', directAccessGrantsEnabled: true });
    assert.equal((await passwordGrant(keycloak, realm, login)).claims['aud'], 'account');
  });

  it('mends one drifted field, says which, and leaves everything else of the client alone', async () => {
    await apply(keycloakClient, props('drift'), host);
    const { id } = await admin.client(realm, 'drift');
    await admin.put(`/${realm}/clients/${id}`, {
      clientId: 'drift',
      description: 'People wrote this',
      attributes: { theirs: 'kept' },
      redirectUris: ['https://jitsi.example.com/static/sso.html', 'https://evil.example/*'],
    });
    await admin.post(`/${realm}/clients/${id}/protocol-mappers/models`, {
      ...{ name: 'theirs', protocol: 'openid-connect', protocolMapper: 'oidc-hardcoded-claim-mapper' },
      config: { 'claim.name': 'context', 'claim.value': 'x', 'access.token.claim': 'true' },
    });
    const before = await admin.client(realm, 'drift');
    const { differences } = await plan(keycloakClient, props('drift'), host);
    assert.deepEqual(differences, [
      {
        is: 'field',
        field: 'redirectUris',
        from: 'https://evil.example/*, https://jitsi.example.com/static/sso.html',
        to: 'https://jitsi.example.com/static/sso.html',
      },
    ]);
    const change = await apply(keycloakClient, props('drift'), host);
    assert.deepEqual(changedFields(before, await admin.client(realm, 'drift')), ['redirectUris']);
    await undo(keycloakClient, change!, host);
    assert.deepEqual(changedFields(before, await admin.client(realm, 'drift')), []);
  });

  it('turns a client made by hand into Jitsi’s, and undo gives back every field that was declared', async () => {
    await admin.post(`/${realm}/clients`, {
      ...{ clientId: 'by-hand', publicClient: false, secret: 'client-secret', implicitFlowEnabled: true },
      redirectUris: ['*'],
      attributes: { 'access.token.header.type.rfc9068': 'true', theirs: 'kept' },
      protocolMappers: [
        {
          ...{ name: 'second audience', protocol: 'openid-connect', protocolMapper: 'oidc-audience-mapper' },
          config: { 'included.custom.audience': 'jitsi', 'access.token.claim': 'true' },
        },
      ],
    });
    const before = await admin.client(realm, 'by-hand');
    const planned = await plan(keycloakClient, props('by-hand'), host);
    assert.match(planned.warnings.join(), /gives up its secret/);
    assert.ok(!JSON.stringify(planned).includes('client-secret'), 'the secret is nowhere in the plan');
    const change = await apply(keycloakClient, props('by-hand'), host);
    assert.ok(!JSON.stringify(change).includes('client-secret'), 'the secret is nowhere in the journal');
    assert.equal((await plan(keycloakClient, props('by-hand'), host)).changes, false);
    assert.equal(((await admin.client(realm, 'by-hand'))['attributes'] as Loose)['theirs'], 'kept');
    await undo(keycloakClient, change!, host);
    const after = await admin.client(realm, 'by-hand');
    assert.deepEqual(changedFields(withoutIds(before), withoutIds(after)), [], 'the secret is the old one');
    assert.ok(host.learned.includes('client-secret'), 'and will never be printed');
    assert.deepEqual(readdirSync(path.join(folder.path, 'keys/client-secrets')), []);
  });

  it('is removed again when its creation is undone', async () => {
    const change = await apply(keycloakClient, props('undone'), host);
    await undo(keycloakClient, change!, host);
    assert.deepEqual(await admin.get(`/${realm}/clients?clientId=undone`), []);
  });

  it('is planned as new, without a write, while its realm is not there yet', async () => {
    const wanted = { ...props('early'), realm: 'no-such-realm' };
    const { seen, changes } = await plan(keycloakClient, wanted, host);
    assert.equal(seen.state, null);
    assert.equal(changes, true);
  });

  it('takes over a client that somebody else made in the same moment', async () => {
    await using proxy = await meddlingProxy(keycloak.port, async ({ method, path }) => {
      if (method === 'POST' && path.endsWith('/clients'))
        await admin.post(`/${realm}/clients`, { clientId: 'race' });
      return {};
    });
    await apply(keycloakClient, props('race', proxy.port), host);
    assert.equal((await admin.client(realm, 'race'))['publicClient'], true);
  });

  it('names the client scope that the realm does not have', async () => {
    await apply(keycloakClient, props('scopes'), host);
    const wanted = props('scopes');
    const unknown = {
      ...wanted,
      fields: { ...wanted.fields, defaultClientScopes: ['basic', 'no-such-scope'] },
    };
    await assert.rejects(apply(keycloakClient, unknown, host), (error) => {
      assert.ok(error instanceof Failed);
      assert.match(error.failure.what, /has no client scope "no-such-scope"/);
      return true;
    });
  });
});

/** Gives the user all roles of all clients; resolves to how many. */
async function grantEveryRole(admin: TestAdmin, user: string): Promise<number> {
  const counts = { held: 0 };
  for (const { id } of await admin.get<readonly { id: string }[]>(`/${realm}/clients`)) {
    const roles = await admin.get<readonly Loose[]>(`/${realm}/clients/${id}/roles`);
    if (roles.length > 0) await admin.post(`/${realm}/users/${user}/role-mappings/clients/${id}`, roles);
    counts.held += roles.length;
  }
  return counts.held;
}

/** A mapper that goes and comes back has another id. */
const withoutIds = (client: Loose): Loose => ({
  ...client,
  protocolMappers: (client['protocolMappers'] as readonly Loose[]).map((mapper) => ({
    ...mapper,
    id: 'any',
  })),
});
