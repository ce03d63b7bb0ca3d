/**
 * JavaScript as a browser reads it, with the way back to the bytes.
 *
 * A browser reads a script as UTF-8. The difference matters to a parser: U+2028 ends a line and U+00A0 is a space, while
 * their single bytes are neither.
 */

/** The characters of a script, and the byte offset at which each one starts. */
export interface DecodedText {
  readonly code: string;
  /** The byte offset of a character of `code`; the length of the text for the index after the last one. */
  readonly byteAt: (index: number) => number;
}

/** Decodes a text of bytes (see `source.ts`) as UTF-8. A byte that is not UTF-8 becomes one U+FFFD. */
export function decodeText(text: string): DecodedText {
  if (!/[\x80-\xff]/.test(text)) return { code: text, byteAt: (index) => index };
  const pieces: string[] = [];
  const offsets: number[] = [];
  for (let at = 0; at < text.length; ) {
    const { piece, size } = characterAt(text, at);
    pieces.push(piece);
    for (let unit = 0; unit < piece.length; unit += 1) offsets.push(at);
    at += size;
  }
  return { code: pieces.join(''), byteAt: (index) => offsets[index] ?? text.length };
}

function characterAt(text: string, at: number): { readonly piece: string; readonly size: number } {
  const size = sequenceSize(text.charCodeAt(at));
  if (size === 1) return { piece: text.charAt(at), size };
  const bytes = text.slice(at, at + size);
  const piece = Buffer.from(bytes, 'latin1').toString('utf8');
  const invalid = bytes.length < size || (piece.includes('\ufffd') && bytes !== '\xef\xbf\xbd');
  return invalid ? { piece: '\ufffd', size: 1 } : { piece, size };
}

/** How many bytes a UTF-8 sequence with this first byte has; a byte that cannot be a first one counts as two, so it fails. */
function sequenceSize(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
