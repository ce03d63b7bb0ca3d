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
