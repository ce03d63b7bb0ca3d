import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeLua, foreignValue } from '../../../src/formats/lua/encode.js';
import { parseLua } from '../../../src/formats/lua/parse.js';
import { type LuaValue, type Worth, worthOf } from '../../../src/formats/lua/value.js';
import { Refused } from '../../../src/formats/outcome.js';
import { valuesIn } from './judge.js';
import { findTool, need } from './tool.js';

/** What the last assignment of a program gives. */
function worthIn(program: string): Worth {
  const last = parseLua(program).statements.at(-1);
  assert(last?.is === 'assignment' && last.values[0]);
  return worthOf(program, last.values[0]);
}

const bytes = fc.array(fc.nat(255), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes));
const trouble = fc.constantFrom(
  '',
  '"',
  "'",
  '\\',
  ']]',
  ']=]',
  '--',
  '--[[',
  '\n',
  '\r\n',
  '\0',
  '\x001',
  '\\n',
  '$x',
  ';',
  '</script>',
  '" .. os.execute("x") .. "',
  '"\nVirtualHost "evil',
  '\x7f',
  '\xff',
);
const strings = fc.oneof(
  bytes,
  fc.array(trouble, { maxLength: 5 }).map((parts) => parts.join('')),
);

const known: readonly (readonly [string, LuaValue])[] = [
  ['v = "a\\n\\065\\x42\\z  \n c"', 'a\nABc'],
  ["v = 'it\\'s'", "it's"],
  ['v = [[\nline\r\nnext]]', 'line\nnext'],
  ['v = [==[ ]] ]==]', ' ]] '],
  ['v = "\\u{20AC}"', '\xe2\x82\xac'],
  ['v = "a\\\r\nb"', 'a\nb'],
  ['v = ("a")', 'a'],
  ['v = "a" .. "b" .. [[c]]', 'abc'],
  ['v = -5', -5],
  ['v = 0x10', 16],
  ['v = 1.5e3', 1500],
  ['v = true', true],
  ['v = {}', []],
  ['v = { "a"; "b", }', ['a', 'b']],
  ['v = { a = 1, ["b c"] = { true } }', { a: 1, 'b c': [true] }],
  ['v = { "x", n = 1 }', { '1': 'x', n: 1 }],
  ['local d = "x" v = "conference." .. d', 'conference.x'],
];

const computed = [
  'v = f()',
  'v = other',
  'v = os.getenv("X") or "y"',
  'v = 1 + 1',
  'v = { f() }',
  'v = { [k] = 1 }',
  'local d = "x" d = "y" v = d',
  'local t = { "x" } v = t',
  'local a, b = f() v = a',
  'v = function() end',
  'v = 0x.8p1',
];

describe('the worth of a Lua expression', () => {
  for (const [program, value] of known) {
    it(`is known of ${JSON.stringify(program)}`, () =>
      assert.deepEqual(worthIn(program), { is: 'known', value }));
  }

  for (const program of computed) {
    it(`is computed of ${program}`, () => assert.equal(worthIn(program).is, 'computed'));
  }

  it('is nil of nil', () => assert.equal(worthIn('v = nil').is, 'nil'));

  it('stays cheap when locals double each other', () => {
    const doubling = Array.from({ length: 150 }, (_, at) => `local a${at + 1} = a${at} .. a${at}`).join('\n');
    assert.equal(worthIn(`local a0 = "xx"\n${doubling}\nv = a150`).is, 'computed');
  });
});

describe('the Lua encoder', () => {
  it('writes any bytes as a string that reads back as itself, in either quotation marks', () => {
    fc.assert(
      fc.property(strings, fc.constantFrom('"', "'"), (text, quote) => {
        const source = encodeLua(text, quote);
        assert.deepEqual(worthIn(`v = ${source}`), { is: 'known', value: text });
        assert.doesNotMatch(source, /[\x00-\x1f\x7f]/);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes lists, tables, numbers and booleans', () => {
    assert.equal(
      encodeLua(foreignValue({ a: ['x', 1, true], 'b c': {}, end: -0.5 })),
      '{ a = { "x", 1, true }, ["b c"] = {}, ["end"] = -0.5 }',
    );
  });

  it('takes Unicode as UTF-8 and refuses half of a surrogate pair and numbers that Lua cannot write', () => {
    assert.equal(foreignValue('ü'), '\xc3\xbc');
    for (const value of ['\ud800', Number.NaN, Number.POSITIVE_INFINITY, ['\udfff']]) {
      assert.throws(
        () => foreignValue(value),
        (error) => error instanceof Refused && error.code === 'value-not-encodable',
      );
    }
  });

  for (const version of ['lua5.1', 'lua5.2', 'lua5.4']) {
    it(`writes strings that ${version} reads as the same bytes`, function () {
      const lua = findTool(version);
      need(this, lua, version);
      const all = fc.sample(strings, 2000);
      const expected = all.map((text) => `s${Buffer.from(text, 'latin1').toString('hex')}`);
      assert.deepEqual(
        valuesIn(
          lua,
          all.map((text) => encodeLua(text)),
        ),
        expected,
      );
    });
  }
});
