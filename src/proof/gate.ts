import type { XmppVisit } from '../dialects/xmpp/bosh.js';
import { falseTokens, ofUnknownKey } from '../dialects/false-token.js';
import { expectAccepted, expectGuest, expectRefused } from '../dialects/xmpp/gate.js';
import type { SignInReply } from '../dialects/xmpp/sasl.js';
import type { Remote } from '../model/kind.js';
import type { Browser } from './browser.js';
import { lineBy, signIn, type Way, ways } from './xmpp-client.js';

/** Who knocks where. */
export interface Gate extends Door {
  readonly tokens: { readonly access: string; readonly id: string };
}

/** Where they knock. */
export interface Door {
  readonly browser: Browser;
  readonly remote: Remote;
  /** The XMPP host of people with a token. */
  readonly host: string;
  /** The XMPP host of guests; null: there are none. */
  readonly guests: string | null;
  readonly room: string;
}

/** A login is answered in well under a second. */
const answerMs = 5000;

/** A key that Prosody does not know: it never answers. Longer than the slowest answer that was measured. */
const silenceMs = 2000;

/** A Prosody that has just started fetches the keys in this moment, and is silent until it has them. */
const attempts = 3;

/**
 * Prosody takes the token, both ways.
 *
 * @throws Unmet
 */
export async function proveEntrance(gate: Gate): Promise<void> {
  await Promise.all(ways.map((way) => expectEntrance(gate, way)));
}

/**
 * Prosody takes nothing but that token, both ways. The refusals are the proof: a Prosody that was only reloaded takes
 * the good token and every other.
 *
 * @throws Unmet
 */
export async function proveRefusals(gate: Gate): Promise<void> {
  const wrong = [...(await falseTokens(gate.tokens.access)), { what: 'an ID token', token: gate.tokens.id }];
  const unknown = await ofUnknownKey(gate.tokens.access);
  for (const { token } of [...wrong, { token: unknown }]) gate.remote.learnSecret(token);
  const trials = [{ what: 'no token', token: null }, ...wrong];
  await Promise.all([
    expectUnknownKey(gate, unknown),
    ...ways.flatMap((way) => [
      ...trials.map(async ({ what, token }) =>
        expectRefused(await knock(gate, way, { to: gate.host, token }), what, way),
      ),
      expectGuests(gate, way),
    ]),
  ]);
}

/** By WebSocket, where waiting for an answer that never comes keeps nobody else waiting. */
async function expectUnknownKey(gate: Gate, token: string): Promise<void> {
  const way = '/xmpp-websocket';
  const reply = await knock(gate, way, { to: gate.host, token }, silenceMs);
  expectRefused(reply, 'a token of a key that the realm does not have', way);
}

/**
 * What holds without a token: nobody gets in to the host, guests get in to theirs.
 *
 * @throws Unmet
 */
export async function refuseVisitors(door: Door): Promise<void> {
  await Promise.all(
    ways.flatMap((way) => [
      knock(door, way, { to: door.host, token: null }).then((reply) => expectRefused(reply, 'no token', way)),
      expectGuests(door, way),
    ]),
  );
}

async function expectEntrance(gate: Gate, way: Way): Promise<void> {
  for (let left = attempts; ; left--) {
    const reply = await knock(gate, way, { to: gate.host, token: gate.tokens.access });
    if (reply.login === null && left > 1) continue;
    expectAccepted(reply, way);
    return;
  }
}

async function expectGuests(gate: Door, way: Way): Promise<void> {
  if (gate.guests === null) return;
  expectGuest(await knock(gate, way, { to: gate.guests, token: null }), gate.guests, way);
}

/** One stream: what was offered, how the login came out, and away again. */
async function knock(
  { browser, remote, room }: Door,
  way: Way,
  as: { readonly to: string; readonly token: string | null },
  withinMs = answerMs,
): Promise<SignInReply> {
  const going: XmppVisit = { site: browser.site, room, ...as };
  await using line = await lineBy(way, going, { browser, remote });
  return await signIn(line, withinMs);
}
