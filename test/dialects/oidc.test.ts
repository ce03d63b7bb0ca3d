import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { authorizationUrl, pageOf } from '../../src/dialects/jitsi-web.js';
import { expectEnded, expectLogout, readDiscovery } from '../../src/dialects/oidc.js';
import {
  checkAccessToken,
  checkIdToken,
  expectAllowed,
  readTokens,
  type Tokens,
} from '../../src/dialects/oidc-tokens.js';
import { Unmet } from '../../src/dialects/unmet.js';
import { response } from '../support/response.js';

const issuer = 'https://d.example/realms/r';
const client = {
  ...{ issuer, clientId: 'jitsi', origin: 'https://d.example' },
  redirectUri: 'https://d.example/static/sso.html',
  afterLogout: 'https://d.example/static/logout.html',
};
const login = {
  state: '{"room":"a b"}',
  nonce: 'n',
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
};
const document = {
  issuer,
  authorization_endpoint: `${issuer}/protocol/openid-connect/auth`,
  token_endpoint: `${issuer}/protocol/openid-connect/token`,
  end_session_endpoint: `${issuer}/protocol/openid-connect/logout`,
  jwks_uri: `${issuer}/protocol/openid-connect/certs`,
};
const at = new Date('2026-01-01T00:00:00Z');
const now = at.getTime() / 1000;
const rsa = await generateKeyPair('RS256', { extractable: true });
const other = await generateKeyPair('RS256');
const elliptic = await generateKeyPair('ES256', { extractable: true });
const keys = {
  keys: [
    { ...(await exportJWK(rsa.publicKey)), kid: 'k', alg: 'RS256' },
    { ...(await exportJWK(elliptic.publicKey)), kid: 'e', alg: 'ES256' },
  ],
};

const sign = (claims: JWTPayload, header = {}, key = rsa.privateKey): Promise<string> =>
  new SignJWT({ iss: issuer, aud: 'account', nonce: 'n', exp: now + 300, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k', typ: 'JWT', ...header })
    .sign(key);

const tokensOf = (token: string): Tokens => ({ access: token, id: token, refresh: null, session: null, at });
const expected = { issuer, audience: 'account' };

describe('the discovery document', () => {
  it('gives the addresses of the realm', () => {
    assert.equal(readDiscovery(response(200, document), client).jwks.href, document.jwks_uri);
  });

  const others = [
    'http://d.example/realms/r',
    `${issuer}/`,
    'https://d.example/realms/R',
    'https://D.example/realms/r',
  ];
  for (const announced of others) {
    it(`is not that of the accepted issuer when it announces ${announced}`, () => {
      const reply = response(200, { ...document, issuer: announced });
      assert.throws(() => readDiscovery(reply, client), /announces another issuer/);
    });
  }

  it('may lead nowhere else', () => {
    const reply = response(200, { ...document, jwks_uri: 'https://evil.example/certs' });
    assert.throws(() => readDiscovery(reply, client), /leads away/);
    assert.throws(() => readDiscovery(response(200, '<html>a room</html>'), client), /is not there/);
  });
});

describe('a login', () => {
  it('asks as Jitsi’s web page does: the challenge is RFC 7636’s own example', () => {
    const url = authorizationUrl(pageOf(readDiscovery(response(200, document), client), client), login);
    assert.equal(url.searchParams.get('code_challenge'), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    assert.equal(url.searchParams.get('state'), login.state);
    assert.equal(url.searchParams.get('redirect_uri'), client.redirectUri);
    assert.ok(!url.href.includes(login.verifier));
  });

  it('may be read by a page of its own origin only', () => {
    const from = (origin: string) => response(200, {}, { 'access-control-allow-origin': origin });
    expectAllowed(from('https://d.example'), client);
    assert.throws(() => expectAllowed(from('https://d.example/'), client), Unmet);
    assert.throws(() => expectAllowed(response(200, {}), client), Unmet);
  });

  it('says why there are no tokens', () => {
    const refused = response(400, { error: 'invalid_grant', error_description: 'PKCE verification failed' });
    assert.throws(
      () => readTokens(refused),
      (error) =>
        error instanceof Unmet && error.evidence[0] === 'HTTP 400 invalid_grant: PKCE verification failed',
    );
  });

  it('ends where the site wants it, and no new tokens come after it', () => {
    expectLogout(response(302, '', { location: client.afterLogout }), client);
    assert.throws(() => expectLogout(response(200, 'Do you want to log out?'), client), Unmet);
    expectEnded(response(400, { error: 'invalid_grant' }));
    assert.throws(() => expectEnded(response(200, {})), /leaves the session open/);
  });
});

describe('an access token', () => {
  it('holds when it is as Prosody wants it', async () => {
    await checkAccessToken(tokensOf(await sign({})), keys, expected);
  });

  const refused: readonly (readonly [what: string, token: () => Promise<string>, why: RegExp])[] = [
    ['for two audiences', () => sign({ aud: ['account', 'other'] }), /one audience/],
    ['for one audience in a list', () => sign({ aud: ['account'] }), /one audience/],
    ['for another audience', () => sign({ aud: 'jitsi' }), /one audience/],
    ['of another issuer', () => sign({ iss: 'http://d.example/realms/r' }), /does not hold/],
    ['past its time', () => sign({ exp: now - 1 }), /does not hold/],
    ['not valid yet', () => sign({ nbf: now + 60 }), /does not hold/],
    ['signed by another key', () => sign({}, {}, other.privateKey), /does not hold/],
    ['of an unknown key', () => sign({}, { kid: 'x' }), /does not hold/],
    ['of the type at+jwt', () => sign({}, { typ: 'at+jwt' }), /of a kind that Prosody refuses/],
    ['signed with ES256', () => sign({}, { alg: 'ES256', kid: 'e' }, elliptic.privateKey), /of a kind that/],
    ['no JWT at all', () => Promise.resolve('opaque'), /does not hold/],
  ];
  for (const [what, token, why] of refused) {
    it(`does not hold when it is ${what}`, async () => {
      await assert.rejects(checkAccessToken(tokensOf(await token()), keys, expected), (error) => {
        assert.ok(error instanceof Unmet, String(error));
        assert.match(error.message, why);
        return true;
      });
    });
  }
});

describe('an ID token', () => {
  it('belongs to the login whose nonce it has', async () => {
    await checkIdToken(tokensOf(await sign({})), keys, { ...client, ...login });
    await assert.rejects(
      checkIdToken(tokensOf(await sign({ nonce: 'm' })), keys, { ...client, ...login }),
      /not for this login/,
    );
  });
});
