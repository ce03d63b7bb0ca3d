import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { Agent, WebSocket } from 'undici';
import type { Host } from './host.js';
import { answerLimitMs, openSession, type XmppSession, type XmppWire } from './xmpp.js';

const framing = 'xmlns="urn:ietf:params:xml:ns:xmpp-framing"';

/** Opens a session over a WebSocket (RFC 7395) with the XMPP host `to` on a machine of the lab. */
export async function openWebSocket(host: Host, to: string, token?: string): Promise<XmppSession> {
  return openSession(await wireOf(host, token), to);
}

async function wireOf(host: Host, token: string | undefined): Promise<XmppWire> {
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  // The site's own name stands in the request; the connection goes to the machine, whose certificate is self-signed.
  const connect = { rejectUnauthorized: false, lookup: addressOf(host) };
  const socket = new WebSocket(`wss://${host.domain}:${host.httpsPort}/xmpp-websocket${query}`, {
    protocols: ['xmpp'],
    dispatcher: new Agent({ connect }),
  });
  const heard = { text: '' };
  socket.addEventListener('message', ({ data }) => (heard.text += String(data)));
  await once(socket, 'open');
  const exchange = async (xml: string, answered: RegExp): Promise<string> => {
    heard.text = '';
    socket.send(xml);
    const over = AbortSignal.timeout(answerLimitMs);
    while (!answered.test(heard.text) && !over.aborted) {
      await once(socket, 'message', { signal: over }).catch(() => null);
    }
    return heard.text;
  };
  return {
    open: (to) => exchange(`<open ${framing} to="${to}" version="1.0"/>`, featuresOrEnd),
    send: exchange,
    close: async () => {
      const closed = once(socket, 'close');
      socket.send(`<close ${framing}/>`);
      socket.close();
      await closed;
    },
  };
}

const featuresOrEnd = /<\/stream:features>|<stream:features[^>]*\/>|<close/;

/** Every name leads to the machine. */
function addressOf({ address }: Host): LookupFunction {
  return (_name, { all }, done) => {
    if (all === true) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  };
}
