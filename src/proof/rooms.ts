import { Unmet } from '../dialects/unmet.js';
import type { XmlElement } from '../dialects/xmpp/element.js';
import {
  conferenceRequest,
  focusOf,
  type JoinAnswer,
  joinAnswer,
  joinRequest,
  leaveRequest,
  stanzaError,
} from '../dialects/xmpp/room.js';
import type { Gate } from './gate.js';
import { bind, lineBy, request, signIn, type Way } from './xmpp-client.js';
import { patiently } from './patience.js';
import { awaitElement, type XmppLine } from './xmpp-line.js';

/** Where rooms are. */
export interface Rooms extends Gate {
  /** The XMPP host of rooms. */
  readonly conference: string;
  /** Who opens them. */
  readonly focus: string;
  /** How long they may take to be opened: Jicofo comes back a while after Prosody. 0: there may be no Jicofo. */
  readonly patienceMs: number;
}

/** How long a room may take to answer. */
const joinMs = 10_000;

/**
 * A room, from its first guest to its end: the guest waits, the one with a token comes in, then the guest does.
 * Gives who opened the room; null when nobody opens rooms here.
 *
 * @throws Unmet
 */
export async function proveRooms(rooms: Rooms): Promise<string | null> {
  const room = `${rooms.room}@${rooms.conference}`;
  await using host = await enter(rooms, '/xmpp-websocket', rooms.host, rooms.tokens.access);
  if (rooms.guests === null) return await meet(rooms, room, host);
  await using guest = await enter(rooms, '/http-bind', rooms.guests, null);
  if ((await opened(rooms, guest, room)) === null) return null;
  expectWaiting(await join(guest, `${room}/guest`));
  const focus = await meet(rooms, room, host);
  await admit(guest, `${room}/guest`);
  guest.send(leaveRequest(`${room}/guest`));
  host.send(leaveRequest(`${room}/host`));
  return focus;
}

/** The one with the token opens the room and comes in. */
async function meet(rooms: Rooms, room: string, host: XmppLine): Promise<string | null> {
  const focus = await opened(rooms, host, room);
  if (focus === null) return null;
  const answer = await join(host, `${room}/host`);
  if (answer?.is === 'in') return focus;
  throw new Unmet('the room', 'does not let in who brings a token', {
    evidence: [wordsOf(answer)],
    next: 'look at the modules of the conference component in Prosody, and at its log',
  });
}

/** A stream of somebody who is signed in and has an address. */
async function enter(rooms: Rooms, way: Way, to: string, token: string | null): Promise<XmppLine> {
  const line = await lineBy(way, { site: rooms.browser.site, room: rooms.room, to, token }, rooms);
  try {
    const { login } = await signIn(line, joinMs);
    if (login !== 'success') {
      const evidence = [login === null ? 'no answer' : `${login.condition}: ${login.text}`];
      throw new Unmet(way, `lets nobody in to ${to} a second time`, {
        evidence,
        next: "read Prosody's log for the reason",
      });
    }
    await bind(line);
    return line;
  } catch (error) {
    await line[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Who opened the room; null when nobody does that here.
 *
 * @throws Unmet when somebody should and does not
 */
async function opened(rooms: Rooms, line: XmppLine, room: string): Promise<string | null> {
  const { focus, patienceMs, remote } = rooms;
  const reply = await patiently(
    {
      ask: () => request(line, (id) => conferenceRequest(id, focus, room)),
      isEnough: (answer) => openerIn(answer) !== null,
      withinMs: patienceMs,
      telling: 'waiting for Jicofo to open a room',
    },
    remote,
  );
  const opener = openerIn(reply);
  if (opener !== null || patienceMs === 0) return opener;
  const error = reply === null ? 'no answer' : (stanzaError(reply) ?? 'not ready');
  throw new Unmet('Jicofo', 'opens no room', {
    evidence: [`${focus}: ${error}`],
    next: 'see `journalctl -u jicofo`, and that it signs in to Prosody as focus',
  });
}

/** An error names no focus. */
const openerIn = (reply: XmlElement | null): string | null => (reply === null ? null : focusOf(reply));

/** Goes to a room. null: no answer. */
function join(line: XmppLine, place: string): Promise<JoinAnswer | null> {
  line.send(joinRequest(place));
  return awaitElement(line, (element) => joinAnswer(element, place), joinMs);
}

function expectWaiting(answer: JoinAnswer | null): void {
  if (answer?.is === 'refused') return;
  const next =
    'load muc_wait_for_host in the conference component, with muc_mapper_domain_base set, then restart Prosody';
  throw new Unmet(
    'the room',
    answer === null ? 'does not answer a guest' : 'opens to a guest alone: nobody with an account is in it',
    { evidence: [wordsOf(answer)], next },
  );
}

async function admit(guest: XmppLine, place: string): Promise<void> {
  const answer = await join(guest, place);
  if (answer?.is === 'in') return;
  throw new Unmet('the room', 'does not let the guest in although the host is there', {
    evidence: [wordsOf(answer)],
    next: 'load persistent_lobby in the main host of Prosody; it needs main_muc and lobby_muc',
  });
}

const wordsOf = (answer: JoinAnswer | null): string =>
  answer === null ? 'no answer' : answer.is === 'in' ? 'in the room' : `${answer.condition}: ${answer.text}`;
