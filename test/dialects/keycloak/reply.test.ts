import assert from 'node:assert/strict';
import { mustRead, readReply, readWrite } from '../../../src/dialects/keycloak/reply.js';
import { manyIdentified, realmRepresentation } from '../../../src/dialects/keycloak/representation.js';
import type { Errand } from '../../../src/dialects/keycloak/server.js';
import { Failed } from '../../../src/model/failure.js';
import { Unreadable } from '../../../src/probe/probe.js';
import { response } from '../../support/response.js';

const errand: Errand = {
  server: {
    endpoint: { address: '127.0.0.1', port: 18080 },
    admin: { username: 'admin', password: { secret: 'ADMIN' } },
  },
  what: 'read the realm "x"',
  role: 'admin',
};

const failureIn = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof Failed, String(error));
    return error.failure;
  }
  return assert.fail('nothing was thrown');
};

describe('answers of the admin API', () => {
  it('are the value, or null for 404', () => {
    assert.deepEqual(readReply(response(200, { realm: 'x' }), realmRepresentation, errand), { realm: 'x' });
    assert.equal(readReply(response(404, { error: 'Realm not found.' }), realmRepresentation, errand), null);
  });

  const unreadable = [
    ['a proxy’s page', response(502, '<html>Bad Gateway</html>')],
    ['a page with 200', response(200, '<html>a room</html>')],
    ['a server that is starting', response(503, '')],
    ['a redirect', response(302, '', { location: 'https://elsewhere.example/' })],
    ['a list instead of an object', response(200, [])],
    ['a reply cut off', { ...response(200, { realm: 'x' }), truncated: true }],
    ['JSON that ends too early', response(200, '{"realm":')],
  ] as const;
  for (const [what, answer] of unreadable) {
    it(`cannot be read yet when they are ${what}, and fail a change`, () => {
      assert.throws(() => readReply(answer, realmRepresentation, errand), Unreadable);
      assert.equal(failureIn(() => mustRead(answer, realmRepresentation, errand)).reason, 'command-failed');
    });
  }

  it('are refused for ever with 401 and 403, and say what to do', () => {
    const forbidden = failureIn(() =>
      readReply(response(403, { error: 'HTTP 403 Forbidden' }), realmRepresentation, errand),
    );
    assert.equal(forbidden.reason, 'refused');
    assert.equal(forbidden.transient, false);
    assert.match(forbidden.next, /the role admin/);
    const unknown = failureIn(() => readReply(response(401, ''), realmRepresentation, errand));
    assert.match(unknown.what, /does not accept the admin "admin"/);
    assert.match(unknown.next, /the secret ADMIN/);
  });

  it('may be tried again after 429 and 5xx only', () => {
    const transient = (status: number) =>
      failureIn(() => readWrite(response(status, { errorMessage: 'no' }), errand)).transient;
    assert.deepEqual([400, 422, 429, 500, 502, 503].map(transient), [false, false, true, true, true, true]);
  });

  it('of writes are done, a conflict, or absent', () => {
    const outcomes = [201, 204, 409, 404].map((status) => readWrite(response(status), errand));
    assert.deepEqual(outcomes, ['done', 'done', 'conflict', 'absent']);
  });

  it('steer no terminal, whatever they hold', () => {
    const { evidence } = failureIn(() =>
      readWrite(
        response(400, { error: 'a\u001b[2Jb\u202e\r\nc', error_description: 'd'.repeat(5000) }),
        errand,
      ),
    );
    assert.equal(evidence.length, 1);
    assert.match(evidence[0] ?? '', /^HTTP 400 a\\x1b\[2Jb\\u202e c: d{50,}…$/);
  });

  it('with an id that would leave its path are not read', () => {
    const found = response(200, [{ id: '../../master', username: 'x' }]);
    assert.throws(() => readReply(found, manyIdentified, errand), Unreadable);
  });
});
