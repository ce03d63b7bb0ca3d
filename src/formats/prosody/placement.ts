import { indentStep, isFirstOnLine, lineStartAt, statementAfter, usualStep } from '../lua/layout.js';
import { codeStart } from '../lua/lexer.js';
import { appended } from '../lua/list.js';
import type { Quote } from '../lua/literal.js';
import { indentAt, lineEndingAt, type Span } from '../source.js';
import type { Splice } from '../splice.js';
import type { ProsodyFile, Stretch } from './model.js';

/** The step between a section and its options, as this section has it, else another one of the file. */
export function stepOf({ chunk, stretches }: ProsodyFile, near: Stretch): string {
  for (const { header, options } of [near, ...stretches]) {
    const [first] = options;
    if (header === undefined || first === undefined || !isFirstOnLine(chunk.text, first.start)) continue;
    const step = indentStep(chunk.text, header.start, first.start);
    if (step !== undefined) return step;
  }
  return usualStep;
}

/** The quotation mark that a section's header uses; double ones without a header. */
export function quoteOf({ chunk }: ProsodyFile, { header }: Stretch): Quote {
  const written = header ? chunk.text.slice(header.start, header.end) : '';
  return /["']/.exec(written)?.[0] === "'" ? "'" : '"';
}

/** The last statement of a stretch behind which an option can stand: an assignment if there is one. */
function lastStatement({ statements, header }: Stretch): Span | undefined {
  return (
    statements.findLast(({ is }) => is === 'assignment') ??
    statements.findLast(({ is }) => is !== 'empty' && is !== 'label') ??
    header
  );
}

/** The start of the comment lines right above a place, or of its own line. */
function startWithComments({ chunk }: ProsodyFile, at: number): number {
  const { text, comments } = chunk;
  let start = lineStartAt(text, at);
  for (let last = comments.findLastIndex(({ end }) => end < start); last >= 0; last -= 1) {
    const comment = comments[last];
    const isRightAbove = comment && /^\r?\n$/.test(text.slice(comment.end, start));
    if (!isRightAbove || !isFirstOnLine(text, comment.start)) break;
    start = lineStartAt(text, comment.start);
  }
  return start;
}

/** Puts lines before everything that the file says: only a byte order mark and a `#` line may precede them. */
export function atFileStart(file: ProsodyFile, lines: readonly string[]): Splice {
  const { text } = file.chunk;
  const header = file.stretches[1]?.header;
  const eol = lineEndingAt(text, header?.start ?? 0);
  const block = lines.map((line) => line + eol).join('');
  if (header && isFirstOnLine(text, header.start)) {
    const at = Math.max(startWithComments(file, header.start), codeStart(text));
    return { start: at, end: at, text: block + eol };
  }
  const at = codeStart(text);
  const isBehindText = at > 0 && text[at - 1] !== '\n' && text[at] !== undefined && text.startsWith('#');
  const gap = header?.start === at ? eol : '';
  return { start: at, end: at, text: (isBehindText ? eol : '') + block + gap };
}

function indentBehind(file: ProsodyFile, stretch: Stretch, anchor: Span): string {
  const { text } = file.chunk;
  const line = lineStartAt(text, anchor.start);
  const isOnHeaderLine = stretch.header !== undefined && lineStartAt(text, stretch.header.start) === line;
  return indentAt(text, anchor.start) + (isOnHeaderLine ? stepOf(file, stretch) : '');
}

/** An option that its section does not have yet. */
export interface NewOption {
  readonly option: string;
  /** The value as Lua, one line or several, indented from where the option stands. */
  readonly lines: readonly string[];
  /** What it belongs behind, when that is there. */
  readonly behind: Span | undefined;
}

/** Where an option was added. */
export interface Added {
  readonly splices: readonly Splice[];
  /** Undefined for the start of the file. */
  readonly behind: Span | undefined;
}

/** Adds an option to a section. Global ones go to the top of the file, where nothing has started a section yet. */
export function optionAdded(file: ProsodyFile, stretch: Stretch, added: NewOption): Added {
  const [first = '', ...rest] = added.lines;
  const source = [`${added.option} = ${first}`, ...rest];
  if (stretch.table) {
    return {
      splices: appended(file.chunk, stretch.table, [source.map((line) => line.trim()).join(' ')]),
      behind: stretch.table,
    };
  }
  const behind = added.behind ?? lastStatement(stretch);
  if (behind === undefined) return { splices: [atFileStart(file, source)], behind };
  const indent = indentBehind(file, stretch, behind);
  const lines = source.map((line) => indent + line);
  return { splices: [statementAfter(file.chunk, behind, lines)], behind };
}
