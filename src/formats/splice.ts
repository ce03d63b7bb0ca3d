import type { Span } from './source.js';

/** New text for a range of the old one; an empty range is an insertion. */
export interface Splice extends Span {
  readonly text: string;
}

const inOrder = (splices: readonly Splice[]): readonly Splice[] =>
  [...splices].sort((left, right) => left.start - right.start || left.end - right.end);

/**
 * Applies splices that do not overlap. Those at one place keep the order in which they are given; every character
 * outside of them stays.
 */
export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const splice of inOrder(splices)) {
    if (splice.start < at) throw new Error(`two edits overlap at offset ${splice.start}`);
    parts.push(text.slice(at, splice.start), splice.text);
    at = splice.end;
  }
  return parts.join('') + text.slice(at);
}

/** Where a place of a spliced text was before. What is inside new text was nowhere: it counts as where that was put. */
export function placeBefore(splices: readonly Splice[], place: number): number {
  let grown = 0;
  for (const { start, end, text } of inOrder(splices)) {
    if (place < start + grown) break;
    if (place < start + grown + text.length) return start;
    grown += text.length - (end - start);
  }
  return place - grown;
}

/** Removals that may touch or cover each other, as ones that do not. */
export function united(removals: readonly Span[]): Splice[] {
  const all: Splice[] = [];
  for (const { start, end } of [...removals].sort((left, right) => left.start - right.start)) {
    const last = all.at(-1);
    if (last === undefined || last.end < start) all.push({ start, end, text: '' });
    else all[all.length - 1] = { start: last.start, end: Math.max(last.end, end), text: '' };
  }
  return all;
}
