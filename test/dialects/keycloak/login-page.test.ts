import assert from 'node:assert/strict';
import { readLoginPage, readLoginResult } from '../../../src/dialects/keycloak/login-page.js';
import { Unmet } from '../../../src/dialects/unmet.js';
import { response } from '../../support/response.js';

const issuer = 'https://jitsi.example.com/realms/r';
const client = {
  ...{ issuer, clientId: 'jitsi', origin: 'https://jitsi.example.com' },
  redirectUri: 'https://jitsi.example.com/static/sso.html',
  afterLogout: 'https://jitsi.example.com/static/logout.html',
};
const login = { state: 's', nonce: 'n', verifier: 'v' };
const start = new URL(`${issuer}/protocol/openid-connect/auth`);
const going = { start, client, login };
const user = { username: 'alice', password: { secret: 'PW' } };

const page = (action: string, head = ''): string =>
  `<html><head>${head}</head><body data-page-id="login-login"><form id="kc-form-login" onsubmit="x" action="${action}" method="post"></form></body>`;

const unmet = (expected: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Unmet, String(error));
  assert.match([error.message, ...error.evidence].join(' | '), expected);
  return true;
};

describe('Keycloak’s login page', () => {
  it('gives the address of its form and its styles', () => {
    const head =
      '<link href="/resources/a.css" rel="stylesheet" /><link rel=\'stylesheet\' href=\'b.css\'><link rel="icon" href="c">';
    const read = readLoginPage(
      response(200, page(`${issuer}/login-actions/authenticate?a=1&amp;b=2`, head)),
      going,
    );
    assert.equal(read.action.href, `${issuer}/login-actions/authenticate?a=1&b=2`);
    assert.deepEqual(
      read.stylesheets.map(({ pathname }) => pathname),
      ['/resources/a.css', '/realms/r/protocol/openid-connect/b.css'],
    );
  });

  const elsewhere = [
    'https://evil.example/realms/r/login-actions/authenticate',
    'http://jitsi.example.com/realms/r/login-actions/authenticate',
    '//evil.example/',
    '/realms/other/login-actions/authenticate',
    'https://jitsi.example.com/realms/r.evil/x',
  ];
  for (const action of elsewhere) {
    it(`is not given the password when its form leads to ${action}`, () => {
      assert.throws(
        () => readLoginPage(response(200, page(action)), going),
        unmet(/password to another address/),
      );
    });
  }

  it('fetches no style from another origin', () => {
    const head =
      '<link href="https://evil.example/a.css" rel="stylesheet"><link href="http://[" rel="stylesheet">';
    assert.deepEqual(readLoginPage(response(200, page(`${issuer}/x`, head)), going).stylesheets, []);
  });

  it('without a form says what it complains about, or where it leads', () => {
    const complaint =
      '<div id="kc-error-message"><p class="instruction">Client &quot;x&quot; not found.</p></div>';
    assert.throws(() => readLoginPage(response(400, complaint), going), unmet(/Client "x" not found\./));
    const away = response(302, '', { location: 'https://idp.example/saml?secret=1' });
    assert.throws(() => readLoginPage(away, going), unmet(/leads to https:\/\/idp\.example\/saml$/));
    const refused = response(302, '', {
      location: `${client.redirectUri}?error=invalid_request&error_description=Missing+code_challenge`,
    });
    assert.throws(() => readLoginPage(refused, going), unmet(/invalid_request: Missing code_challenge/));
  });

  it('reads a page of many thousand open tags without delay', () => {
    const began = performance.now();
    assert.throws(() => readLoginPage(response(200, '<form '.repeat(200_000)), going), Unmet);
    assert.ok(performance.now() - began < 2000);
  });
});

describe('the answer to a login', () => {
  it('is the code of this login', () => {
    const back = response(302, '', { location: `${client.redirectUri}?state=s&code=c` });
    assert.equal(readLoginResult(back, { client, login, user }), 'c');
  });

  it('is not taken with another state, or on an address that only begins alike', () => {
    const other = response(302, '', { location: `${client.redirectUri}?state=t&code=c` });
    assert.throws(() => readLoginResult(other, { client, login, user }), unmet(/no code for this login/));
    const alike = response(302, '', { location: `${client.redirectUri}.evil.example/?state=s&code=c` });
    assert.throws(() => readLoginResult(alike, { client, login, user }), unmet(/one more question/));
  });

  it('says that the password is wrong, or which action is required', () => {
    const again = page(`${issuer}/x`).replace(
      '</form>',
      '</form><span id="input-error" class="e">Invalid username or password.</span>',
    );
    assert.throws(
      () => readLoginResult(response(200, again), { client, login, user }),
      unmet(/is refused \| Invalid username/),
    );
    const action = response(302, '', {
      location: `${issuer}/login-actions/required-action?execution=VERIFY_PROFILE&tab_id=secret`,
    });
    assert.throws(() => readLoginResult(action, { client, login, user }), unmet(/\| VERIFY_PROFILE$/));
    const otp = '<body id="x" data-page-id="login-login-otp"></body>';
    assert.throws(
      () => readLoginResult(response(200, otp), { client, login, user }),
      unmet(/login-login-otp/),
    );
  });
});
