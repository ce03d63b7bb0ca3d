import { printableProse } from '../../lib/printable.js';
import { type Condition, conditionIn } from './condition.js';
import { child, type XmlElement } from './element.js';

const xmlns = 'urn:ietf:params:xml:ns:xmpp-sasl';

/** How a sign-in came out; null: no answer in time. */
export type SignInAnswer = 'success' | Condition | null;

/** What a client saw of a host's login. */
export interface SignInReply {
  /** SASL mechanisms on offer. None: the host has no authentication that loads. */
  readonly mechanisms: readonly string[];
  readonly login: SignInAnswer;
  /** Why the server ended the stream before or instead: `host-unknown`, `item-not-found`. */
  readonly ended: string | null;
}

/** Signs in as Jitsi's client does, with or without a token: the token is in the address, never here. */
export const authenticate = `<auth xmlns='${xmlns}' mechanism='ANONYMOUS'/>`;

/** The mechanisms in a stream's features. */
export function mechanismsIn(features: XmlElement): readonly string[] {
  const offered = child(features, 'mechanisms', xmlns)?.children ?? [];
  return offered.filter(({ name }) => name === 'mechanism').map(({ text }) => printableProse(text, 100));
}

/** Reads the answer to {@link authenticate}; undefined when it is about something else. */
export function signInAnswer(element: XmlElement): Exclude<SignInAnswer, null> | undefined {
  if (element.xmlns !== xmlns) return undefined;
  if (element.name === 'success') return 'success';
  return element.name === 'failure' ? conditionIn(element) : undefined;
}
