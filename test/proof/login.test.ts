import assert from 'node:assert/strict';
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { jitsiClient, jitsiRealm, jitsiUser } from '../../src/dialects/keycloak/jitsi-client.js';
import type { KeycloakServer } from '../../src/dialects/keycloak/server.js';
import { keycloakClient } from '../../src/kinds/keycloak-client.js';
import { keycloakRealm } from '../../src/kinds/keycloak-realm.js';
import { keycloakUser } from '../../src/kinds/keycloak-user.js';
import { Unmet } from '../../src/dialects/unmet.js';
import { browserOn } from '../../src/proof/browser.js';
import { readPlace, refuseReplay, refuseWrongPassword, signIn, signOut } from '../../src/proof/login.js';
import { siteOnHost, type SiteTls } from '../../src/proof/site.js';
import { configJs, type JitsiSite, jitsiSite, type SiteFaults } from '../support/jitsi-site.js';
import { type TestAdmin, testAdmin } from '../support/keycloak-admin.js';
import { keycloakOrSkip, type TestKeycloak } from '../support/keycloak.js';
import { apply } from '../support/kind-loop.js';
import { type LocalHost, localHost } from '../support/local-http-remote.js';
import { tempFolder } from '../support/temp-folder.js';

const domain = 'jitsi.example.com';
const realm = 'sign-in';
const password = 'Pa ss&wörd=canary';

describe('a login through a site with a real Keycloak', function () {
  this.timeout(30_000);
  let keycloak: TestKeycloak;
  let admin: TestAdmin;
  let site: JitsiSite;
  let host: LocalHost;

  const cleaning: (() => PromiseLike<void>)[] = [];

  before(async function () {
    keycloak = await keycloakOrSkip(this);
    admin = testAdmin(keycloak);
    site = await jitsiSite(domain, realm, keycloak.port);
    cleaning.push(
      () => site[Symbol.asyncDispose](),
      () => admin.remove(`/${realm}`),
    );
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
    for (const clean of cleaning) await clean();
  });

  const prove = async (faults: SiteFaults = {}, changed: Partial<Login> = {}): Promise<Outcome> => {
    site.break(faults);
    const login = {
      ...{ realm, client: 'jitsi', issuer: `https://${domain}/realms/${realm}` },
      ...{ username: 'alice', secret: 'PW', tls: { port: site.port, ca: site.ca } },
      ...changed,
    };
    const browser = browserOn(await siteOnHost(domain, login.tls, host), host);
    try {
      const place = await readPlace({ domain, ...login }, browser);
      const user = { username: login.username, password: { secret: login.secret } };
      const open = await signIn(place, user, { browser, remote: host });
      await refuseReplay(open, browser);
      await signOut(open, browser);
      return { ok: true };
    } catch (error) {
      if (error instanceof Unmet) return { ok: false, unmet: error };
      throw error;
    }
  };
  const sessions = async (username: string): Promise<number> => {
    const { id } = await admin.user(realm, username);
    return (await admin.get<readonly unknown[]>(`/${realm}/users/${id}/sessions`)).length;
  };

  it('signs in, finds the code good for one exchange, and leaves no session behind', async () => {
    assert.deepEqual(await prove(), { ok: true });
    assert.equal(await sessions('alice'), 0);
  });

  it('teaches the host every token, so that none is ever printed', () => {
    const tokens = host.learned.filter((value) => value.split('.').length === 3);
    assert.ok(tokens.length >= 3, `${tokens.length} learned`);
  });

  it('finds that a wrong password is refused, and a right one not', async () => {
    const browser = browserOn(await siteOnHost(domain, { port: site.port, ca: site.ca }, host), host);
    site.break({});
    const place = await readPlace({ domain, realm, client: 'jitsi' }, browser);
    await refuseWrongPassword(place, 'bob', browser);
    await refuseWrongPassword(place, 'nobody-of-that-name', browser);
  });

  it('trusts the certificate that lies on the host', async () => {
    using folder = tempFolder();
    const caFile = path.join(folder.path, 'site.crt');
    writeFileSync(caFile, site.ca);
    assert.equal((await prove({}, { tls: { port: site.port, caFile } })).ok, true);
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
        'config.js names another realm',
        { configJs: configJs({ domain, realm: 'jitsi-test', client: 'jitsi' }) },
        /^config\.js sends people to another sign-in/,
        /realms\/jitsi-test/,
      ],
      [
        'config.js says nothing of a sign-in',
        { configJs: 'var config = {};' },
        /^config\.js does not send people to the sign-in/,
        /tokenAuthUrl/,
      ],
      [
        'no browser can run config.js',
        { configJs: 'var config = {\n  a: 1\n  b: 2 };' },
        /^config\.js does not send people to the sign-in: no browser/,
        /line 3/,
      ],
      ['sso.html is missing', { noSso: true }, /^static\/sso\.html is not there/, /HTTP 200/],
      [
        'nginx puts no config.js into sso.html',
        { noSsi: true },
        /^static\/sso\.html has no configuration in it/,
        /#include/,
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
      assert.ok(!site.asked.some((line) => line.includes('/auth')), site.asked.join());
    } finally {
      await admin.put(`/${realm}`, { attributes: { frontendUrl: `https://${domain}` } });
    }
  });

  it('finds a certificate that is for another name or not trusted', async () => {
    const verdict = await prove({}, { tls: { port: site.port } });
    expectUnmet(verdict, /^the discovery document gets no answer/, /self-signed certificate/);
  });

  it('says that the client is unknown, or the address to come back to', async () => {
    const unknown = { configJs: configJs({ domain, realm, client: 'nobody' }) };
    expectUnmet(
      await prove(unknown, { client: 'nobody' }),
      /^the login page has no form/,
      /Client not found/,
    );
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
    const verdict = await prove({}, { username: 'bob', secret: 'WRONG' });
    expectUnmet(verdict, /^the login of "bob" is refused/, /Invalid username or password/);
    assert.equal(site.asked.filter((line) => line.endsWith('/login-actions/authenticate')).length, 1);
  });

  it('says which question a user stops at whose account is not complete', async () => {
    const { id } = await admin.user(realm, 'carol');
    await admin.put(`/${realm}/users/${id}`, { requiredActions: ['UPDATE_PASSWORD'] });
    const verdict = await prove({}, { username: 'carol' });
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
    const verdict = await prove(
      { configJs: configJs({ domain, realm, client: 'as-it-comes' }) },
      { client: 'as-it-comes' },
    );
    expectUnmet(verdict, /^the access token is not for the one audience/, /\["realm-management","account"\]/);
    assert.equal((await prove()).ok, true);
    assert.equal(await sessions('alice'), 0);
  });
});

/** How a login goes, and where. */
interface Login {
  readonly realm: string;
  readonly client: string;
  readonly issuer: string;
  readonly username: string;
  readonly secret: string;
  readonly tls: SiteTls;
}

type Outcome = { readonly ok: true } | { readonly ok: false; readonly unmet: Unmet };

function expectUnmet(outcome: Outcome, because: RegExp, evidence: RegExp): void {
  assert.ok(!outcome.ok, 'the proof fails');
  assert.match(outcome.unmet.message, because);
  assert.match(outcome.unmet.evidence.join('\n'), evidence);
  assert.ok(outcome.unmet.next.length > 20, 'and says what to do');
}
