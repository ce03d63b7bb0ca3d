import assert from 'node:assert/strict';
import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { encodeAccess, encodeKey, encodeValue, sameValue } from '../../../src/formats/javascript/encode.js';

describe('A value written as JavaScript', () => {
  for (const [value, written] of [
    ['plain', "'plain'"],
    ["it's", "'it\\'s'"],
    ['say "a"', '\'say "a"\''],
    ['back\\slash', "'back\\\\slash'"],
    ['a\nb\r\tc\0', "'a\\nb\\r\\tc\\x00'"],
    ['</script>', "'\\x3C/script>'"],
    ['<!--# echo var="a" -->', '\'\\x3C!--# echo var="a" -->\''],
    ['\u2028\u2029', "'\\u2028\\u2029'"],
    ['bücher 😀', "'b\\xFCcher \\uD83D\\uDE00'"],
    [true, 'true'],
    [-0, '-0'],
    [1e21, '1e+21'],
    [{}, '{}'],
    [{ a: 1, 'b-c': "'", d_$1: false }, "{ a: 1, 'b-c': '\\'', d_$1: false }"],
  ] as const) {
    it(`reads ${written}`, () => assert.equal(encodeValue(value), written));
  }

  it('takes double quotes where the file has them', () => assert.equal(encodeValue('a\'"', '"'), '"a\'\\""'));

  it('is refused when it is no number that can be written', () => {
    for (const value of [NaN, Infinity]) assert.throws(() => encodeValue(value), RangeError);
  });

  it('is plain text to HTML and nginx, and reads back equal', function () {
    this.timeout(30_000);
    const page = createContext({});
    const scalar = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    );
    const value = fc.oneof(scalar, fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), scalar));
    fc.assert(
      fc.property(value, fc.constantFrom("'" as const, '"' as const), (wanted, quote) => {
        const written = encodeValue(wanted, quote);
        assert.doesNotMatch(written, /<|[^\x20-\x7e]/);
        const read = runInContext(`(${written})`, page) as typeof wanted;
        assert.ok(sameValue(read, wanted), written);
      }),
      { numRuns: 500 },
    );
  });
});

describe('A name written as JavaScript', () => {
  it('is quoted when it is no plain name', () => {
    assert.deepEqual(
      ['a', 'a-b', '1', '__proto__'].map((key) => encodeKey(key)),
      ['a', "'a-b'", "'1'", "['__proto__']"],
    );
    assert.equal(encodeKey('a', '"'), '"a"');
    assert.deepEqual(['a', "a'b"].map(encodeAccess), ['.a', "['a\\'b']"]);
  });
});

describe('Two values', () => {
  it('are the same when a script cannot tell them apart', () => {
    assert.ok(sameValue({ a: 1, b: 2 }, { b: 2, a: 1 }));
    for (const [one, other] of [
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: 1, b: 2 }, { a: 1 }],
      [{ a: 1 }, { toString: 1 }],
      [{ a: 1 }, 'a'],
      ['1', 1],
      [0, -0],
    ] as const) {
      assert.ok(!sameValue(one, other));
    }
  });
});
