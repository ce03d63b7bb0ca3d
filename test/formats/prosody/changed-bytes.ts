import { diffArrays } from 'diff';

/** Bytes that an edit took out of a line, with the line, or a whole line for which nothing came. */
export interface LostBytes {
  readonly line: string;
  readonly lost: string;
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function commonPrefix(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return at;
}

function lostFrom(before: string, after: string): string {
  const start = commonPrefix(before, after);
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before.at(-1 - end) === after.at(-1 - end)
  ) {
    end += 1;
  }
  return before.slice(start, before.length - end);
}

/** The line that shares the longest beginning with another one. */
const nearest = (line: string, candidates: readonly string[]): string =>
  candidates.reduce(
    (best, candidate) => (commonPrefix(candidate, line) > commonPrefix(best, line) ? candidate : best),
    '',
  );

/**
 * What of a text is not in the edited one any more, found without any knowledge of Lua: lines are matched, and in a
 * line that changed everything but its first and its last common part counts as lost.
 */
export function lostBytes(before: string, after: string): LostBytes[] {
  const changes = diffArrays(linesOf(before), linesOf(after));
  return changes.flatMap(({ removed, value }, at) => {
    if (!removed) return [];
    const next = changes[at + 1];
    const replacements = next?.added ? next.value : [];
    return value.map((line) => ({ line, lost: lostFrom(line, nearest(line, replacements)) }));
  });
}
