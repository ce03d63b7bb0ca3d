import { randomBytes } from 'node:crypto';
import { Unmet } from '../dialects/unmet.js';
import type { XmppVisit } from '../dialects/xmpp/bosh.js';
import { bindRequest, isReply, stanzaError } from '../dialects/xmpp/room.js';
import { authenticate, mechanismsIn, signInAnswer, type SignInReply } from '../dialects/xmpp/sasl.js';
import type { XmlElement } from '../dialects/xmpp/element.js';
import type { Remote } from '../model/kind.js';
import { boshLine } from './bosh-line.js';
import type { Browser } from './browser.js';
import { webSocketLine } from './websocket-line.js';
import { awaitElement, type XmppLine } from './xmpp-line.js';

/** The two ways of Jitsi's client to Prosody. */
export const ways = ['/http-bind', '/xmpp-websocket'] as const;

/** One of them. */
export type Way = (typeof ways)[number];

/** Opens the line of a visit; nothing is said on it yet. */
export const lineBy = async (
  way: Way,
  going: XmppVisit,
  { browser, remote }: { readonly browser: Browser; readonly remote: Remote },
): Promise<XmppLine> => (way === '/http-bind' ? boshLine(going, browser) : webSocketLine(going, remote));

/** How long a request within the stream may take. */
const replyMs = 10_000;

/** Opens the stream and signs in. `withinMs`: how long the answer may take; a key that Prosody does not know has none. */
export async function signIn(line: XmppLine, withinMs: number): Promise<SignInReply> {
  const features = await line.open();
  const mechanisms = features === null ? [] : mechanismsIn(features);
  if (!mechanisms.includes('ANONYMOUS')) return { mechanisms, login: null, ended: line.ended() };
  line.send(authenticate);
  const login = await awaitElement(line, signInAnswer, withinMs);
  return { mechanisms, login, ended: line.ended() };
}

/**
 * Gets an address; only after a sign-in that was accepted.
 *
 * @throws Unmet when there is none
 */
export async function bind(line: XmppLine): Promise<void> {
  await line.open();
  const reply = await request(line, bindRequest);
  const error = reply === null ? 'no answer' : stanzaError(reply);
  if (error === null) return;
  const next = "read Prosody's log for the reason";
  throw new Unmet(line.path, 'gives no address after the sign-in', { evidence: [error], next });
}

/** Sends a request and waits for its reply; null when there is none in time. */
export function request(line: XmppLine, make: (id: string) => string): Promise<XmlElement | null> {
  const id = randomBytes(6).toString('hex');
  line.send(make(id));
  return awaitElement(line, (element) => (isReply(id)(element) ? element : undefined), replyMs);
}
