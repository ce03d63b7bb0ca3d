import { EventEmitter } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

/** A stream that keeps what is written, and shows what a terminal of its size would show. */
export class FakeTerminal extends EventEmitter {
  readonly isTTY: boolean;
  columns: number;
  rows: number;
  readonly writes: string[] = [];

  constructor({ isTTY = true, columns = 80, rows = 24 } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.writes.push(text);
    return true;
  }

  get text(): string {
    return this.writes.join('');
  }

  /** The lines on the screen and above it, with what was erased gone. Knows no more than the view uses. */
  screen(): readonly string[] {
    const lines: string[] = [''];
    for (const [, up, erase, newline, text] of this.text.matchAll(
      /\x1b\[(\d+)A|(\r\x1b\[J)|(\n)|([^\n\r\x1b]+|\x1b\[\d*m)/g,
    )) {
      if (up !== undefined) lines.splice(lines.length - 1 - Number(up), Number(up), ...Array<string>(0));
      else if (erase !== undefined) lines.splice(lines.length - 1, 1, '');
      else if (newline !== undefined) lines.push('');
      else lines.push(`${lines.pop() ?? ''}${text ?? ''}`);
    }
    return lines.map((line) => stripVTControlCharacters(line));
  }
}
