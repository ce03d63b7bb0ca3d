import { EventEmitter } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

/** A stream that keeps what is written, and shows what a terminal of its size would show. */
export class FakeTerminal extends EventEmitter {
  readonly isTTY: boolean;
  readonly writes: string[] = [];
  columns: number;
  rows: number;
  /** What stands on the screen and above it, line by line, without what was erased. The cursor is on the last. */
  readonly #lines: string[] = [''];

  constructor({ isTTY = true, columns = 80, rows = 24 } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.writes.push(text);
    const parts = text.matchAll(/\x1b\[(\d+)A\r\x1b\[J|(\n)|([^\n\x1b]+|\x1b\[\d*m)/g);
    for (const [whole, up, newline] of parts) {
      if (up !== undefined) this.#eraseUp(Number(up));
      else if (newline !== undefined) this.#lines.push('');
      else this.#lines.push(`${this.#lines.pop() ?? ''}${whole}`);
    }
    return true;
  }

  /** Takes rows of the screen away from below. A line that was folded by a narrower terminal is several rows. */
  #eraseUp(rows: number): void {
    this.#lines.pop();
    for (let left = rows; left > 0; ) {
      const line = this.#lines.pop();
      if (line === undefined) throw new Error(`${rows} rows up is above the top`);
      left -= Math.max(1, Math.ceil(stripVTControlCharacters(line).length / this.columns));
      if (left < 0) throw new Error('half of a folded line was erased');
    }
    this.#lines.push('');
  }

  get text(): string {
    return this.writes.join('');
  }

  /** The lines that stand there, without colours. */
  screen(): readonly string[] {
    return this.#lines.slice(0, -1).map((line) => stripVTControlCharacters(line));
  }
}
