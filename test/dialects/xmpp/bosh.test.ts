import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Unmet } from '../../../src/dialects/unmet.js';
import { openSession, readBosh, sendPayload, type XmppVisit } from '../../../src/dialects/xmpp/bosh.js';
import { authenticate, mechanismsIn, signInAnswer } from '../../../src/dialects/xmpp/sasl.js';
import { response } from '../../support/response.js';

const site = {
  domain: 'd.example',
  endpoint: { address: '127.0.0.1', port: 443, tls: { serverName: 'd.example' } },
};
const going = (changed: Partial<XmppVisit> = {}): XmppVisit => ({
  ...{ site, to: 'd.example', room: 'r', token: null },
  ...changed,
});
const sasl = 'urn:ietf:params:xml:ns:xmpp-sasl';
const xml = { 'content-type': 'text/xml; charset=utf-8' };
const answer = (content: string, attributes = '') =>
  readBosh(
    response(
      200,
      `<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams' ${attributes}>${content}</body>`,
      xml,
    ),
  );
const bodyOf = (request: ReturnType<typeof openSession>): string => {
  assert.ok(request.body !== undefined && 'text' in request.body);
  return request.body.text;
};

describe('XMPP over /http-bind', () => {
  it('carries room and token in the address, and the host in the body', () => {
    const opened = openSession(going({ to: 'guest.d.example', room: 'a&b', token: 't.o.k' }), 7);
    assert.equal(opened.path, '/http-bind?room=a%26b&token=t.o.k');
    assert.equal(opened.headers?.['host'], 'd.example');
    assert.match(bodyOf(opened), / rid='7' to='guest\.d\.example' /);
  });

  it('lets no name of a session leave its attribute', () => {
    assert.ok(!bodyOf(sendPayload(going(), "x'/><evil", 8, authenticate)).includes('<evil'));
  });

  it('reads what is offered, and the end of a session', () => {
    const { sid, payload } = answer(
      `<stream:features><mechanisms xmlns="${sasl}"><mechanism>ANONYMOUS</mechanism></mechanisms></stream:features>`,
      "sid='abc'",
    );
    assert.equal(sid, 'abc');
    assert.deepEqual(payload.flatMap(mechanismsIn), ['ANONYMOUS']);
    assert.equal(answer('', "type='terminate' condition='host-unknown'").ended, 'host-unknown');
  });

  it('reads success and refusal, with the reason', () => {
    assert.deepEqual(answer(`<success xmlns='${sasl}'/>`).payload.map(signInAnswer), ['success']);
    const refused = answer(
      `<failure xmlns='${sasl}'><not-allowed/><text>invalid &apos;iss&apos; claim</text></failure>`,
    );
    assert.deepEqual(refused.payload.map(signInAnswer), [
      { condition: 'not-allowed', text: "invalid 'iss' claim" },
    ]);
  });

  for (const page of [
    response(200, '<html>a room</html>'),
    response(502, ''),
    response(404, '<body >', xml),
    response(200, '<!DOCTYPE body [<!ENTITY a "b">]><body>&a;</body>', xml),
    response(200, '<body xmlns="x"><not closed</body>', xml),
  ]) {
    it(`is not Prosody when HTTP ${page.status} ${Buffer.from(page.body).toString().slice(0, 20)} comes back`, () => {
      assert.throws(() => readBosh(page), Unmet);
    });
  }
});
