import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Unmet } from '../../../src/dialects/unmet.js';
import { expectAccepted, expectGuest, expectRefused } from '../../../src/dialects/xmpp/gate.js';

const way = '/http-bind';

describe('the gate of an XMPP host', () => {
  const offered = { mechanisms: ['ANONYMOUS'], ended: null };
  const refusal = (text: string) => ({ ...offered, login: { condition: 'not-allowed', text } });
  const remedies: readonly (readonly [string, RegExp])[] = [
    ["invalid 'iss' claim", /asap_accepted_issuers/],
    ["invalid 'aud' claim", /asap_accepted_audiences/],
    ["'aud' claim is missing", /asap_accepted_audiences/],
    ['room claim is missing', /asap_require_room_claim/],
    ['token required', /query of the address/],
    ['Invalid typ', /RFC 9068/],
    ['Invalid signature', /cache_keys_url/],
    ['could not obtain public key', /cache_keys_url/],
    ['something new', /Prosody's log/],
  ];
  for (const [said, next] of remedies) {
    it(`knows what to do about "${said}"`, () => {
      assert.throws(
        () => expectAccepted(refusal(said), way),
        (error) => error instanceof Unmet && next.test(error.next),
      );
    });
  }

  it('takes a refusal and silence as shut, and only success as open', () => {
    expectRefused(refusal('token required'), 'no token', way);
    expectRefused({ ...offered, login: null }, 'a forged token', way);
    assert.throws(
      () => expectRefused({ ...offered, login: 'success' }, 'no token', way),
      /lets people in who bring no token/,
    );
    assert.throws(() => expectAccepted({ ...offered, login: null }, way), /does not answer/);
    assert.throws(() => expectGuest(refusal('x'), 'guest.d.example', way), /lets no guest in/);
  });

  it('does not take a host without authentication for one that refuses', () => {
    assert.throws(
      () => expectRefused({ ...offered, mechanisms: [], login: null }, 'no token', way),
      /offers no way/,
    );
    assert.throws(
      () => expectRefused({ ...offered, ended: 'host-gone', login: null }, 'no token', way),
      /ends the session/,
    );
  });
});
