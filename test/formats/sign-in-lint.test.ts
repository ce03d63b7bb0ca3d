import assert from 'node:assert/strict';
import { lintEdits } from '../../src/formats/lint.js';
import { realmIn } from '../../src/formats/sign-in-job.js';
import { bytesOf } from '../../src/formats/source.js';
import { lintSignIn, type SeenAddress } from '../../src/formats/sign-in-lint.js';

const at = (line: number) => ({ line, column: 1 });
const issuer = (address: string): SeenAddress => ({
  path: 'a.lua',
  option: 'asap_accepted_issuers',
  address,
  at: at(1),
});
const keys = (address: string): SeenAddress => ({
  path: 'a.lua',
  option: 'cache_keys_url',
  address,
  at: at(2),
});
const page = (address: string): SeenAddress => ({ path: 'a.js', option: 'tokenAuthUrl', address, at: at(3) });

const found = (...parameters: Parameters<typeof lintSignIn>): readonly string[] =>
  lintSignIn(...parameters).map(({ path, at: { line }, code }) => `${path}:${line} ${code}`);

describe('The lint of a site', () => {
  it('looks at a server behind another proxy, too', () => {
    const route = 'location ^~ /realms/ { proxy_pass http://127.0.0.1:18080; }';
    const source = bytesOf(`server { listen 8080; server_name meet.example.com; ${route} }`);
    const site = { prosody: [], nginx: { path: 'site', source } };
    const findings = lintEdits(site, site, { domain: 'meet.example.com', realm: 'r', client: 'c' });
    assert.ok(findings.some(({ code }) => code === 'master-realm-public'));
  });
});

describe('The lint across files', () => {
  it('finds nothing where all name one realm', () => {
    assert.deepEqual(
      found({
        issuers: [issuer('https://x/realms/r')],
        keyAddresses: [keys('http://127.0.0.1:18080/realms/r/protocol/openid-connect/certs')],
        pages: [page('https://x/realms/r/protocol/openid-connect/auth')],
      }),
      [],
    );
  });

  it('finds a page and keys of another realm than the issuer', () => {
    const seen = {
      issuers: [issuer('https://x/realms/jitsi-realm')],
      keyAddresses: [keys('https://x/realms/old/certs')],
      pages: [page('https://x/realms/jitsi-test/auth')],
    };
    assert.deepEqual(found(seen), ['a.js:3 realms-differ', 'a.lua:2 realms-differ']);
    assert.match(
      lintSignIn(seen)[0]?.breaks ?? '',
      /jitsi-test, but Prosody \(a\.lua:1\) accepts only jitsi-realm/,
    );
  });

  it('accepts each realm of several issuers', () => {
    const issuers = [issuer('https://x/realms/a'), issuer('https://x/realms/b')];
    assert.deepEqual(found({ issuers, keyAddresses: [], pages: [page('https://x/realms/b/auth')] }), []);
  });

  it('says nothing of what names no realm', () => {
    const nowhere = {
      issuers: [issuer('*')],
      keyAddresses: [keys('https://x/keys')],
      pages: [page('https://x/realms/r/a')],
    };
    assert.deepEqual(found(nowhere), []);
  });
});

describe('The realm in an address', () => {
  for (const [address, realm] of [
    ['https://x/realms/r/protocol', 'r'],
    ['https://x/auth/realms/r', 'r'],
    ['x/realms/a%20b?c', 'a b'],
    ['https://x/realms/%zz/', '%zz'],
    ['https://x/realms/', undefined],
    ['', undefined],
  ] as const) {
    it(`of ${address} is ${String(realm)}`, () => assert.equal(realmIn(address), realm));
  }
});
