import { Refused } from '../outcome.js';
import { lineEndingAt, positionAt, type Span } from '../source.js';

/** A piece of the text, and what is to stand there instead. */
export interface Splice extends Span {
  readonly replacement: string;
}

/**
 * The text with the pieces replaced. Insertions at one place keep their order.
 *
 * @throws {Refused} `one-for-two` when two pieces overlap: one piece of code then gives two values.
 */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, replacement } of splices.toSorted((one, other) => one.start - other.start)) {
    if (start < from) {
      const reason = 'one piece of code gives two of the values, so one cannot be changed alone';
      throw new Refused('one-for-two', reason, positionAt(text, start));
    }
    parts.push(text.slice(from, start), replacement);
    from = end;
  }
  return parts.join('') + text.slice(from);
}

/**
 * Adds lines at the end. A text without a final newline gets none: a line of ours then begins with the newline, and taking
 * it out again gives the bytes from before. No `;` has to be added before it: the newline ends a statement, because ours
 * begins with a name, which can continue none.
 */
export function appendLines(text: string, lines: readonly string[]): Splice {
  const newline = lineEndingAt(text, text.length);
  const endsWithNewline = text === '' || text.endsWith('\n');
  const added = lines.map((line) => (endsWithNewline ? line + newline : newline + line));
  return { start: text.length, end: text.length, replacement: added.join('') };
}

/** Takes a span out, with its whole line when nothing else stands on it. The last line goes with the newline before it. */
export function removeWithLine(text: string, { start, end }: Span): Splice {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const lineEnd = newline === -1 ? text.length : newline + 1;
  const alone = (text.slice(lineStart, start) + text.slice(end, lineEnd)).trim() === '';
  if (!alone) return { start, end, replacement: '' };
  if (newline !== -1 || lineStart === 0) return { start: lineStart, end: lineEnd, replacement: '' };
  const before = text[lineStart - 2] === '\r' ? lineStart - 2 : lineStart - 1;
  return { start: before, end: lineEnd, replacement: '' };
}
