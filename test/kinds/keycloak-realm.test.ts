import assert from 'node:assert/strict';
import { Unreadable } from '../../src/probe/probe.js';
import { jitsiRealm } from '../../src/dialects/keycloak/jitsi-client.js';
import type { KeycloakServer } from '../../src/dialects/keycloak/server.js';
import { type KeycloakRealm, keycloakRealm } from '../../src/kinds/keycloak-realm.js';
import { Failed } from '../../src/model/failure.js';
import { changedFields, type Loose, type TestAdmin, testAdmin } from '../support/keycloak-admin.js';
import { keycloakOrSkip, type TestKeycloak } from '../support/keycloak.js';
import { apply, plan, undo } from '../support/kind-loop.js';
import { type LocalHost, localHost } from '../support/local-http-remote.js';
import { meddlingProxy } from '../support/meddling-proxy.js';
import { smtpEar } from '../support/smtp-ear.js';

describe('keycloak.realm on a real Keycloak', function () {
  this.timeout(30_000);
  let keycloak: TestKeycloak;
  let admin: TestAdmin;
  let shared: LocalHost;
  const made: string[] = [];

  before(async function () {
    keycloak = await keycloakOrSkip(this);
    admin = testAdmin(keycloak);
    shared = freshHost();
  });

  after(async () => {
    for (const realm of made) await admin.remove(`/${realm}`).catch(() => undefined);
  });

  const server = (port = keycloak.port): KeycloakServer => ({
    endpoint: { address: '127.0.0.1', port },
    admin: { username: keycloak.admin.username, password: { secret: 'ADMIN' } },
  });
  const props = (realm: string, port?: number): KeycloakRealm => {
    made.push(realm);
    return { server: server(port), ...jitsiRealm({ domain: 'jitsi.example.com', realm }) };
  };
  const freshHost = () => localHost({ ADMIN: keycloak.admin.password }, '/nonexistent');

  it('is made with its declared fields, after which a second plan is empty', async () => {
    const wanted = props('made');
    assert.notEqual(await apply(keycloakRealm, wanted, shared), null);
    assert.equal((await plan(keycloakRealm, wanted, shared)).changes, false);
    const realm = await admin.get('/made');
    assert.equal(realm['bruteForceProtected'], true);
    assert.equal((realm['attributes'] as Loose)['frontendUrl'], 'https://jitsi.example.com');
  });

  it('needs one round and one login, and the plan sends no writes', async () => {
    const planned = freshHost();
    await plan(keycloakRealm, props('never-made'), planned);
    assert.equal(planned.rounds, 1);
    assert.deepEqual(planned.sent, [
      'POST /realms/master/protocol/openid-connect/token',
      'GET /admin/realms/never-made',
    ]);
  });

  it('mends only the field that drifted and touches nothing that is not declared', async () => {
    const wanted = props('drift');
    await admin.post('', {
      realm: 'drift',
      enabled: true,
      displayName: 'People named it',
      webAuthnPolicyRpEntityName: 'special',
      otpPolicyDigits: 8,
      smtpServer: {
        host: 'mail.example',
        from: 'a@example.com',
        user: 'u',
        password: 'mail-secret',
        auth: 'true',
      },
      attributes: { theirs: 'kept', frontendUrl: 'https://jitsi.example.com' },
    });
    const before = await admin.get('/drift');
    const { differences } = await plan(keycloakRealm, wanted, shared);
    assert.deepEqual(differences, [{ is: 'field', field: 'bruteForceProtected', from: 'false', to: 'true' }]);
    const change = await apply(keycloakRealm, wanted, shared);
    assert.deepEqual(changedFields(before, await admin.get('/drift')), ['bruteForceProtected']);
    await undo(keycloakRealm, change!, shared);
    assert.deepEqual(changedFields(before, await admin.get('/drift')), []);
  });

  it('keeps the attributes of others when one changes, and takes its own away again on undo', async () => {
    const wanted = props('attributes');
    await admin.post('', {
      realm: 'attributes',
      enabled: true,
      bruteForceProtected: true,
      attributes: { theirs: 'kept' },
    });
    const before = await admin.get('/attributes');
    const change = await apply(keycloakRealm, wanted, shared);
    const attributes = (await admin.get('/attributes'))['attributes'] as Loose;
    assert.equal(attributes['theirs'], 'kept');
    assert.equal(attributes['frontendUrl'], 'https://jitsi.example.com');
    await undo(keycloakRealm, change!, shared);
    assert.deepEqual(changedFields(before, await admin.get('/attributes')), []);
  });

  it('owns single settings of the mail server, and its masked password lives on', async () => {
    await using ear = await smtpEar();
    const login = { host: '127.0.0.1', port: String(ear.port), user: 'u', auth: 'true' };
    await admin.post('', {
      realm: 'mail',
      smtpServer: { ...login, from: 'old@example.com', password: 'mail-secret' },
    });
    const wanted: KeycloakRealm = { ...props('mail'), fields: { smtpServer: { from: 'new@example.com' } } };
    const planned = await plan(keycloakRealm, wanted, shared);
    assert.deepEqual(planned.wanted.state?.fields, { 'smtpServer.from': 'new@example.com' });
    const change = await apply(keycloakRealm, wanted, shared);
    const mail = (await admin.get('/mail'))['smtpServer'] as Loose;
    assert.deepEqual([mail['from'], mail['user'], mail['password']], ['new@example.com', 'u', '**********']);
    await admin.put(`/master/users/${(await admin.user('master', 'admin')).id}`, {
      email: 'admin@example.com',
    });
    await admin.post('/mail/testSMTPConnection', mail);
    assert.deepEqual(ear.logins, ['u:mail-secret'], 'Keycloak still knows the real one');
    await undo(keycloakRealm, change!, shared);
    assert.equal(((await admin.get('/mail'))['smtpServer'] as Loose)['from'], 'old@example.com');
  });

  it('is removed with its users when its creation is undone', async () => {
    const change = await apply(keycloakRealm, props('undone'), shared);
    await admin.post('/undone/users', { username: 'somebody' });
    await undo(keycloakRealm, change!, shared);
    await assert.rejects(admin.get('/undone'), /404/);
  });

  it('takes over a realm that somebody else made in the same moment', async () => {
    await using proxy = await meddlingProxy(keycloak.port, async ({ method, path }) => {
      if (method === 'POST' && path === '/admin/realms')
        await admin.post('', { realm: 'race', enabled: false });
      return {};
    });
    const remote = freshHost();
    await apply(keycloakRealm, props('race', proxy.port), remote);
    assert.equal((await admin.get('/race'))['enabled'], true);
    assert.equal(remote.sent.filter((line) => line === 'PUT /admin/realms/race').length, 1);
  });

  it('finds the realm that it made although the answer was lost', async () => {
    await using proxy = await meddlingProxy(keycloak.port, ({ method, path }) =>
      method === 'POST' && path === '/admin/realms' ? { loseAnswer: true } : {},
    );
    const wanted = props('lost', proxy.port);
    await assert.rejects(
      apply(keycloakRealm, wanted, shared),
      (error) => error instanceof Failed && error.failure.transient,
    );
    assert.equal((await plan(keycloakRealm, wanted, shared)).changes, false);
  });

  it('cannot be read while a proxy answers with its own page, and a change fails with the evidence', async () => {
    const page = { status: 502, body: '<html>\u001b[31m<h1>502 Bad Gateway</h1>' };
    await using proxy = await meddlingProxy(keycloak.port, ({ path }) =>
      path.includes('/admin/') ? { answer: page } : {},
    );
    const wanted = props('page', proxy.port);
    await assert.rejects(plan(keycloakRealm, wanted, shared), Unreadable);
    const id = keycloakRealm.identify(wanted);
    const state = keycloakRealm.target(wanted, { state: null }).state;
    await assert.rejects(
      keycloakRealm.converge({ id, from: null, to: state, props: wanted, run: 'r' }, shared),
      (error) => {
        assert.ok(error instanceof Failed);
        assert.deepEqual(error.failure.evidence, [
          'HTTP 502 text/html <html>\\x1b[31m<h1>502 Bad Gateway</h1>',
        ]);
        assert.equal(error.failure.transient, true);
        return true;
      },
    );
  });

  it('says that an answer is cut off or is not Keycloak’s, instead of believing it', async () => {
    for (const body of ['{"realm":"x"', '[]', '"yes"', 'null']) {
      await using proxy = await meddlingProxy(keycloak.port, ({ path }) =>
        path.includes('/admin/') ? { answer: { status: 200, body, type: 'application/json' } } : {},
      );
      await assert.rejects(plan(keycloakRealm, props('page', proxy.port), shared), Unreadable, body);
    }
  });

  it('tries a wrong admin password exactly once', async () => {
    const wrong = localHost({ ADMIN: 'not-the-password' }, '/nonexistent');
    await assert.rejects(plan(keycloakRealm, props('wrong'), wrong), /login of "admin" is wrong/);
    assert.equal(wrong.sent.length, 1);
  });

  it('goes on with one new login when Keycloak has ended its session in the middle', async () => {
    await admin.post('/master/users', {
      ...{ username: 'second', enabled: true },
      credentials: [{ type: 'password', value: 'second-pw', temporary: false }],
    });
    const { id } = await admin.user('master', 'second');
    await admin.post(`/master/users/${id}/role-mappings/realm`, [await admin.get('/master/roles/admin')]);
    const second = localHost({ ADMIN: 'second-pw' }, '/nonexistent');
    const wanted = props('renewed');
    const asSecond = {
      ...wanted,
      server: { ...wanted.server, admin: { username: 'second', password: { secret: 'ADMIN' } } },
    };
    await plan(keycloakRealm, asSecond, second);
    await admin.post(`/master/users/${id}/logout`, undefined);
    await apply(keycloakRealm, asSecond, second);
    assert.equal(second.sent.filter((line) => line.endsWith('/token')).length, 2);
  });

  it('names the role that a limited admin lacks', async () => {
    await admin.post('/master/users', {
      username: 'limited',
      enabled: true,
      ...{ email: 'l@example.com', firstName: 'L', lastName: 'L' },
      credentials: [{ type: 'password', value: 'limited-pw', temporary: false }],
    });
    const limited = localHost({ ADMIN: 'limited-pw' }, '/nonexistent');
    const wanted = props('forbidden');
    const asLimited = {
      ...wanted,
      server: { ...wanted.server, admin: { username: 'limited', password: { secret: 'ADMIN' } } },
    };
    const id = keycloakRealm.identify(asLimited);
    const to = keycloakRealm.target(asLimited, { state: null }).state;
    await assert.rejects(
      keycloakRealm.converge({ id, from: null, to, props: asLimited, run: 'r' }, limited),
      (error) => {
        assert.ok(error instanceof Failed);
        assert.equal(error.failure.reason, 'refused');
        assert.match(error.failure.next, /role create-realm/);
        return true;
      },
    );
  });
});
