import { randomInt } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Host } from './host.js';

/** What a host answers to a sign-in. `silent`: nothing within the time that BOSH was told to wait. */
export type SignIn =
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly condition: string; readonly text: string }
  | { readonly is: 'silent' };

/** How a client signs in: without a name (and perhaps a token), or with a password. */
export type Credentials =
  | { readonly is: 'anonymous'; readonly token?: string }
  | { readonly is: 'password'; readonly user: string; readonly password: string };

/** One XMPP session over BOSH (XEP-0124, XEP-0206) through the host's nginx. */
export interface BoshSession {
  /** The SASL mechanisms that were offered. */
  readonly mechanisms: readonly string[];
  signIn(): Promise<SignIn>;
  /** Binds a resource and opens the session; only after a sign-in that was accepted. */
  bind(): Promise<void>;
  /** Sends one stanza and gives the XML of the next answer that is not empty. */
  send(stanza: string): Promise<string>;
}

/** Seconds; how long Prosody may keep a request that it has nothing to say to. */
const waitS = 3;

/** Opens a session with the XMPP host `to` on a machine of the lab. */
export async function openBosh(host: Host, to: string, credentials: Credentials): Promise<BoshSession> {
  const token = credentials.is === 'anonymous' ? credentials.token : undefined;
  const wire = wireOf(host, token);
  const names = 'xmlns:xmpp="urn:xmpp:xbosh" xmpp:version="1.0"';
  const opened = await wire.post(`to="${to}" wait="${waitS}" hold="1" ver="1.6" xml:lang="en" ${names}`, '');
  const sid = /\bsid='([^']+)'/.exec(opened)?.[1];
  if (sid === undefined) throw new Error(`no BOSH session was opened: ${opened}`);
  const mechanisms = [...opened.matchAll(/<mechanism>([^<]+)</g)].map(([, name = '']) => name);
  const send = (stanza: string): Promise<string> => wire.post(`sid="${sid}"`, stanza);
  return {
    mechanisms,
    send,
    signIn: async () => outcomeOf(await send(authOf(credentials))),
    bind: async () => {
      await wire.post(`sid="${sid}" to="${to}" xmpp:restart="true" xmlns:xmpp="urn:xmpp:xbosh"`, '');
      const bound = await send(
        `<iq xmlns="jabber:client" type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>`,
      );
      if (!bound.includes('<jid>')) throw new Error(`no resource was bound: ${bound}`);
    },
  };
}

function authOf(credentials: Credentials): string {
  const sasl = 'xmlns="urn:ietf:params:xml:ns:xmpp-sasl"';
  if (credentials.is === 'anonymous') return `<auth ${sasl} mechanism="ANONYMOUS"/>`;
  const plain = Buffer.from(`\0${credentials.user}\0${credentials.password}`).toString('base64');
  return `<auth ${sasl} mechanism="PLAIN">${plain}</auth>`;
}

function outcomeOf(answer: string): SignIn {
  if (answer.includes('<success')) return { is: 'accepted' };
  const failure = /<failure[^>]*>\s*<([\w-]+)\/?>/.exec(answer);
  if (failure === null) return { is: 'silent' };
  const text = /<text[^>]*>([^<]*)</.exec(answer)?.[1] ?? '';
  return { is: 'refused', condition: failure[1] ?? '', text: text.replaceAll('&apos;', "'") };
}

interface Wire {
  post(attributes: string, content: string): Promise<string>;
}

/** Each request has the next number; the host's own certificate is self-signed, as Jitsi's packages make it. */
function wireOf(host: Host, token: string | undefined): Wire {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false, servername: host.domain } });
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  const rid = { next: randomInt(1, 1_000_000) };
  return {
    post: async (attributes, content) => {
      const answer = await request(`https://${host.address}:${host.httpsPort}/http-bind${query}`, {
        method: 'POST',
        dispatcher,
        headers: { host: host.domain, 'content-type': 'text/xml; charset=utf-8' },
        body: `<body xmlns="http://jabber.org/protocol/httpbind" rid="${rid.next++}" ${attributes}>${content}</body>`,
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`/http-bind answers ${answer.statusCode}: ${text}`);
      return text;
    },
  };
}
