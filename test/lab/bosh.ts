import { randomInt } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Host } from './host.js';
import { answerLimitMs, openSession, type XmppSession, type XmppWire } from './xmpp.js';

/** Seconds; how long Prosody may keep a request that it has nothing to say to. */
const waitS = 3;

/** Opens a session over BOSH (XEP-0124, XEP-0206) with the XMPP host `to` on a machine of the lab. */
export function openBosh(host: Host, to: string, token?: string): Promise<XmppSession> {
  return openSession(wireOf(host, token), to);
}

/** Each request has the next number; the host's own certificate is self-signed, as Jitsi's packages make it. */
function wireOf(host: Host, token: string | undefined): XmppWire {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false, servername: host.domain } });
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  const state = { rid: randomInt(1, 1_000_000), sid: '' };
  const post = async (attributes: string, content = ''): Promise<string> => {
    const session = state.sid === '' ? '' : `sid="${state.sid}" `;
    const answer = await request(`https://${host.address}:${host.httpsPort}/http-bind${query}`, {
      method: 'POST',
      dispatcher,
      headers: { host: host.domain, 'content-type': 'text/xml; charset=utf-8' },
      body: `<body xmlns="http://jabber.org/protocol/httpbind" rid="${state.rid++}" ${session}${attributes}>${content}</body>`,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`/http-bind answers ${answer.statusCode}: ${text}`);
    return text;
  };
  const names = 'xmlns:xmpp="urn:xmpp:xbosh"';
  return {
    open: async (to, again) => {
      if (again) return post(`to="${to}" xmpp:restart="true" ${names}`);
      const opened = await post(
        `to="${to}" wait="${waitS}" hold="1" ver="1.6" xml:lang="en" ${names} xmpp:version="1.0"`,
      );
      state.sid = /\bsid='([^']+)'/.exec(opened)?.[1] ?? '';
      if (state.sid === '') throw new Error(`no BOSH session was opened: ${opened}`);
      return opened;
    },
    send: async (xml, answered) => {
      const giveUpAt = performance.now() + answerLimitMs;
      let seen = await post('', xml);
      while (!answered.test(seen) && performance.now() < giveUpAt) seen += await post('');
      return seen;
    },
    close: async () => {
      await post('type="terminate"');
      await dispatcher.close();
    },
  };
}
