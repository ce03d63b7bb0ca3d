// Control, format (bidi marks, zero-width, tags), line and paragraph separators, halves of surrogate pairs: the Unicode
// categories whose characters move the cursor, change the order of what is read, or show nothing at all.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Makes any text from a host safe to print: nothing in it can steer a terminal, hide itself or reorder the line.
 *
 * Newlines and tabs stay; every other character of that sort is written out (`\x1b`, `\r`, `\u202e`), and so is each byte
 * that is not UTF-8 (`\xff`). The result is for people: a text that held such a backslash sequence before looks the same.
 *
 * @param text - A string, or bytes as they came, to be read as UTF-8.
 */
export function printable(text: string | Uint8Array): string {
  const read = typeof text === 'string' ? text : readUtf8(text);
  return read.replaceAll(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/** The same for a text that belongs on one line: newlines and tabs are written out too. Cut at `max` characters. */
export function printableLine(text: string | Uint8Array, max = Infinity): string {
  const line = printable(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}

/** The same for prose, such as the text of a page: white space of any length is one blank. Cut at `max` characters. */
export const printableProse = (text: string, max = 300): string =>
  printableLine(text.replaceAll(/\s+/g, ' ').trim(), max);

function escaped(character: string): string {
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readUtf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return readBrokenUtf8(bytes);
  }
}

// One sequence by the table of the Unicode standard (3.9, "Well-Formed UTF-8 Byte Sequences"), or any one other byte.
const SEQUENCE =
  /[\x00-\x7f]+|(?:[\xc2-\xdf]|\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]|\xf0[\x90-\xbf][\x80-\xbf]|[\xf1-\xf3][\x80-\xbf]{2}|\xf4[\x80-\x8f][\x80-\xbf])[\x80-\xbf]|[\x80-\xff]/g;

function readBrokenUtf8(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(SEQUENCE, (sequence) =>
      sequence.length === 1 && sequence >= '\x80'
        ? `\\x${sequence.charCodeAt(0).toString(16)}`
        : Buffer.from(sequence, 'latin1').toString('utf8'),
    );
}

/** The last `count` lines of what a host printed that are not empty, each safe on one line and at most 300 characters long. */
export const lastLines = (output: Uint8Array | string, count: number): readonly string[] =>
  (typeof output === 'string' ? output : Buffer.from(output).toString('utf8'))
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .map((line) => printableLine(line, 300));
