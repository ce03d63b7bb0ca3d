import { printableProse } from '../lib/printable.js';
import type { HttpRequest, HttpResponse } from '../shell/http-request.js';
import { Unmet } from './unmet.js';
import { bodyText, glimpse, mediaType, originOf, visit, type WebSite } from './web-site.js';

/**
 * XMPP over HTTP (XEP-0124 and XEP-0206) as Jitsi's web client speaks it to `/http-bind`: the room and the token
 * stand in the address of every request, and the SASL mechanism is ANONYMOUS with or without a token.
 */
export interface BoshVisit {
  readonly site: WebSite;
  /** The XMPP host: the site's domain, or its guest host. */
  readonly to: string;
  readonly room: string;
  readonly token: string | null;
}

/** What one answer holds. */
export interface BoshReply {
  /** The session's name, in the first answer. */
  readonly sid: string | null;
  /** SASL mechanisms on offer. None: the host has no authentication that loads. */
  readonly mechanisms: readonly string[];
  /** How the login came out; null when the answer says nothing of it. */
  readonly login: 'success' | { readonly condition: string; readonly text: string } | null;
  /** Why the server ended the session: `host-unknown`, `item-not-found`. */
  readonly ended: string | null;
}

/** How long the server may keep an answer that it does not have. A key that it does not know is never answered. */
const waitSeconds = 5;

/** Opens a session. Its number counts up by one with every further request. */
export const openSession = (going: BoshVisit, rid: number): HttpRequest =>
  post(
    going,
    `<body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' rid='${rid}' to='${escapeXml(going.to)}' ` +
      `xml:lang='en' wait='${waitSeconds}' hold='1' content='text/xml; charset=utf-8' ver='1.6' xmpp:version='1.0'/>`,
  );

/** Signs in. The token, if any, is in the address. */
export const authenticate = (going: BoshVisit, sid: string, rid: number): HttpRequest =>
  post(
    going,
    `<body xmlns='http://jabber.org/protocol/httpbind' rid='${rid}' sid='${escapeXml(sid)}'>` +
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/></body>`,
  );

/** Ends the session. */
export const terminate = (going: BoshVisit, sid: string, rid: number): HttpRequest =>
  post(
    going,
    `<body xmlns='http://jabber.org/protocol/httpbind' type='terminate' rid='${rid}' sid='${escapeXml(sid)}'/>`,
  );

/**
 * Reads an answer.
 *
 * @throws Unmet when it is none of BOSH: the status alone proves nothing, nginx answers 200 for other pages too
 */
export function readBosh(response: HttpResponse): BoshReply {
  const xml = bodyText(response).slice(0, 65_536);
  const open = /^\s*(?:<\?xml[^>]*\?>\s*)?<body\s([^>]*)>/.exec(xml);
  if (response.status !== 200 || mediaType(response) === 'text/html' || open === null) {
    const next = 'look whether nginx passes /http-bind to Prosody, and whether Prosody runs';
    throw new Unmet('/http-bind', 'does not lead to Prosody', { evidence: [glimpse(response)], next });
  }
  const attributes = open[1] ?? '';
  return {
    sid: attribute(attributes, 'sid'),
    mechanisms: [...xml.matchAll(/<mechanism[^<>]*>([^<>]{1,100})<\/mechanism>/g)].map(
      ([, name = '']) => name,
    ),
    login: loginOf(xml),
    ended:
      attribute(attributes, 'type') === 'terminate'
        ? (attribute(attributes, 'condition') ?? 'no reason')
        : null,
  };
}

function loginOf(xml: string): BoshReply['login'] {
  if (/<success[\s/>]/.test(xml)) return 'success';
  const failure = /<failure[\s>][^]{0,2000}?<\/failure>/.exec(xml)?.[0];
  if (failure === undefined) return null;
  const condition = /<failure[^<>]*>\s*<([\w-]{1,60})/.exec(failure)?.[1] ?? 'no condition';
  const text = /<text[^<>]*>([^<>]*)<\/text>/.exec(failure)?.[1] ?? '';
  return { condition, text: printableProse(unescapeXml(text)) };
}

function post({ site, room, token }: BoshVisit, text: string): HttpRequest {
  const address = new URL(`${originOf(site)}/http-bind`);
  address.searchParams.set('room', room);
  if (token !== null) address.searchParams.set('token', token);
  return visit(site, address, {
    method: 'POST',
    body: { text, type: 'text/xml; charset=utf-8' },
    timeoutMs: (waitSeconds + 10) * 1000,
  });
}

const attribute = (attributes: string, name: string): string | null => {
  const found = new RegExp(`(?:^|\\s)${name}=(?:'([^']*)'|"([^"]*)")`).exec(attributes);
  const value = found?.[1] ?? found?.[2];
  return value === undefined ? null : printableProse(unescapeXml(value));
};

const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => names[name] ?? whole);

const escapeXml = (text: string): string =>
  text.replace(/[&<>'"]/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
