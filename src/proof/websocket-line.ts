import { Unmet } from '../dialects/unmet.js';
import type { XmppVisit } from '../dialects/xmpp/bosh.js';
import { parseXml, type XmlElement } from '../dialects/xmpp/element.js';
import { closeFrame, isFrame, openFrame, webSocketTo } from '../dialects/xmpp/framing.js';
import { silence } from '../model/failure.js';
import type { Remote } from '../model/kind.js';
import { awaitElement, type XmppLine } from './xmpp-line.js';

const featuresMs = 10_000;

/**
 * XMPP through `/xmpp-websocket`.
 *
 * @throws Unmet when no WebSocket opens there
 */
export async function webSocketLine(going: XmppVisit, remote: Remote): Promise<XmppLine> {
  const socket = await remote.webSocket(webSocketTo(going)).catch(notThere);
  const state: { ended: string | null } = { ended: null };
  const ended = (): string | null => state.ended ?? socket.ended();
  const next = async (withinMs: number): Promise<XmlElement | null> => {
    const text = state.ended === null ? await socket.next(withinMs) : null;
    if (text === null) return null;
    const element = parseXml(text);
    if (element === null) state.ended = 'a message that is no XML';
    else if (isFrame(element) && element.name === 'close') state.ended = 'closed by the server';
    return element;
  };
  const line: XmppLine = {
    path: '/xmpp-websocket',
    async open() {
      socket.send(openFrame(going.to));
      return awaitElement(line, (element) => (element.name === 'features' ? element : undefined), featuresMs);
    },
    send: (xml) => socket.send(xml),
    next,
    ended,
    async [Symbol.asyncDispose]() {
      if (ended() === null) socket.send(closeFrame);
      await socket[Symbol.asyncDispose]();
    },
  };
  return line;
}

function notThere(error: unknown): never {
  const { evidence } = silence(error);
  const next =
    'look whether nginx passes /xmpp-websocket to Prosody with `Upgrade` and `Connection`, and whether mod_websocket is loaded';
  throw new Unmet('/xmpp-websocket', 'does not lead to Prosody', {
    evidence,
    next,
  });
}
