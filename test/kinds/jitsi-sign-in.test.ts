import assert from 'node:assert/strict';
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { jitsiClient, jitsiRealm, jitsiUser } from '../../src/dialects/keycloak/jitsi-client.js';
import type { KeycloakServer } from '../../src/dialects/keycloak/server.js';
import { type JitsiSignIn, jitsiSignIn } from '../../src/kinds/jitsi-sign-in.js';
import { keycloakClient } from '../../src/kinds/keycloak-client.js';
import { keycloakRealm } from '../../src/kinds/keycloak-realm.js';
import { keycloakUser } from '../../src/kinds/keycloak-user.js';
import type { Verdict } from '../../src/model/kind.js';
import { type JitsiSite, jitsiSite, type SiteFaults } from '../support/jitsi-site.js';
import { type TestAdmin, testAdmin } from '../support/keycloak-admin.js';
import { keycloakOrSkip, type TestKeycloak } from '../support/keycloak.js';
import { apply } from '../support/kind-loop.js';
import { type LocalHost, localHost } from '../support/local-http-remote.js';
import { tempFolder } from '../support/temp-folder.js';

const domain = 'jitsi.example.com';
const realm = 'sign-in';
const password = 'Pa ss&wörd=canary';

describe('jitsi.sign-in through a site with a real Keycloak', function () {
  this.timeout(30_000);
  let keycloak: TestKeycloak;
  let admin: TestAdmin;
  let site: JitsiSite;
  let host: LocalHost;

  before(async function () {
    keycloak = await keycloakOrSkip(this);
    admin = testAdmin(keycloak);
    site = await jitsiSite(domain, realm, keycloak.port);
    host = localHost({ ADMIN: keycloak.admin.password, PW: password, WRONG: 'wrong' }, '/nonexistent');
    const server: KeycloakServer = {
      endpoint: { address: '127.0.0.1', port: keycloak.port },
      admin: { username: keycloak.admin.username, password: { secret: 'ADMIN' } },
    };
    const at = { domain, realm };
    await apply(keycloakRealm, { server, ...jitsiRealm(at) }, host);
    await apply(keycloakClient, { server, ...jitsiClient({ ...at, client: 'jitsi' }) }, host);
    for (const username of ['alice', 'bob', 'carol']) {
      const person = { username, email: `${username}@example.com`, firstName: 'A', lastName: 'B' };
      await apply(
        keycloakUser,
        { server, realm, ...jitsiUser({ ...person, password: { secret: 'PW' } }) },
        host,
      );
    }
  });

  after(async () => {
    await site[Symbol.asyncDispose]();
    await admin.remove(`/${realm}`);
  });

  const prove = (faults: SiteFaults = {}, changed: Partial<JitsiSignIn> = {}): Promise<Verdict> => {
    site.break(faults);
    return jitsiSignIn.prove(
      {
        ...{ domain, realm, client: 'jitsi', user: { username: 'alice', password: { secret: 'PW' } } },
        tls: { port: site.port, ca: site.ca },
        ...changed,
      },
      host,
    );
  };
  const sessions = async (username: string): Promise<number> => {
    const { id } = await admin.user(realm, username);
    return (await admin.get<readonly unknown[]>(`/${realm}/users/${id}/sessions`)).length;
  };

  it('signs in, shows the token to Prosody, and leaves no session behind', async () => {
    const verdict = await prove();
    assert.deepEqual(verdict, {
      ok: true,
      note: 'alice signed in and out; Prosody took the token and refused a missing and a forged one; guests may come',
    });
    assert.equal(await sessions('alice'), 0);
    assert.equal(site.open.size, 0);
  });

  it('teaches the host every token, so that none is ever printed', () => {
    const tokens = host.learned.filter((value) => value.split('.').length === 3);
    assert.ok(tokens.length >= 4, `${tokens.length} learned`);
  });

  it('trusts the certificate that lies on the host', async () => {
    using folder = tempFolder();
    const caFile = path.join(folder.path, 'site.crt');
    writeFileSync(caFile, site.ca);
    assert.equal((await prove({}, { tls: { port: site.port, caFile } })).ok, true);
  });

  it('asks once more when Prosody is still fetching the keys', async () => {
    assert.equal((await prove({ silent: 2 })).ok, true);
  });

  const broken: readonly (readonly [what: string, faults: SiteFaults, because: RegExp, evidence: RegExp])[] =
    [
      [
        'only /realms/ is passed on',
        { noResources: true },
        /^the login page has no style/,
        /\.css: HTTP 200 text\/html/,
      ],
      [
        'Prosody was only reloaded',
        { anonymous: true },
        /^Prosody lets people in who bring no token/,
        /success/,
      ],
      [
        'Prosody takes any token',
        { unsigned: true },
        /^Prosody lets people in who bring a forged token/,
        /success/,
      ],
      [
        'Prosody accepts another issuer',
        { acceptedIssuer: `http://${domain}/realms/${realm}` },
        /^Prosody refuses the token/,
        /invalid 'iss' claim/,
      ],
      ['Prosody has no keys', { silent: 99 }, /^Prosody does not answer to the token/, /no answer/],
      ['the plugin did not load', { noMechanisms: true }, /^Prosody offers no way to sign in/, /none/],
      [
        'Prosody is not behind /http-bind',
        { noProsody: true },
        /^\/http-bind does not lead to Prosody/,
        /HTTP 200 text\/html/,
      ],
      [
        'the guest host is missing',
        { noGuests: true },
        /^the guest host "guest\.jitsi\.example\.com" ends the session/,
        /improper-addressing/,
      ],
      [
        'a browser may not read the tokens',
        { noCors: true },
        /may not be read by the site's own page/,
        /not sent/,
      ],
    ];
  for (const [what, faults, because, evidence] of broken) {
    it(`says which step fails and signs out again when ${what}`, async () => {
      expectUnmet(await prove(faults), because, evidence);
      assert.equal(await sessions('alice'), 0);
    });
  }

  it('finds an issuer that is not the accepted one, byte for byte, before anybody signs in', async () => {
    const verdict = await prove({}, { issuer: `https://${domain}/realms/${realm.toUpperCase()}` });
    expectUnmet(verdict, /^the discovery document is not there/, /HTTP 200 text\/html/);
    await admin.put(`/${realm}`, { attributes: { frontendUrl: `http://${domain}` } });
    try {
      expectUnmet(await prove(), /announces another issuer/, /announced: http:\/\/jitsi/);
      assert.equal(site.asked.length, 1);
    } finally {
      await admin.put(`/${realm}`, { attributes: { frontendUrl: `https://${domain}` } });
    }
  });

  it('finds a certificate that is for another name or not trusted', async () => {
    const verdict = await prove({}, { tls: { port: site.port } });
    expectUnmet(verdict, /^the discovery document gets no answer/, /self-signed certificate/);
  });

  it('says that the client is unknown, or the address to come back to', async () => {
    expectUnmet(await prove({}, { client: 'nobody' }), /^the login page has no form/, /Client not found/);
    const { id } = await admin.client(realm, 'jitsi');
    await admin.put(`/${realm}/clients/${id}`, {
      clientId: 'jitsi',
      redirectUris: ['https://other.example/'],
    });
    try {
      expectUnmet(await prove(), /^the login page has no form/, /redirect_uri/);
    } finally {
      await admin.put(`/${realm}/clients/${id}`, {
        clientId: 'jitsi',
        redirectUris: [`https://${domain}/static/sso.html`],
      });
    }
  });

  it('tries a wrong password once, and says what Keycloak says', async () => {
    const verdict = await prove({}, { user: { username: 'bob', password: { secret: 'WRONG' } } });
    expectUnmet(verdict, /^the login of "bob" is refused/, /Invalid username or password/);
    assert.equal(site.asked.filter((line) => line.endsWith('/login-actions/authenticate')).length, 1);
  });

  it('says which question a user stops at whose account is not complete', async () => {
    const { id } = await admin.user(realm, 'carol');
    await admin.put(`/${realm}/users/${id}`, { requiredActions: ['UPDATE_PASSWORD'] });
    const verdict = await prove({}, { user: { username: 'carol', password: { secret: 'PW' } } });
    expectUnmet(verdict, /^the login of "carol" stops at one more question/, /UPDATE_PASSWORD/);
  });

  it('finds that a user with client roles gets a list of audiences from a client as Keycloak makes it', async () => {
    await admin.post(`/${realm}/clients`, {
      ...{ clientId: 'as-it-comes', publicClient: true, webOrigins: [`https://${domain}`] },
      redirectUris: [`https://${domain}/static/sso.html`],
      attributes: { 'post.logout.redirect.uris': `https://${domain}/static/logout.html` },
    });
    const { id } = await admin.user(realm, 'alice');
    const management = await admin.client(realm, 'realm-management');
    const roles = await admin.get(`/${realm}/clients/${management.id}/roles`);
    await admin.post(`/${realm}/users/${id}/role-mappings/clients/${management.id}`, roles);
    const verdict = await prove({}, { client: 'as-it-comes' });
    expectUnmet(verdict, /^the access token is not for the one audience/, /\["realm-management","account"\]/);
    assert.equal((await prove()).ok, true);
    assert.equal(await sessions('alice'), 0);
  });
});

function expectUnmet(verdict: Verdict, because: RegExp, evidence: RegExp): void {
  assert.ok(!verdict.ok, 'the proof fails');
  assert.match(verdict.because, because);
  assert.match((verdict.evidence ?? []).join('\n'), evidence);
  assert.ok((verdict.next ?? '').length > 20, 'and says what to do');
}
