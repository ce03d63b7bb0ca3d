import { diffArrays } from 'diff';
import { type EditOutcome, Refused } from './outcome.js';
import { bytesOf, textOf } from './source.js';

/** A range of lines of one text, and what stands in their place in another. */
interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
  /** Where `lines` start in the other text. */
  readonly otherStart: number;
}

/** More changed lines than this are a different file, and comparing it line by line would take seconds. */
const mostChangedLines = 4000;

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** What changed from one text to another; undefined when it is too much. */
function hunksBetween(from: readonly string[], to: readonly string[]): readonly Hunk[] | undefined {
  const changes = diffArrays([...from], [...to], { maxEditLength: mostChangedLines });
  if (changes === undefined) return undefined;
  const hunks: Hunk[] = [];
  let line = 0;
  let otherLine = 0;
  let open: { start: number; otherStart: number; lines: string[] } | undefined;
  const close = (): void => {
    if (open) hunks.push({ ...open, end: line });
    open = undefined;
  };
  for (const { added, removed, value } of changes) {
    if (!added && !removed) close();
    else open ??= { start: line, otherStart: otherLine, lines: [] };
    if (added) open?.lines.push(...value);
    if (!added) line += value.length;
    if (!removed) otherLine += value.length;
  }
  close();
  return hunks;
}

const isInsertion = ({ start, end }: Hunk): boolean => start === end;

const isSameHunk = (left: Hunk, right: Hunk): boolean =>
  left.start === right.start && left.end === right.end && left.lines.join('') === right.lines.join('');

/** Whether two hunks claim the same place. Lines that touch a hunk of the other side do not. */
function overlap(left: Hunk, right: Hunk): boolean {
  if (isInsertion(left) && isInsertion(right)) return left.start === right.start;
  return left.start < right.end && right.start < left.end;
}

function merged(lines: readonly string[], hunks: readonly Hunk[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const hunk of [...hunks].sort((left, right) => left.start - right.start || left.end - right.end)) {
    parts.push(...lines.slice(at, hunk.start), ...hunk.lines);
    at = hunk.end;
  }
  return [...parts, ...lines.slice(at)].join('');
}

const refused = (code: string, reason: string, line: number): EditOutcome => ({
  is: 'refused',
  refusal: new Refused(code, reason, { line, column: 1 }),
});

/** A file before an edit of ours, after it, and as it is now. */
export interface EditedFile {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly now: Uint8Array;
}

/**
 * Takes an edit of ours out of a file that may have been changed since, and keeps those other changes. Line by line,
 * as a merge of three texts; refused, with the line of `now`, where somebody has changed what we wrote.
 */
export function undoEdits({ before, after, now }: EditedFile): EditOutcome {
  const nowText = textOf(now);
  if (nowText === textOf(after)) {
    return textOf(before) === nowText ? { is: 'already' } : { is: 'edited', bytes: bytesOf(textOf(before)) };
  }
  const base = linesOf(textOf(after));
  const ours = hunksBetween(base, linesOf(textOf(before)));
  const theirs = hunksBetween(base, linesOf(nowText));
  if (ours === undefined || theirs === undefined) {
    return refused(
      'too-different',
      'so much of this file has changed that the edit cannot be found in it',
      1,
    );
  }
  const left = ours.filter((hunk) => !theirs.some((other) => isSameHunk(hunk, other)));
  for (const hunk of left) {
    const clash = theirs.find((other) => overlap(hunk, other));
    if (clash) return refused('undo-overlap', 'this was changed after our edit', clash.otherStart + 1);
  }
  const text = merged(base, [...left, ...theirs]);
  return text === nowText ? { is: 'already' } : { is: 'edited', bytes: bytesOf(text) };
}
