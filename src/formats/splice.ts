import type { Span } from './source.js';

/** New text for a range of the old one; an empty range is an insertion. */
export interface Splice extends Span {
  readonly text: string;
}

/**
 * Applies splices that do not overlap. Those at one place keep the order in which they are given; every character
 * outside of them stays.
 */
export function spliced(text: string, splices: readonly Splice[]): string {
  const inOrder = [...splices].sort((left, right) => left.start - right.start || left.end - right.end);
  const parts: string[] = [];
  let at = 0;
  for (const splice of inOrder) {
    if (splice.start < at) throw new Error(`two edits overlap at offset ${splice.start}`);
    parts.push(text.slice(at, splice.start), splice.text);
    at = splice.end;
  }
  return parts.join('') + text.slice(at);
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
