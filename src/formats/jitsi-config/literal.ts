import type { ObjectExpression, Property, SpreadElement } from 'acorn';
import { overlapsAny, type Script } from '../javascript/script.js';
import { indentAt, lineEndingAt, type Span } from '../source.js';
import { removeWithLine, type Splice } from './splice.js';

type Entry = Property | SpreadElement;

/**
 * Adds a property to an object literal, after another one. It gets a line of its own when that one ends its line, with
 * its indentation; it gets a comma when that one has, so a list without a last comma stays without.
 */
export function insertAfter(
  script: Script,
  literal: ObjectExpression,
  anchor: Entry,
  added: string,
): readonly Splice[] {
  const { text } = script;
  const next = literal.properties[literal.properties.indexOf(anchor) + 1];
  const limit = next?.start ?? literal.end - 1;
  const comma = commaBetween(script, anchor.end, limit);
  const lineEnd = text.indexOf('\n', comma ?? anchor.end);
  const indent = indentOfEntry(text, anchor) ?? (next === undefined ? undefined : indentOfEntry(text, next));
  const endsLine =
    lineEnd !== -1 && lineEnd < limit && !overlapsAny({ start: lineEnd, end: lineEnd + 1 }, script.comments);
  if (!endsLine || indent === undefined) return [insertion(anchor.end, `, ${added}`)];
  const newline = lineEndingAt(text, lineEnd);
  if (comma !== undefined) return [insertion(lineEnd + 1, `${indent}${added},${newline}`)];
  return [insertion(anchor.end, ','), insertion(lineEnd + 1, `${indent}${added}${newline}`)];
}

/** Takes a property out of an object literal, with the comma that is no longer needed. */
export function removeProperty(
  script: Script,
  literal: ObjectExpression,
  property: Property,
): readonly Splice[] {
  const { text } = script;
  const index = literal.properties.indexOf(property);
  const [before, after] = [literal.properties[index - 1], literal.properties[index + 1]];
  const comma = commaBetween(script, property.end, after?.start ?? literal.end - 1);
  const whole: Span = { start: property.start, end: comma === undefined ? property.end : comma + 1 };
  const removal = removeWithLine(text, whole);
  const ownLine = removal.start < whole.start || removal.end > whole.end;
  if (comma !== undefined && ownLine) return [removal];
  if (before === undefined)
    return [
      { ...whole, end: comma === undefined ? whole.end : skipSpaces(text, whole.end), replacement: '' },
    ];
  if (!ownLine && /^\s*,\s*$/.test(text.slice(before.end, property.start))) {
    return [{ start: before.end, end: property.end, replacement: '' }];
  }
  if (comma !== undefined) return [removal];
  const needless = commaBetween(script, before.end, property.start);
  return needless === undefined
    ? [removal]
    : [{ start: needless, end: needless + 1, replacement: '' }, removal];
}

const insertion = (at: number, replacement: string): Splice => ({ start: at, end: at, replacement });

/** The indentation of an entry that begins its line. */
function indentOfEntry(text: string, { start }: Entry): string | undefined {
  const indent = indentAt(text, start);
  return text.lastIndexOf('\n', start - 1) + 1 + indent.length === start ? indent : undefined;
}

/** The comma of the code between two offsets. */
function commaBetween({ commas }: Script, start: number, end: number): number | undefined {
  let low = 0;
  let high = commas.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((commas[middle] ?? Infinity) < start) low = middle + 1;
    else high = middle;
  }
  const comma = commas[low];
  return comma !== undefined && comma < end ? comma : undefined;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
}
