import assert from 'node:assert/strict';
import fc from 'fast-check';
import { capture } from '../../src/transport/capture.js';
import { evidenceLines } from '../../src/transport/evidence.js';
import { lineSplitter } from '../../src/transport/line-splitter.js';
import { preamble } from '../../src/transport/preamble.js';
import { plainVault } from '../support/vault.js';

/** Sizes of chunks, used in turn. */
const someSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });

/** The bytes in chunks of these sizes. */
function cut(whole: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < whole.length; ) {
    const size = sizes[parts.length % sizes.length] ?? 1;
    parts.push(whole.subarray(at, at + size));
    at += size;
  }
  return parts;
}

const someBytes = fc.uint8Array({ maxLength: 60 });

describe('a capture', () => {
  it('keeps all, or exactly the head and the tail, however the bytes come', () => {
    fc.assert(
      fc.property(someBytes, someSizes, fc.integer({ min: 1, max: 40 }), (whole, sizes, cap) => {
        const kept = capture(cap);
        for (const part of cut(whole, sizes)) kept.add(part);
        const head = Math.ceil(cap / 2);
        const expected =
          whole.length <= cap
            ? Buffer.from(whole)
            : Buffer.concat([whole.subarray(0, head), whole.subarray(whole.length - (cap - head))]);
        assert.deepEqual(Buffer.from(kept.bytes()), expected);
        assert.equal(kept.truncated(), whole.length > cap);
      }),
    );
  });
});

describe('a preamble', () => {
  it('separates the noise before the mark from what comes after it, however the bytes come', () => {
    fc.assert(
      fc.property(someBytes, someBytes, someSizes, (noise, own, sizes) => {
        const whole = Buffer.concat([noise, Buffer.from('\nMARK\n'), own]);
        const before = preamble('MARK');
        const after = cut(whole, sizes).map((part) => before.after(part));
        assert.deepEqual(Buffer.concat(after), Buffer.from(own));
        assert.deepEqual(Buffer.from(before.noise()), Buffer.from(noise));
        assert.equal(before.found(), true);
      }),
    );
  });

  it('gives out nothing and remembers little without a mark', () => {
    const before = preamble('MARK');
    for (let index = 0; index < 100; index++) {
      assert.equal(before.after(Buffer.from(`MARK without its own line ${'x'.repeat(1000)}`)).length, 0);
    }
    assert.equal(before.found(), false);
    assert.ok(before.noise().length < 5000);
  });
});

describe('a line splitter', () => {
  it('decodes once, over the borders of chunks', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((line) => !/[\r\n]/.test(line));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), fc.constantFrom('\n', '\r\n'), (lines, ending) => {
        const seen: string[] = [];
        const splitter = lineSplitter((line) => void seen.push(line));
        for (const byte of Buffer.from(lines.map((line) => line + ending).join(''))) {
          splitter.add(Buffer.from([byte]));
        }
        splitter.end();
        assert.deepEqual(seen, lines);
      }),
    );
  });

  it('hands on a line that never ends in pieces', () => {
    const seen: number[] = [];
    const splitter = lineSplitter((line) => void seen.push(line.length));
    splitter.add(Buffer.alloc(200_000, 'x'));
    splitter.end();
    assert.deepEqual(seen, [65_536, 65_536, 65_536, 3392]);
  });
});

describe('evidence', () => {
  it('holds no secret and nothing that steers a terminal', () => {
    const vault = plainVault({ PASSWORD: 'hunter2' });
    const said = 'a\tb\r\n\n\u001b[31mred\u001b]0;title\u0007 hunter2\n\u202eevil \u009b2J\nlast';
    assert.deepEqual(evidenceLines(said, vault), ['a b', '[31mred]0;title •••', 'evil 2J', 'last']);
    assert.deepEqual(evidenceLines(said, vault, 1), ['last']);
  });
});
