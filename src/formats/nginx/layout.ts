import { indentAt, lineEndingAt, type Span } from '../source.js';
import type { Block, Item } from './tree.js';

/** A change of a text: what stands in `span` is replaced by `by`. */
export interface Change {
  readonly span: Span;
  readonly by: string;
}

/** The text with all changes made. They must not overlap; those at one place are made in the order given. */
export function changed(text: string, changes: readonly Change[]): string {
  let result = '';
  let at = 0;
  for (const { span, by } of changes.toSorted(
    (one, other) => one.span.start - other.span.start || one.span.end - other.span.end,
  )) {
    result += text.slice(at, span.start) + by;
    at = span.end;
  }
  return result + text.slice(at);
}

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

/** Offset just after the line ending of the line that holds `offset`. */
const nextLine = (text: string, offset: number): number => {
  const feed = text.indexOf('\n', offset);
  return feed === -1 ? text.length : feed + 1;
};

const isBlank = (text: string): boolean => /^[ \t\r\n]*$/.test(text);

/** Whether only spaces stand before an offset on its line. Looks no further back than those spaces. */
export function startsItsLine(text: string, offset: number): boolean {
  let at = offset - 1;
  while (text[at] === ' ' || text[at] === '\t') at -= 1;
  return at < 0 || text[at] === '\n';
}

const hasItsLines = (text: string, { start, end }: Span): boolean =>
  startsItsLine(text, start) && isBlank(text.slice(end, nextLine(text, end)));

/** A block to write: its head, the statements in it without `;`, and how the neighbours are laid out. */
export interface Draft {
  readonly head: string;
  readonly statements: readonly string[];
  /** One step of indentation. */
  readonly step: string;
  /** Whether `{` stands on a line of its own. */
  readonly braceBelow: boolean;
}

const onOneLine = ({ head, statements }: Draft): string =>
  `${head} { ${statements.map((statement) => `${statement}; `).join('')}}`;

function onLines({ head, statements, step, braceBelow }: Draft, indent: string, eol: string): string {
  const body = statements.map((statement) => `${indent}${step}${statement};${eol}`).join('');
  return `${head}${braceBelow ? `${eol}${indent}` : ' '}{${eol}${body}${indent}}`;
}

/** Whether a block has its `{` on a line below its head. */
export const hasBraceBelow = (text: string, { words, body }: Pick<Block, 'words' | 'body'>): boolean =>
  text.slice(words.at(-1)?.end, body.start).includes('\n');

/** One step of indentation as the neighbours have it: how much further a block's first item stands than the block. */
export function indentStep(
  text: string,
  blocks: readonly { start: number; children: readonly Item[] }[],
): string {
  for (const block of blocks) {
    const first = block.children[0];
    if (!first || !startsItsLine(text, first.start) || !startsItsLine(text, block.start)) continue;
    const outer = indentAt(text, block.start);
    const inner = indentAt(text, first.start);
    if (inner.length > outer.length && inner.startsWith(outer)) return inner.slice(outer.length);
  }
  return '    ';
}

/** Puts a block before an item, above the comment that leads it, with an empty line between. */
export function insertBefore(text: string, items: readonly Item[], item: Item, draft: Draft): Change {
  if (!startsItsLine(text, item.start)) return insertAt(item.start, `${onOneLine(draft)} `);
  const eol = lineEndingAt(text, item.start);
  const indent = indentAt(text, item.start);
  const at = lineStart(text, leadingComment(text, items, item).start);
  return insertAt(at, `${indent}${onLines(draft, indent, eol)}${eol}${eol}`);
}

/** Puts a block last in a body that ends at `close`, after an empty line. */
export function insertLast(text: string, close: number, indent: string, draft: Draft): Change {
  if (!startsItsLine(text, close)) return insertAt(close, `${onOneLine(draft)} `);
  const eol = lineEndingAt(text, lineStart(text, close) - 1);
  return insertAt(lineStart(text, close), `${eol}${indent}${onLines(draft, indent, eol)}${eol}`);
}

/** Writes a block over another one. */
export function replaceBlock(text: string, span: Span, draft: Draft): Change {
  if (!startsItsLine(text, span.start)) return { span, by: onOneLine(draft) };
  return { span, by: onLines(draft, indentAt(text, span.start), lineEndingAt(text, span.start)) };
}

/** Takes a block out, with the empty line or the space that {@link insertBefore} or {@link insertLast} put beside it. */
export function removeBlock(text: string, span: Span): Change {
  if (!hasItsLines(text, span)) {
    if (text[span.end] === ' ') return removal(span.start, span.end + 1);
    return removal(text[span.start - 1] === ' ' ? span.start - 1 : span.start, span.end);
  }
  const start = lineStart(text, span.start);
  const end = nextLine(text, span.end);
  const after = nextLine(text, end);
  if (after > end && isBlank(text.slice(end, after))) return removal(start, after);
  const before = lineStart(text, start - 1);
  return removal(start > 0 && isBlank(text.slice(before, start)) ? before : start, end);
}

const insertAt = (at: number, by: string): Change => ({ span: { start: at, end: at }, by });
const removal = (start: number, end: number): Change => ({ span: { start, end }, by: '' });

/** The first of the comments that stand on lines of their own directly above an item, else the item. */
function leadingComment(text: string, items: readonly Item[], item: Item): Item {
  let first = item;
  for (let index = items.indexOf(item) - 1; index >= 0; index -= 1) {
    const above = items[index];
    if (above?.is !== 'comment' || !startsItsLine(text, above.start)) break;
    if (nextLine(text, above.end) !== lineStart(text, first.start)) break;
    first = above;
  }
  return first;
}
