/*
 * String literals (reference manual 3.1). Text here is latin1: one character is one byte of the file.
 */

const namedEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** UTF-8 as Lua writes it: up to six bytes, for any number below 2^31 (luaO_utf8esc in lobject.c). */
function utf8Bytes(codePoint: number): string {
  if (codePoint < 0x80) return String.fromCharCode(codePoint);
  const tail: number[] = [];
  let rest = codePoint;
  let room = 0x3f;
  do {
    tail.unshift(0x80 | (rest & 0x3f));
    rest >>>= 6;
    room >>= 1;
  } while (rest > room);
  return String.fromCharCode(((~room << 1) & 0xff) | rest, ...tail);
}

function unescaped(sequence: string): string {
  const letter = sequence.charAt(1);
  if (letter === 'z') return '';
  if (letter === 'x') return String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
  if (letter === 'u') return utf8Bytes(Number.parseInt(sequence.slice(3, -1), 16));
  if (letter >= '0' && letter <= '9') return String.fromCharCode(Number(sequence.slice(1)));
  if (letter === '\r' || letter === '\n') return '\n';
  return namedEscapes[letter] ?? letter;
}

/** The bytes that a well-formed string literal stands for. */
export function stringOf(literal: string): string {
  if (literal.startsWith('[')) {
    const level = literal.indexOf('[', 1) + 1;
    return literal
      .slice(level, -level)
      .replaceAll(/\r\n|\n\r|\r/g, '\n')
      .replace(/^\n/, '');
  }
  const written = literal.slice(1, -1);
  if (!written.includes('\\')) return written;
  const sequences = /\\(?:\r\n|\n\r|z[ \t\v\f\r\n]*|x[\da-fA-F]{2}|u\{[\da-fA-F]+\}|\d{1,3}|[^])/g;
  return written.replaceAll(sequences, unescaped);
}

/** The quotation mark around a string. */
export type Quote = '"' | "'";

/**
 * A literal for these bytes that every Lua from 5.1 on reads. It holds no line break and no control character,
 * and numeric escapes have three digits, since a digit may follow.
 */
export function quoted(bytes: string, quote: Quote): string {
  const escaped = bytes.replaceAll(/[^ -~\x80-\xff]|["'\\]/g, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\\' || character === quote) return `\\${character}`;
    if (character === '"' || character === "'") return character;
    return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`;
  });
  return quote + escaped + quote;
}
