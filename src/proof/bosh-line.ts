import { randomInt } from 'node:crypto';
import {
  openSession,
  readBosh,
  restartSession,
  sendPayload,
  terminate,
  type XmppVisit,
} from '../dialects/xmpp/bosh.js';
import type { XmlElement } from '../dialects/xmpp/element.js';
import type { HttpRequest } from '../shell/http-request.js';
import type { Browser } from './browser.js';
import type { XmppLine } from './xmpp-line.js';

/** XMPP through `/http-bind`. One request at a time: what is to be sent waits for the answer to the one before. */
export function boshLine(going: XmppVisit, browser: Browser): XmppLine {
  const waiting: XmlElement[] = [];
  const outgoing: string[] = [];
  const state: { sid: string | null; rid: number; ended: string | null } = {
    sid: null,
    rid: randomInt(1, 1_000_000_000),
    ended: null,
  };
  const ask = async (request: (rid: number) => HttpRequest): Promise<void> => {
    const reply = readBosh(await browser.send('/http-bind', request(state.rid)));
    state.rid += 1;
    state.sid ??= reply.sid;
    state.ended = reply.ended;
    waiting.push(...reply.payload);
  };
  const takeOutgoing = (): string => outgoing.splice(0).join('');
  const poll = async (sid: string): Promise<void> => {
    const payload = takeOutgoing();
    await ask((rid) => sendPayload(going, sid, rid, payload));
  };

  return {
    path: '/http-bind',
    async open() {
      const { sid } = state;
      await ask((rid) => (sid === null ? openSession(going, rid) : restartSession(going, sid, rid)));
      if (state.sid === null) state.ended ??= 'no session';
      return waiting.splice(0).find(({ name }) => name === 'features') ?? null;
    },
    send: (xml) => void outgoing.push(xml),
    async next(withinMs) {
      const until = performance.now() + withinMs;
      while (waiting.length === 0 && state.ended === null && state.sid !== null) {
        await poll(state.sid);
        if (performance.now() >= until) break;
      }
      return waiting.shift() ?? null;
    },
    ended: () => (waiting.length > 0 ? null : state.ended),
    async [Symbol.asyncDispose]() {
      const { sid } = state;
      if (sid === null || state.ended !== null) return;
      await browser
        .send('/http-bind', terminate(going, sid, state.rid, takeOutgoing()))
        .catch(() => undefined);
    },
  };
}
