import { printableLine } from '../lib/printable.js';
import { Failed } from '../model/failure.js';
import type { Place } from './located.js';

/** One mistake in what a person wrote. */
export interface Complaint {
  readonly place: Place;
  /** One sentence without the place. */
  readonly message: string;
  readonly evidence?: readonly string[];
  /** What to do about it. */
  readonly help?: string;
}

/** A text that complaints point into. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** Values that look like secrets written out: they are masked where the line is shown. */
  readonly hidden: readonly string[];
}

const secretKey = /(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?)$/i;

/** Whether a value under this key is better not shown. */
export const isSecretKey = (key: string): boolean => secretKey.test(key);

/** Whether a text can be the name of a secret, as in `{ secret: NAME }`. */
export const isSecretName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text);

/** All complaints as one failure: each with its place, its line and what to do, in the order of the file. */
export function refusal(
  what: string,
  complaints: readonly Complaint[],
  sources: readonly SourceText[],
): Failed {
  return new Failed({
    reason: 'configuration',
    what: `${what} ${complaints.length === 1 ? 'has a mistake' : `has ${complaints.length} mistakes`}`,
    evidence: [...complaints].sort(byPlace).flatMap((complaint) => linesOf(complaint, sources)),
    next: 'correct this and run the same command again; nothing was touched',
  });
}

/** `file:line:column`, or what stands for itself. */
export const placeText = (place: Place): string =>
  place.is === 'whole' ? place.of : `${place.file}:${place.line}:${place.column}`;

function byPlace(a: Complaint, b: Complaint): number {
  if (a.place.is === 'whole' || b.place.is === 'whole')
    return Number(a.place.is === 'whole') - Number(b.place.is === 'whole');
  if (a.place.file !== b.place.file) return 0;
  return a.place.line - b.place.line || a.place.column - b.place.column;
}

function linesOf(complaint: Complaint, sources: readonly SourceText[]): readonly string[] {
  const { place, message, evidence = [], help } = complaint;
  const lines = [`${placeText(place)}: ${message}`, ...frame(place, sources)];
  lines.push(...evidence.map((line) => `      ${line}`));
  if (help !== undefined) lines.push(`      = ${help}`);
  return lines.map((line) => printableLine(line));
}

/** The line of the place with a caret under the column. Long lines are cut around it. */
function frame(place: Place, sources: readonly SourceText[]): readonly string[] {
  if (place.is === 'whole') return [];
  const source = sources.find(({ file }) => file === place.file);
  const line = source?.text.split('\n', place.line)[place.line - 1]?.replace(/\r$/, '');
  if (source === undefined || line === undefined) return [];
  const shown = masked(line, source.hidden);
  const start = Math.max(0, place.column - 60);
  const before = line.slice(start, place.column - 1);
  const pointed = shown.startsWith(line.slice(0, place.column - 1));
  return [
    `${String(place.line).padStart(5)} | ${shown.slice(start, start + 100)}`,
    ...(pointed ? [`      | ${' '.repeat(printableLine(before).length)}^`] : []),
  ];
}

/** `password: hunter2` shows as `password: •••`, also where YAML could not be read; names of secrets stay. */
function masked(text: string, hidden: readonly string[]): string {
  let shown = text;
  for (const value of hidden) shown = shown.replaceAll(value, '•••');
  return shown.replace(
    /([\w-]+)(["']?\s*:\s+)(?![[{&*|>\s])([^,}]*[^,}\s])/g,
    (whole, key: string, colon: string, value: string) =>
      isSecretKey(key) && !(key === 'secret' && isSecretName(value.trim())) ? `${key}${colon}•••` : whole,
  );
}
