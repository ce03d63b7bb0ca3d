import { styleText } from 'node:util';
import { printable } from '../lib/printable.js';

/** Where text for people or programs goes. */
export interface Output {
  /** Whole lines. Lost without an error when nobody reads any more. */
  write(text: string): void;
  /** 80 where nothing is known. */
  columns(): number;
  rows(): number;
}

/** The part of a stream that an {@link Output} needs. */
export interface Writable {
  write(text: string): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/**
 * Makes an output of a stream. When its reader goes away (`| head -1`) or its disk is full the run goes on: the
 * listener for that stays as long as the stream, since such an error may come after the last write.
 */
export function outputTo(stream: Writable): Output {
  let isGone = false;
  stream.on('error', () => {
    isGone = true;
  });
  return {
    write: (text) => {
      if (!isGone) stream.write(text);
    },
    // A terminal that does not know its size says 0.
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
  };
}

/** The colours that are used, by what they mean. */
export type Style = 'good' | 'bad' | 'care' | 'new' | 'faint' | 'strong' | 'none';

/** Colours a text, or leaves it alone. */
export type Paint = (style: Style, text: string) => string;

const colours = {
  good: 'green',
  bad: 'red',
  care: 'yellow',
  new: 'cyan',
  faint: 'dim',
  strong: 'bold',
} as const;

/** A painter. Whether there are colours is decided once, in `choose`, and not by the stream of the moment. */
export const painter =
  (isColoured: boolean): Paint =>
  (style, text) =>
    !isColoured || style === 'none' || text === ''
      ? text
      : styleText(colours[style], text, { validateStream: false });

/** The last guard before a terminal: whatever a text holds, it stays text on its line. */
export const safe = (text: string): string => printable(text).replaceAll('\n', ' ');

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text without control characters takes: East Asian wide characters and emoji take two. */
export const width = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + widthOf(character), 0);

function widthOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The text in at most this many columns. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let taken = '';
  let left = columns - 1;
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    taken += character;
  }
  return columns < 1 ? '' : `${taken}…`;
}

/** The text, filled up with spaces to this many columns. */
export const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - width(text)));
