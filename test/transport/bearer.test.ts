import assert from 'node:assert/strict';
import type { HttpRequest, HttpResponse, PasswordGrant } from '../../src/shell/http-request.js';
import { bearer } from '../../src/transport/bearer.js';
import type { Exchange } from '../../src/transport/exchange.js';
import { failureIn } from '../support/ssh-rig.js';
import { plainVault } from '../support/vault.js';

const grant: PasswordGrant = {
  tokenPath: '/realms/master/protocol/openid-connect/token',
  clientId: 'admin-cli',
  username: 'admin',
  password: { secret: 'ADMIN' },
};

const request: HttpRequest = {
  is: 'http',
  to: { address: '127.0.0.1', port: 18080 },
  method: 'GET',
  path: '/admin/realms',
  headers: { Host: 'meet.example.com', 'X-Forwarded-Proto': 'https', 'X-Other': 'x' },
};

const reply = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  truncated: false,
});

/** A token endpoint and an API behind it, without a network. */
function rig(options: {
  readonly login?: (attempt: number) => HttpResponse | Promise<HttpResponse>;
  readonly api?: (authorization: string) => HttpResponse;
}) {
  const logins: Parameters<Exchange>[0][] = [];
  const vault = plainVault({ ADMIN: 'right' });
  const clock = { ms: 0 };
  const login =
    options.login ?? ((attempt: number) => reply(200, { access_token: `token-${attempt}`, expires_in: 60 }));
  const api = options.api ?? ((authorization: string) => reply(200, authorization));
  const exchange: Exchange = async (sent, _signal, headers = {}) => {
    if (sent.path !== grant.tokenPath) return api(headers['authorization'] ?? '');
    logins.push(sent);
    return login(logins.length);
  };
  const signed = bearer({ exchange, vault, label: 'meet-1', now: () => clock.ms });
  const ask = async (): Promise<string> =>
    Buffer.from((await signed(request, grant, AbortSignal.timeout(5000))).body).toString();
  return { ask, signed, vault, clock, logins };
}

describe('a bearer token', () => {
  it('is got once for many requests at once, and learnt by the vault', async () => {
    const { ask, logins, vault } = rig({});
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), Array(3).fill('Bearer token-1'));
    assert.deepEqual(logins, [
      {
        is: 'http',
        to: request.to,
        method: 'POST',
        path: grant.tokenPath,
        headers: { Host: 'meet.example.com', 'X-Forwarded-Proto': 'https' },
        body: {
          form: {
            grant_type: 'password',
            client_id: 'admin-cli',
            username: 'admin',
            password: { secret: 'ADMIN' },
          },
        },
      },
    ]);
    assert.deepEqual(vault.learnt, ['token-1']);
  });

  it('is renewed ten seconds before its end', async () => {
    const { ask, clock } = rig({});
    await ask();
    clock.ms = 49_999;
    assert.equal(await ask(), 'Bearer token-1');
    clock.ms = 50_000;
    assert.deepEqual(await Promise.all([ask(), ask()]), ['Bearer token-2', 'Bearer token-2']);
  });

  it('is got anew once when the server does not know it any more', async () => {
    const { ask, logins } = rig({
      api: (authorization) => reply(authorization === 'Bearer token-1' ? 401 : 200, authorization),
    });
    assert.deepEqual(await Promise.all([ask(), ask()]), ['Bearer token-2', 'Bearer token-2']);
    assert.equal(logins.length, 2);
    const never = rig({ api: () => reply(401, 'no') });
    assert.equal(await never.ask(), 'no');
    assert.equal(never.logins.length, 2);
  });

  it('is asked for exactly once with a wrong password, however many requests want it', async () => {
    const { ask, logins } = rig({
      login: () => reply(401, { error: 'invalid_grant', error_description: 'Invalid user credentials' }),
    });
    const failures = await Promise.all([failureIn(ask()), failureIn(ask())]);
    failures.push(await failureIn(ask()));
    for (const failure of failures) {
      assert.deepEqual(failure, {
        reason: 'refused',
        what: `the login of admin at ${grant.tokenPath} on meet-1 is refused`,
        evidence: ['HTTP 401', 'invalid_grant: Invalid user credentials'],
        next: 'correct the secret ADMIN, or the account; it was tried once, because more failures lock the account',
        transient: false,
      });
    }
    assert.equal(logins.length, 1);
  });

  it('is asked for again after the server gave no proper answer', async () => {
    const { ask, logins } = rig({
      login: (attempt) =>
        attempt === 1
          ? reply(502, '<html><title>502</title><h1>Bad  Gateway</h1></html>')
          : reply(200, { access_token: 'late', expires_in: 60 }),
    });
    assert.deepEqual(await failureIn(ask()), {
      reason: 'command-failed',
      what: `${grant.tokenPath} on meet-1 gives no token`,
      evidence: ['HTTP 502', '502 Bad Gateway'],
      next: 'check that this is the path of the realm’s token endpoint and that the service has started',
      transient: true,
    });
    assert.equal(await ask(), 'Bearer late');
    assert.equal(logins.length, 2);
  });

  it('is not asked for again at a path that is not there', async () => {
    const { ask } = rig({ login: () => reply(404, { error: 'Realm does not exist' }) });
    const failure = await failureIn(ask());
    assert.deepEqual([failure.evidence, failure.transient], [['HTTP 404', 'Realm does not exist'], false]);
  });
});
