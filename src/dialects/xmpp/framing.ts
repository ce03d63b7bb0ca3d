import type { WebSocketRequest } from '../../shell/web-socket.js';
import { originOf } from '../web-site.js';
import { addressOf, type XmppVisit } from './bosh.js';
import { escapeXml } from './element.js';

const xmlns = 'urn:ietf:params:xml:ns:xmpp-framing';

/** XMPP over WebSocket (RFC 7395): each message is one whole element. */
export function webSocketTo(going: XmppVisit): WebSocketRequest {
  const address = addressOf(going, '/xmpp-websocket');
  return {
    to: going.site.endpoint,
    path: `${address.pathname}${address.search}`,
    headers: { host: going.site.domain, origin: originOf(going.site) },
    protocol: 'xmpp',
  };
}

/** Opens the stream, and opens it anew after a login. */
export const openFrame = (to: string): string =>
  `<open xmlns='${xmlns}' to='${escapeXml(to)}' version='1.0' xml:lang='en'/>`;

/** Ends the stream. */
export const closeFrame = `<close xmlns='${xmlns}'/>`;

/** Whether an element belongs to the framing and not to the stream. */
export const isFrame = (element: { readonly xmlns: string }): boolean => element.xmlns === xmlns;
