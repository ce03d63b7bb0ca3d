import { indentStep, isFirstOnLine, lineStartAt, statementAfter, usualStep } from '../lua/layout.js';
import { codeStart } from '../lua/lexer.js';
import { appended } from '../lua/list.js';
import type { Quote } from '../lua/literal.js';
import { indentAt, lineEndingAt, type Span } from '../source.js';
import type { Splice } from '../splice.js';
import { type FoundSection, placesOf } from './lookup.js';
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
  const { text } = chunk;
  let start = lineStartAt(text, at);
  for (const comment of [...chunk.comments].reverse()) {
    const isRightAbove = comment.end < start && /^\r?\n$/.test(text.slice(comment.end, start));
    if (comment.end > start) continue;
    if (!isRightAbove || !isFirstOnLine(text, comment.start)) break;
    start = lineStartAt(text, comment.start);
  }
  return start;
}

/** Puts lines before everything that the file says: only a byte order mark and a `#` line may precede them. */
function atFileStart(file: ProsodyFile, lines: readonly string[]): Splice {
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
  return { start: at, end: at, text: isBehindText ? eol + block : block };
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
  /** The option behind which it belongs, when that one is there. */
  readonly after: string | undefined;
}

/** Adds an option to a section. Global ones go to the top of the file, where nothing has started a section yet. */
export function optionAdded(file: ProsodyFile, section: FoundSection, added: NewOption): Splice[] {
  const [stretch] = section.stretches;
  const [first = '', ...rest] = added.lines;
  const source = [`${added.option} = ${first}`, ...rest];
  if (stretch.table) return appended(file.chunk, stretch.table, [source.join(' ')]);
  const after =
    added.after === undefined
      ? undefined
      : placesOf({ ...section, stretches: [stretch] }, added.after).at(-1);
  const anchor = after ?? lastStatement(stretch);
  if (anchor === undefined) return [atFileStart(file, source)];
  const indent = indentBehind(file, stretch, anchor);
  return [
    statementAfter(
      file.chunk,
      anchor,
      source.map((line) => indent + line),
    ),
  ];
}
