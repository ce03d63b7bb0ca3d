import { indentAt, lineEndingAt, type Span } from '../source.js';
import type { Splice } from '../splice.js';
import type { Chunk } from './tree.js';

/** What follows on a line: its end behind blanks, semicolons and comments, or more code. */
export type LineRest =
  | { readonly is: 'line-end'; readonly at: number }
  | { readonly is: 'code'; readonly at: number };

/** The comment that starts at `at`, by bisection: a file may hold thousands. */
function commentAt({ comments }: Chunk, at: number): Span | undefined {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle]?.start ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const found = comments[low];
  return found?.start === at ? found : undefined;
}

/** Looks past blanks and comments from `at`, and past semicolons where those are empty statements. */
export function restOfLine(chunk: Chunk, at: number, skipsSemicolons: boolean): LineRest {
  const { text } = chunk;
  for (let place = at; ; ) {
    const character = text[place];
    if (character === undefined || character === '\n' || character === '\r')
      return { is: 'line-end', at: place };
    const comment = character === '-' ? commentAt(chunk, place) : undefined;
    if (comment) place = comment.end;
    else if (' \t\v\f'.includes(character) || (skipsSemicolons && character === ';')) place += 1;
    else return { is: 'code', at: place };
  }
}

/** Where the line that holds `at` starts. */
export function lineStartAt(text: string, at: number): number {
  if (at === 0) return 0;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  // Only this line is searched for a lone carriage return: most files have none, and looking on would read them whole.
  return start + text.slice(start, at).lastIndexOf('\r') + 1;
}

/** Whether only blanks precede `at` on its line. */
export const isFirstOnLine = (text: string, at: number): boolean =>
  /^[ \t]*$/.test(text.slice(lineStartAt(text, at), at));

/** Puts a statement behind the one that ends at `after`: on a line of its own, or on that line when more code follows there. */
export function statementAfter(chunk: Chunk, after: Span, lines: readonly string[]): Splice {
  const rest = restOfLine(chunk, after.end, true);
  if (rest.is === 'code')
    return { start: after.end, end: after.end, text: ` ${lines.map((line) => line.trim()).join(' ')}` };
  const eol = lineEndingAt(chunk.text, rest.at);
  return { start: rest.at, end: rest.at, text: lines.map((line) => eol + line).join('') };
}

/** Takes a span out, and its whole line where nothing else but blanks stands on it. */
export function removal({ text }: Chunk, { start, end }: Span): Splice {
  const blanks = /[ \t]*/y;
  blanks.lastIndex = end;
  blanks.test(text);
  const rest = blanks.lastIndex;
  const lineEnd = /\r?\n|$/y;
  lineEnd.lastIndex = rest;
  if (!isFirstOnLine(text, start) || !lineEnd.test(text)) return { start, end: rest, text: '' };
  const lineStart = lineStartAt(text, start);
  // The last line of a file without a final line break takes the break before it along.
  const before = lineEnd.lastIndex === rest ? (/\r?\n?$/.exec(text.slice(0, lineStart))?.[0].length ?? 0) : 0;
  return { start: lineStart - before, end: lineEnd.lastIndex, text: '' };
}

/** The step from the indentation of one line to that of a line inside it; undefined where it is not deeper. */
export function indentStep(text: string, outer: number, inner: number): string | undefined {
  const from = indentAt(text, outer);
  const to = indentAt(text, inner);
  if (to.length > from.length && to.startsWith(from)) return to.slice(from.length);
  return /^\t+$/.test(to) ? '\t' : undefined;
}

/** The step of a file that shows none. */
export const usualStep = '    ';
