import { indentAt, lineEndingAt } from '../source.js';
import { type Splice, united } from '../splice.js';
import { isFirstOnLine, lineStartAt, removal, restOfLine, usualStep } from './layout.js';
import type { Chunk, Field, TableExpression } from './tree.js';

const insertion = (at: number, text: string): Splice => ({ start: at, end: at, text });

function appendedToEmpty(chunk: Chunk, table: TableExpression, entries: readonly string[]): Splice[] {
  const { text } = chunk;
  const inside = table.start + 1;
  const rest = restOfLine(chunk, inside, false);
  if (rest.is === 'code' || rest.at >= table.end) {
    const gap = /\s/.test(text.charAt(inside)) ? '' : ' ';
    return [insertion(inside, ` ${entries.join(', ')}${gap}`)];
  }
  const comment = chunk.comments.find(
    ({ start, end }) => start > rest.at && end < table.end && isFirstOnLine(text, start),
  );
  const indent = comment ? indentAt(text, comment.start) : indentAt(text, table.start) + usualStep;
  const eol = lineEndingAt(text, rest.at);
  return [insertion(rest.at, entries.map((entry) => `${eol}${indent}${entry};`).join(''))];
}

/** The separator that the entries of a table use. */
function separatorOf(text: string, fields: readonly Field[], isLinewise: boolean): string {
  const used = fields.findLast((field) => field.separator !== undefined)?.separator;
  return used ? text.slice(used.start, used.end) : isLinewise ? ';' : ',';
}

/** What stands between a separator and the next entry on the same line. */
function gapBefore(fields: readonly Field[]): string {
  const last = fields.at(-1);
  const before = fields.at(-2)?.separator;
  return before && last && before.end === last.start ? '' : ' ';
}

/**
 * Adds entries behind the last one of a table (not behind a comment), in its manner: on lines of their own or on the
 * same one, with its separator, its indentation and its line ending, closed by a separator if its last entry was.
 */
export function appended(chunk: Chunk, table: TableExpression, entries: readonly string[]): Splice[] {
  const { text } = chunk;
  const last = table.fields.at(-1);
  if (last === undefined) return appendedToEmpty(chunk, table, entries);
  const isLinewise = isFirstOnLine(text, last.start);
  const separator = separatorOf(text, table.fields, isLinewise);
  const closing = last.separator ? separator : '';
  const anchor = last.separator?.end ?? last.end;
  const opening = last.separator ? [] : [insertion(last.end, separator)];
  if (!isLinewise) {
    const gap = gapBefore(table.fields);
    return [...opening, insertion(anchor, gap + entries.join(separator + gap) + closing)];
  }
  const rest = restOfLine(chunk, anchor, false);
  const at = rest.is === 'line-end' ? rest.at : anchor;
  const newLine = lineEndingAt(text, last.start) + indentAt(text, last.start);
  return [...opening, insertion(at, newLine + entries.join(separator + newLine) + closing)];
}

/** One entry with its separator: its line where nothing else stands on it, else with the blanks before it. */
function entryRemoval(chunk: Chunk, { fields }: TableExpression, field: Field): Splice {
  const { text } = chunk;
  const end = field.separator?.end ?? field.end;
  if (isFirstOnLine(text, field.start)) return removal(chunk, { start: field.start, end });
  const isFirst = field === fields[0];
  const blanks = /[ \t]*$/.exec(text.slice(lineStartAt(text, field.start), field.start))?.[0].length ?? 0;
  return isFirst
    ? removal(chunk, { start: field.start, end })
    : { start: field.start - blanks, end, text: '' };
}

/** Takes entries out of a table, each with its separator, and with its line where nothing else stands on it. */
export function withoutEntries(chunk: Chunk, table: TableExpression, gone: ReadonlySet<Field>): Splice[] {
  const removals = table.fields
    .filter((field) => gone.has(field))
    .map((field) => entryRemoval(chunk, table, field));
  const lastKept = table.fields.findLast((field) => !gone.has(field));
  const wasOpenEnded = table.fields.at(-1)?.separator === undefined;
  const isTailGone = lastKept !== undefined && lastKept !== table.fields.at(-1);
  return united(
    isTailGone && wasOpenEnded && lastKept.separator ? [lastKept.separator, ...removals] : removals,
  );
}
