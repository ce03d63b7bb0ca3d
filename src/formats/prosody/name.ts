import { readableText } from '../source.js';

/*
 * Prosody runs every name of a section through nameprep (RFC 3491) before it uses it (core/configmanager.lua).
 * For the names that occur this is: drop what table B.1 maps to nothing, fold the case, normalise to NFKC.
 */

const mappedToNothing = /[\u00ad\u034f\u1806\u180b-\u180d\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]/g;

/** A name as Prosody compares it, from Unicode text. */
export const preppedName = (name: string): string =>
  name
    .replaceAll(mappedToNothing, '')
    .replaceAll('ß', 'ss')
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC');

/** The same from the bytes of a file. */
export const preppedBytes = (bytes: string): string => preppedName(readableText(bytes));

/** Whether a name can be that of a new section: the host part of a JID, which no blank or quotation mark can be in. */
export const isHostName = (name: string): boolean =>
  name.length <= 1023 && /^[^\p{C}\p{Z}"'`\\&@/]+$/u.test(name);
