import { structuredPatch, type StructuredPatchHunk } from 'diff';
import { printable, printableLine } from './printable.js';

/** Two states of a file, to be shown to a person. */
export interface FileChange {
  readonly path: string;
  /** `undefined` when the file does not exist. */
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  /**
   * Hides the secrets of a whole text; it must keep the number of lines. It gets and gives one character a byte (latin1),
   * as editors hold text.
   */
  readonly mask?: (text: string) => string;
}

/** Stands after a changed line whose change nothing shows but a hidden secret. */
const SECRET_DIFFERS = '  [a hidden secret differs]';
const CONTEXT_LINES = 3;
// Beyond this many changed lines the shortest diff costs too much time to look for; the whole file is shown as replaced.
const MOST_CHANGES = 1000;

/**
 * A unified diff for people, not for `patch`: control characters are written out, secrets are hidden on both sides.
 * Empty when nothing differs. Ends with a newline otherwise.
 *
 * The lines are compared before they are masked, so a changed secret is a changed line, with a remark.
 */
export function unifiedDiff({ path, before, after, mask }: FileChange): string {
  const [old, now] = [sideOf(before, mask), sideOf(after, mask)];
  if (old.raw === now.raw && (before === undefined) === (after === undefined)) return '';
  const header = [
    `--- ${before === undefined ? '/dev/null' : printableLine(path)}`,
    `+++ ${after === undefined ? '/dev/null' : printableLine(path)}`,
  ];
  const hunks = hunksOf(old.raw, now.raw).flatMap((hunk) => hunkLines(hunk, old.masked, now.masked));
  return [...header, ...hunks].map((line) => `${line}\n`).join('');
}

interface Side {
  readonly raw: string;
  /** Line by line, with secrets hidden. */
  readonly masked: readonly string[];
}

function sideOf(bytes: Uint8Array | undefined, mask: FileChange['mask']): Side {
  const raw = bytes === undefined ? '' : Buffer.from(bytes).toString('latin1');
  const masked = (mask === undefined ? raw : mask(raw)).split('\n');
  if (masked.length !== raw.split('\n').length)
    throw new Error('a mask of secrets changed the number of lines');
  return { raw, masked };
}

function hunksOf(old: string, now: string): readonly StructuredPatchHunk[] {
  const options = { context: CONTEXT_LINES, maxEditLength: MOST_CHANGES };
  return structuredPatch('', '', old, now, '', '', options)?.hunks ?? [wholeHunk(old, now)];
}

function wholeHunk(old: string, now: string): StructuredPatchHunk {
  const [removed, added] = [linesOf(old), linesOf(now)];
  return {
    oldStart: 1,
    oldLines: removed.length,
    newStart: 1,
    newLines: added.length,
    lines: [...signed('-', old), ...signed('+', now)],
  };
}

function signed(sign: string, text: string): readonly string[] {
  const lines = linesOf(text).map((line) => sign + line);
  return text === '' || text.endsWith('\n') ? lines : [...lines, '\\ No newline at end of file'];
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** A line of a hunk as a person may see it. */
interface ShownLine {
  readonly sign: string;
  readonly text: string;
  /** Whether something in it is hidden. */
  readonly hides: boolean;
}

/** One hunk, with every line of it taken from what may be shown. */
function hunkLines(
  hunk: StructuredPatchHunk,
  old: readonly string[],
  now: readonly string[],
): readonly string[] {
  let [oldLine, newLine] = [hunk.oldStart - 1, hunk.newStart - 1];
  const lines = hunk.lines.map((line): ShownLine => {
    const sign = line.charAt(0);
    if (sign === '\\') return { sign, text: ' No newline at end of file', hides: false };
    const masked = (sign === '-' ? old[oldLine] : now[newLine]) ?? '';
    if (sign !== '+') oldLine += 1;
    if (sign !== '-') newLine += 1;
    return { sign, text: printable(Buffer.from(masked, 'latin1')), hides: masked !== line.slice(1) };
  });
  const range = `@@ -${rangeOf(hunk.oldStart, hunk.oldLines)} +${rangeOf(hunk.newStart, hunk.newLines)} @@`;
  return [range, ...remarkSecrets(lines)];
}

/** An empty range is named after the line before it, as diff -u does. */
const rangeOf = (start: number, lines: number): string => `${lines === 0 ? start - 1 : start},${lines}`;

/** Adds the remark to removed and added lines that look alike and hide something: only that can differ. */
function remarkSecrets(lines: readonly ShownLine[]): readonly string[] {
  const looks = (sign: string): ReadonlySet<string> =>
    new Set(lines.filter((line) => line.sign === sign && line.hides).map(({ text }) => text));
  const counterparts = new Map([
    ['-', looks('+')],
    ['+', looks('-')],
  ]);
  return lines.map(({ sign, text, hides }) => {
    const differs = hides && counterparts.get(sign)?.has(text) === true;
    return sign + text + (differs ? SECRET_DIFFERS : '');
  });
}
