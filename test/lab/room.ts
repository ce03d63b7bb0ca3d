import type { XmppSession } from './xmpp.js';

/** One room of a site. */
export interface Room {
  readonly domain: string;
  readonly name: string;
}

/** What the focus says of a room: whether it is open, and who says so. */
export interface FocusAnswer {
  readonly ready: boolean;
  readonly focus: string;
}

/** Whether somebody got into a room; `condition` is XMPP's, `registration-required` for who has to wait. */
export type Entry = { readonly is: 'in' } | { readonly is: 'refused'; readonly condition: string };

const jidOf = ({ domain, name }: Room): string => `${name}@conference.${domain}`;

/** Asks the site's focus to open a room, as Jitsi's client does before it joins one. */
export async function askFocus(session: XmppSession, room: Room): Promise<FocusAnswer> {
  const conference = `<conference xmlns="http://jitsi.org/protocol/focus" room="${jidOf(room)}"/>`;
  const answer = await session.send(
    `<iq xmlns="jabber:client" type="set" to="focus.${room.domain}" id="focus">${conference}</iq>`,
    /<\/iq>/,
  );
  const attribute = (name: string): string | undefined =>
    new RegExp(`<conference[^>]* ${name}='([^']*)'`).exec(answer)?.[1];
  const [ready, focus] = [attribute('ready'), attribute('focusjid')];
  if (ready === undefined || focus === undefined) throw new Error(`the focus answers: ${answer}`);
  return { ready: ready === 'true', focus };
}

/** Goes into a room. Throws when the host says nothing. */
export async function join(session: XmppSession, room: Room, nick: string): Promise<Entry> {
  const muc = '<x xmlns="http://jabber.org/protocol/muc"/>';
  const answer = await session.send(
    `<presence xmlns="jabber:client" to="${jidOf(room)}/${nick}">${muc}</presence>`,
    /<status code='110'|<\/error>/,
  );
  if (answer.includes("<status code='110'")) return { is: 'in' };
  const condition = /<error[^>]*>\s*<([\w-]+)/.exec(answer)?.[1];
  if (condition === undefined) throw new Error(`the room answers: ${answer}`);
  return { is: 'refused', condition };
}
