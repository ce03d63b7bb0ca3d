import assert from 'node:assert/strict';
import { authenticate, openSession, readBosh } from '../../src/dialects/bosh.js';
import { Unmet } from '../../src/dialects/unmet.js';
import { expectAccepted, expectGuest, expectRefused } from '../../src/dialects/xmpp-gate.js';
import { response } from '../support/response.js';

const site = {
  domain: 'd.example',
  endpoint: { address: '127.0.0.1', port: 443, tls: { serverName: 'd.example' } },
};
const xml = { 'content-type': 'text/xml; charset=utf-8' };
const answer = (content: string, attributes = '') =>
  readBosh(
    response(200, `<body xmlns='http://jabber.org/protocol/httpbind' ${attributes}>${content}</body>`, xml),
  );

describe('XMPP over /http-bind', () => {
  it('carries room and token in the address, and the host in the body', () => {
    const opened = openSession({ site, to: 'guest.d.example', room: 'a&b', token: 't.o.k' }, 7);
    assert.equal(opened.path, '/http-bind?room=a%26b&token=t.o.k');
    assert.equal(opened.headers?.['host'], 'd.example');
    assert.ok(opened.body !== undefined && 'text' in opened.body);
    assert.match(opened.body.text, / rid='7' to='guest\.d\.example' /);
  });

  it('lets no name of a session leave its attribute', () => {
    const { body } = authenticate({ site, to: 'd.example', room: 'r', token: null }, "x'/><evil", 8);
    assert.ok(body !== undefined && 'text' in body);
    assert.ok(!body.text.includes('<evil'));
  });

  it('reads what is offered, and the end of a session', () => {
    const offered = answer(
      '<stream:features><mechanisms xmlns="x"><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>',
      "sid='abc'",
    );
    assert.deepEqual(offered, { sid: 'abc', mechanisms: ['ANONYMOUS'], login: null, ended: null });
    assert.equal(answer('', "type='terminate' condition='host-unknown'").ended, 'host-unknown');
  });

  it('reads success and refusal, with the reason', () => {
    assert.equal(answer("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>").login, 'success');
    const refused = answer(
      "<failure xmlns='y'><not-allowed/><text>invalid &apos;iss&apos; claim</text></failure>",
    );
    assert.deepEqual(refused.login, { condition: 'not-allowed', text: "invalid 'iss' claim" });
  });

  for (const page of [
    response(200, '<html>a room</html>'),
    response(502, ''),
    response(404, '<body >', xml),
  ]) {
    it(`is not Prosody when HTTP ${page.status} ${String(page.headers['content-type'])} comes back`, () => {
      assert.throws(() => readBosh(page), Unmet);
    });
  }

  describe('as a gate', () => {
    const offered = { sid: 's', mechanisms: ['ANONYMOUS'], ended: null };
    const refusal = (text: string) => ({ ...offered, login: { condition: 'not-allowed', text } });
    const remedies: readonly (readonly [string, RegExp])[] = [
      ["invalid 'iss' claim", /asap_accepted_issuers/],
      ["invalid 'aud' claim", /asap_accepted_audiences/],
      ["'aud' claim is missing", /asap_accepted_audiences/],
      ['room claim is missing', /asap_require_room_claim/],
      ['token required', /query of \/http-bind/],
      ['Invalid typ', /RFC 9068/],
      ['Invalid signature', /cache_keys_url/],
      ['could not obtain public key', /cache_keys_url/],
      ['something new', /Prosody's log/],
    ];
    for (const [said, next] of remedies) {
      it(`knows what to do about "${said}"`, () => {
        assert.throws(
          () => expectAccepted(refusal(said)),
          (error) => error instanceof Unmet && next.test(error.next),
        );
      });
    }

    it('takes a refusal and silence as shut, and only success as open', () => {
      expectRefused(refusal('token required'), 'no token');
      expectRefused({ ...offered, login: null }, 'a forged token');
      assert.throws(
        () => expectRefused({ ...offered, login: 'success' }, 'no token'),
        /lets people in who bring no token/,
      );
      assert.throws(() => expectAccepted({ ...offered, login: null }), /does not answer/);
      assert.throws(() => expectGuest(refusal('x'), 'guest.d.example'), /lets no guest in/);
    });

    it('does not take a host without authentication for one that refuses', () => {
      assert.throws(
        () => expectRefused({ ...offered, mechanisms: [], login: null }, 'no token'),
        /offers no way/,
      );
      assert.throws(
        () => expectRefused({ ...offered, ended: 'host-gone', login: null }, 'no token'),
        /ends the session/,
      );
    });
  });
});
