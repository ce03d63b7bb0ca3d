import { printableProse } from '../../lib/printable.js';
import { child, type XmlElement } from './element.js';

/** Why XMPP says no: a condition by name, and perhaps words. */
export interface Condition {
  readonly condition: string;
  readonly text: string;
}

/** Reads an element that holds a condition and a text (RFC 6120: 4.9.2, 6.5, 8.3.2). */
export function conditionIn(element: XmlElement | undefined): Condition {
  const condition = element?.children.find(({ name }) => name !== 'text')?.name ?? 'no condition';
  const text = element === undefined ? '' : (child(element, 'text')?.text ?? '');
  return { condition: printableProse(condition, 60), text: printableProse(text) };
}

/** The error of a stanza; null when it is none. */
export const errorOf = (stanza: XmlElement): Condition | null =>
  stanza.attributes['type'] === 'error' ? conditionIn(child(stanza, 'error')) : null;
