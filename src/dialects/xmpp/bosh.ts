import { printableProse } from '../../lib/printable.js';
import type { HttpRequest, HttpResponse } from '../../shell/http-request.js';
import { Unmet } from '../unmet.js';
import { bodyText, glimpse, mediaType, originOf, visit, type WebSite } from '../web-site.js';
import { escapeXml, parseXml, type XmlElement } from './element.js';

/** A visit of Jitsi's web client to Prosody: the room and the token stand in the address of every request. */
export interface XmppVisit {
  readonly site: WebSite;
  /** The XMPP host: the site's domain, or its guest host. */
  readonly to: string;
  readonly room: string;
  readonly token: string | null;
}

/** What one answer of BOSH (XEP-0124 and XEP-0206) holds. */
export interface BoshReply {
  /** The session's name, in the first answer. */
  readonly sid: string | null;
  readonly payload: readonly XmlElement[];
  /** Why the server ended the session. */
  readonly ended: string | null;
}

/** Seconds that the server may keep a request that it has nothing to say to. */
const waitS = 2;

const names = `xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'`;

/** Opens a session. Its number counts up by one with every further request. */
export const openSession = (going: XmppVisit, rid: number): HttpRequest =>
  post(
    going,
    `<body ${names} rid='${rid}' to='${escapeXml(going.to)}' xml:lang='en' wait='${waitS}' hold='1' ` +
      `content='text/xml; charset=utf-8' ver='1.6' xmpp:version='1.0'/>`,
  );

/** The stream begins anew after a login. */
export const restartSession = (going: XmppVisit, sid: string, rid: number): HttpRequest =>
  post(
    going,
    `<body ${names} rid='${rid}' sid='${escapeXml(sid)}' to='${escapeXml(going.to)}' xmpp:restart='true'/>`,
  );

/** Sends stanzas, or asks for some. */
export const sendPayload = (going: XmppVisit, sid: string, rid: number, xml: string): HttpRequest =>
  post(going, `<body ${names} rid='${rid}' sid='${escapeXml(sid)}'>${xml}</body>`);

/** Ends the session, after these last stanzas. */
export const terminate = (going: XmppVisit, sid: string, rid: number, xml = ''): HttpRequest =>
  post(going, `<body ${names} type='terminate' rid='${rid}' sid='${escapeXml(sid)}'>${xml}</body>`);

/**
 * Reads an answer.
 *
 * @throws Unmet when it is none of BOSH: the status alone proves nothing, nginx answers 200 for other pages too
 */
export function readBosh(response: HttpResponse): BoshReply {
  const isPage = mediaType(response) === 'text/html';
  const body = response.status === 200 && !isPage ? parseXml(bodyText(response)) : null;
  if (body?.name !== 'body') {
    const next = 'look whether nginx passes /http-bind to Prosody, and whether Prosody runs';
    throw new Unmet('/http-bind', 'does not lead to Prosody', { evidence: [glimpse(response)], next });
  }
  const { sid, type, condition } = body.attributes;
  return {
    sid: sid ?? null,
    payload: body.children,
    ended: type === 'terminate' ? printableProse(condition ?? 'no reason', 60) : null,
  };
}

function post(going: XmppVisit, text: string): HttpRequest {
  return visit(going.site, addressOf(going, '/http-bind'), {
    method: 'POST',
    body: { text, type: 'text/xml; charset=utf-8' },
    timeoutMs: (waitS + 10) * 1000,
  });
}

/** Where the client goes; the token is part of it. */
export function addressOf({ site, room, token }: XmppVisit, path: string): URL {
  const address = new URL(`${originOf(site)}${path}`);
  address.searchParams.set('room', room);
  if (token !== null) address.searchParams.set('token', token);
  return address;
}
