/** What a host answers to a sign-in. `silent`: nothing in time. */
export type SignIn =
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly condition: string; readonly text: string }
  | { readonly is: 'silent' };

/** One XMPP session through a host's nginx. */
export interface XmppSession extends AsyncDisposable {
  /** The SASL mechanisms that were offered. */
  readonly mechanisms: readonly string[];
  /** Signs in without a name, by the token that the session was opened with. */
  signIn(): Promise<SignIn>;
  /** Binds a resource and gives the full JID; only after a sign-in that was accepted. */
  bind(): Promise<string>;
  /** Sends one stanza and gives all XML that came until it matched `answered`, or until {@link answerLimitMs} are over. */
  send(stanza: string, answered: RegExp): Promise<string>;
  /** Ends the session, and with it its presence in every room. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What carries the XML of a session: BOSH or a WebSocket. */
export interface XmppWire {
  /** Opens the stream to an XMPP host; with `again` once more, after the sign-in. Gives the features that are offered. */
  open(to: string, again: boolean): Promise<string>;
  send(xml: string, answered: RegExp): Promise<string>;
  close(): Promise<void>;
}

/** How long one waits for an answer. */
export const answerLimitMs = 4000;

const anonymous = '<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>';
const binding = 'xmlns="urn:ietf:params:xml:ns:xmpp-bind"';

/** Opens a session with the XMPP host `to`. */
export async function openSession(wire: XmppWire, to: string): Promise<XmppSession> {
  const opened = await wire.open(to, false);
  return {
    mechanisms: [...opened.matchAll(/<mechanism>([^<]+)</g)].map(([, name = '']) => name),
    send: (stanza, answered) => wire.send(stanza, answered),
    signIn: async () => outcomeOf(await wire.send(anonymous, /<success|<\/failure>/)),
    bind: async () => {
      await wire.open(to, true);
      const stanza = `<iq xmlns="jabber:client" type="set" id="bind"><bind ${binding}/></iq>`;
      const bound = await wire.send(stanza, /<\/iq>/);
      const own = /<jid>([^<]+)</.exec(bound)?.[1];
      if (own === undefined) throw new Error(`no resource was bound: ${bound}`);
      return own;
    },
    [Symbol.asyncDispose]: () => wire.close(),
  };
}

function outcomeOf(answer: string): SignIn {
  if (answer.includes('<success')) return { is: 'accepted' };
  const failure = /<failure[^>]*>\s*<([\w-]+)\/?>/.exec(answer);
  if (failure === null) return { is: 'silent' };
  const text = /<text[^>]*>([^<]*)</.exec(answer)?.[1] ?? '';
  return { is: 'refused', condition: failure[1] ?? '', text: text.replaceAll('&apos;', "'") };
}
