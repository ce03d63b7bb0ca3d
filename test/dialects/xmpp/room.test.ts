import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseXml, type XmlElement } from '../../../src/dialects/xmpp/element.js';
import {
  conferenceRequest,
  focusOf,
  isReply,
  joinAnswer,
  joinRequest,
  stanzaError,
} from '../../../src/dialects/xmpp/room.js';

const place = 'r@conference.d.example/me';
const read = (xml: string): XmlElement => {
  const element = parseXml(xml);
  assert.ok(element !== null, xml);
  return element;
};
const presence = (from: string, content: string, type = ''): XmlElement =>
  read(`<presence xmlns="jabber:client" from="${from}" ${type}>${content}</presence>`);
const self = '<x xmlns="http://jabber.org/protocol/muc#user"><status code="110"/></x>';

describe('a room', () => {
  it('is entered when the room says so of oneself, not of another', () => {
    assert.deepEqual(joinAnswer(presence(place, self), place), { is: 'in' });
    assert.equal(joinAnswer(presence('r@conference.d.example/you', self), place), undefined);
    assert.equal(
      joinAnswer(presence(place, '<x xmlns="http://jabber.org/protocol/muc#user"/>'), place),
      undefined,
    );
    assert.equal(joinAnswer(presence(place, self, 'type="unavailable"'), place), undefined);
  });

  it('says why it does not let in', () => {
    const error =
      '<error type="auth"><registration-required xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text>wait</text></error>';
    const refused = { is: 'refused', condition: 'registration-required', text: 'wait' };
    assert.deepEqual(joinAnswer(presence(place, error, 'type="error"'), place), refused);
    assert.deepEqual(joinAnswer(presence('r@conference.d.example', error, 'type="error"'), place), refused);
  });

  it('is opened by a focus that names itself, or by nobody', () => {
    const reply = (content: string, type = 'result'): XmlElement =>
      read(`<iq xmlns="jabber:client" type="${type}" id="7">${content}</iq>`);
    const ready = (is: string): XmlElement =>
      reply(
        `<conference xmlns="http://jitsi.org/protocol/focus" ready="${is}" focusjid="focus@auth.d.example"/>`,
      );
    assert.equal(focusOf(ready('true')), 'focus@auth.d.example');
    assert.equal(focusOf(ready('false')), null);
    assert.equal(
      stanzaError(reply('<error type="cancel"><service-unavailable xmlns="x"/></error>', 'error')),
      'service-unavailable',
    );
    assert.ok(isReply('7')(ready('true')));
    assert.ok(!isReply('8')(ready('true')));
  });

  it('lets no name leave its attribute', () => {
    for (const xml of [joinRequest("r@c/'><evil/>"), conferenceRequest('1', "f'>", '"><evil/>')])
      assert.ok(!xml.includes('<evil'), xml);
  });
});

describe('XML from a host', () => {
  it('is read with its namespaces, its text and its escapes', () => {
    const element = read('<a:b xmlns:a="u" c="1&amp;2"><d xmlns="v">x&lt;y<![CDATA[z]]></d></a:b>');
    assert.deepEqual(
      { ...element, children: element.children.map(({ name, xmlns, text }) => ({ name, xmlns, text })) },
      {
        ...{ name: 'b', xmlns: 'u', attributes: { c: '1&2' }, text: '' },
        children: [{ name: 'd', xmlns: 'v', text: 'x<yz' }],
      },
    );
  });

  for (const bad of ['', '<a>', '<a></b>', 'text', '<a x=1/>', '<a/><b/>', '<x:a/>', '<a>'.repeat(60)])
    it(`is nothing when it is ${bad.slice(0, 12) || 'empty'}`, () => assert.equal(parseXml(bad), null));
});
