import { deepEqual, equal } from 'node:assert/strict';
import { FakeTerminal } from '../support/fake-terminal.js';
import { cut, outputTo, pad, safe, width } from '../../src/reporter/terminal.js';

describe('text on a terminal', () => {
  it('is measured in columns', () => {
    deepEqual(['abc', 'é', 'e\u0301', '日本', '👍', ''].map(width), [3, 1, 1, 4, 2, 0]);
  });

  it('is cut to columns, never through a character', () => {
    deepEqual(
      [cut('abcdef', 6), cut('abcdef', 4), cut('日本語', 4), cut('👍👍', 3), cut('abc', 1), cut('abc', 0)],
      ['abcdef', 'abc…', '日…', '👍…', '…', ''],
    );
  });

  it('is padded to columns', () => {
    deepEqual([pad('ab', 4), pad('日', 4), pad('abcde', 4)], ['ab  ', '日  ', 'abcde']);
  });

  it('goes to 80 columns and 24 rows where the terminal does not know its size', () => {
    const out = outputTo(new FakeTerminal({ columns: 0, rows: 0 }));
    deepEqual([out.columns(), out.rows()], [80, 24]);
  });

  it('stays on its line, and steers nothing', () => {
    equal(safe('a\nb\r\x1b[2J\x07\u202e'), 'a b\\r\\x1b[2J\\x07\\u202e');
  });
});
