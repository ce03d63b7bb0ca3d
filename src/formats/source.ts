/**
 * The text of a config file, held as latin1 so that one character is one byte.
 *
 * Every offset of every editor is therefore a byte offset, and bytes that are not UTF-8 survive an edit untouched.
 */

/** A place in a file. Lines and columns count from 1; a column counts bytes. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A half-open range of byte offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Reads bytes as text, one character a byte. */
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Writes such text back as the same bytes. */
export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Turns a string that a person or an inventory gave (Unicode) into editor text (UTF-8 bytes as latin1). */
export const foreignText = (text: string): string =>
  ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');

const ascii = /^[\x00-\x7f]*$/;

/** The inverse of {@link foreignText}: how an editor's text reads to a person. */
export const readableText = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

/** Line and column of a byte offset. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** The line ending used around `offset`: that of its own line, else of the line before, else `\n`. */
export function lineEndingAt(text: string, offset: number): '\n' | '\r\n' {
  const after = text.indexOf('\n', offset);
  const at = after === -1 ? text.lastIndexOf('\n', offset) : after;
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** The spaces and tabs at the start of the line that holds `offset`. */
export function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}
