import { printableProse } from '../../lib/printable.js';
import { type Condition, errorOf } from './condition.js';
import { child, escapeXml, type XmlElement } from './element.js';

const client = `xmlns='jabber:client'`;
const muc = 'http://jabber.org/protocol/muc';
const focus = 'http://jitsi.org/protocol/focus';

/** Binds a resource: the session has an address afterwards (RFC 6120, 7). */
export const bindRequest = (id: string): string =>
  `<iq ${client} type='set' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`;

/** The answer to a request of this id. */
export const isReply =
  (id: string) =>
  ({ name, attributes }: XmlElement): boolean =>
    name === 'iq' && attributes['id'] === id && /^(result|error)$/.test(attributes['type'] ?? '');

/** Asks the focus of the conference (Jicofo) to open a room, as Jitsi's client does before it joins. */
export const conferenceRequest = (id: string, to: string, room: string): string =>
  `<iq ${client} type='set' id='${id}' to='${escapeXml(to)}'>` +
  `<conference xmlns='${focus}' room='${escapeXml(room)}' machine-uid='${id}'/></iq>`;

/** Who opened the room; null when it is not open. */
export function focusOf(reply: XmlElement): string | null {
  const conference = child(reply, 'conference', focus);
  if (reply.attributes['type'] !== 'result' || conference?.attributes['ready'] !== 'true') return null;
  return printableProse(conference.attributes['focusjid'] ?? 'an unnamed focus', 100);
}

/** Joins a room (XEP-0045). `place` is the room and a name in it. */
export const joinRequest = (place: string): string =>
  `<presence ${client} to='${escapeXml(place)}'><x xmlns='${muc}'/></presence>`;

/** Leaves it. */
export const leaveRequest = (place: string): string =>
  `<presence ${client} to='${escapeXml(place)}' type='unavailable'/>`;

/** How joining came out. */
export type JoinAnswer = { readonly is: 'in' } | ({ readonly is: 'refused' } & Condition);

/** Reads what a room says to somebody who joins; undefined when it is about somebody else. */
export function joinAnswer(stanza: XmlElement, place: string): JoinAnswer | undefined {
  const { name, attributes, children } = stanza;
  if (name !== 'presence' || !fromRoom(attributes['from'], place)) return undefined;
  const error = errorOf(stanza);
  if (error !== null) return { is: 'refused', ...error };
  const mine = children
    .filter((one) => one.name === 'x' && one.xmlns === `${muc}#user`)
    .flatMap((one) => one.children)
    .some((one) => one.name === 'status' && one.attributes['code'] === '110');
  return mine && attributes['type'] === undefined ? { is: 'in' } : undefined;
}

/** An error may come from the room as such. */
const fromRoom = (from: string | undefined, place: string): boolean =>
  from === place || from === place.split('/')[0];

/** The error of a reply, in a line; null when it is none. */
export function stanzaError(reply: XmlElement): string | null {
  const error = errorOf(reply);
  if (error === null) return null;
  return error.text === '' ? error.condition : `${error.condition}: ${error.text}`;
}
