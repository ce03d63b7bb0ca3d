import { stripVTControlCharacters } from 'node:util';
import { type Output, width } from './terminal.js';

/** The last lines of a terminal, drawn again and again, with text that scrolls away above them. */
export interface Canvas {
  /** Writes lines for good, then the frame below them in place of the one before. Frame lines must fit. */
  show(above: readonly string[], frame: readonly string[]): void;
}

/** Draws on a terminal. One write a frame, so that nothing flickers. The cursor is never hidden: a crash leaves it. */
export function canvasOn(out: Output): Canvas {
  const drawn: { lines: readonly string[] } = { lines: [] };
  return {
    show: (above, frame) => {
      const columns = Math.max(1, out.columns());
      // A terminal that became narrower has folded the lines that are there.
      const height = drawn.lines
        .map((line) => Math.max(1, Math.ceil(width(stripVTControlCharacters(line)) / columns)))
        .reduce((sum, lines) => sum + lines, 0);
      const erase = height === 0 ? '' : `\x1b[${height}A\r\x1b[J`;
      const text = erase + [...above, ...frame].map((line) => `${line}\n`).join('');
      if (text !== '') out.write(text);
      drawn.lines = frame;
    },
  };
}
