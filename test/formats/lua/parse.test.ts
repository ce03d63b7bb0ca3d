import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseLua } from '../../../src/formats/lua/parse.js';
import { Refused } from '../../../src/formats/outcome.js';
import { foreignText } from '../../../src/formats/source.js';
import { compiles } from './judge.js';
import { findTool, need } from './tool.js';

const accepted = [
  '',
  'x = 1',
  ';;;',
  'f "a" {b} (c)',
  'o:m"x":n{}',
  'x = {1, 2; 3, [4] = 5, six = 6,}',
  'x = [==[ ]] ]==] .. [[\n]]',
  '--[[ a\nb ]] x = 1 --[==[ ]] ]==]',
  'x = "a\\\nb\\z  \n  c\\x41\\u{48}\\065"',
  'local x <const>, y <close> = 1, nil',
  'x = 1 // 2 ~ 3 & 4 | 5 << 6 >> 7',
  'x = 0x1p4 + 0xA.8 + .5e-3 + 3.',
  'goto done; do ::done:: end ::done::',
  'for i = 1, 2 do local a; goto continue; ::continue:: end',
  'do goto l1; local a; ::l1:: end',
  'while true do break end',
  'while true do break; x = 1 end',
  'repeat local a = 1; if a then break end until a',
  'function a.b.c:d(...) return ... end',
  'local function f() return f end',
  'return',
  'return 1, 2;',
  'x = function(a, b, ...) end',
  'f\n(g)',
  'a.b["c"].d = 1',
  'a, b.c = f(), 2',
  'x = not -#~a ^ -b',
  'x = a < b == c',
  'if a then elseif b then else end',
  'do ::a:: end do ::a:: end',
  '-- a\rx = 1',
  `x = ${'('.repeat(150)}1${')'.repeat(150)}`,
  `x = 1${' + 1'.repeat(5000)}`,
  `x = f${'()'.repeat(5000)}`,
];

/* Each with the line and column of the refusal. */
const refused: readonly (readonly [string, number, number])[] = [
  ['x =', 1, 4],
  ['x = 1 = 2', 1, 7],
  ['x', 1, 2],
  ['f() = 1', 1, 1],
  ['(a) = 1', 1, 1],
  ['a.b', 1, 4],
  ['goto nolabel', 1, 1],
  ['::a:: ::a::', 1, 1],
  ['::a:: do ::a:: end', 1, 10],
  ['goto a; local b; ::a:: x = 1', 1, 1],
  ['repeat goto a; local b; ::a:: until b', 1, 8],
  ['break', 1, 1],
  ['while true do local f = function() break end end', 1, 36],
  ['x = "a\nb"', 1, 5],
  ["x = 'a", 1, 5],
  ['x = [[a', 1, 5],
  ['x = [=a', 1, 5],
  ['--[[ a', 1, 3],
  ['x = "\\q"', 1, 6],
  ['x = "\\300"', 1, 6],
  ['x = "\\u{80000000}"', 1, 6],
  ['x = 3x', 1, 5],
  ['x = 3..2', 1, 5],
  ['x = 0x', 1, 5],
  ['x = 1e', 1, 5],
  ['x = 1LL', 1, 5],
  ['x = `', 1, 5],
  ['x = a!', 1, 6],
  ['x = {1 2}', 1, 8],
  ['x = {', 1, 6],
  ['f(1', 1, 4],
  ['f(1,)', 1, 5],
  ['local x <foo> = 1', 1, 10],
  ['local x <const> = 1; x = 2', 1, 22],
  ['function f() return ... end', 1, 21],
  ['return 1 x = 2', 1, 10],
  ['if a then', 1, 10],
  ['end', 1, 1],
  ['for a = 1 do end', 1, 1],
  ['for a.b in c do end', 1, 6],
  ['x = and', 1, 5],
  ['goto = 1', 1, 6],
  ['x = function(..., a) end', 1, 17],
  ['function f(a,) end', 1, 14],
  ['x = \xfc', 1, 5],
  ['x = 1 y = 2 z', 1, 14],
  [`x = ${'('.repeat(250)}1${')'.repeat(250)}`, 1, 194],
  ['local a\n'.repeat(201), 201, 7],
];

const shortened = (program: string): string => JSON.stringify(program.slice(0, 50));

const isAccepted = (program: string): boolean => {
  try {
    parseLua(program);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
};

describe('the Lua parser', () => {
  for (const program of accepted) {
    it(`reads ${shortened(program)}`, () => assert.doesNotThrow(() => parseLua(program)));
  }

  for (const [program, line, column] of refused) {
    it(`refuses ${shortened(program)} at ${line}:${column}`, () =>
      assert.throws(
        () => parseLua(program),
        (error) => {
          assert(error instanceof Refused);
          assert.deepEqual([error.code, error.at], ['syntax', { line, column }]);
          return true;
        },
      ));
  }

  const pasted: readonly (readonly [program: string, reason: RegExp])[] = [
    ['x = “a”', /quotation mark of print/],
    ['x = ‘a’', /quotation mark of print/],
    ['x = 1 –– why', /dash of print/],
    ['x =\u00a01', /a blank that Lua does not skip/],
  ];
  for (const [program, reason] of pasted) {
    it(`says what was pasted in ${program}`, () =>
      assert.throws(() => parseLua(foreignText(program)), reason));
  }

  it('skips a byte order mark and a first line that starts with #, as luac does', () => {
    assert.equal(parseLua('\xef\xbb\xbf#!/usr/bin/lua\nx = 1').statements.length, 1);
  });
});

describe('the Lua parser beside a real Lua 5.4', () => {
  const lua = findTool('lua5.4');

  /* Pieces that are near to what Lua's rules turn on, put together at random. */
  const piece = fc.constantFrom(
    ...'x y = == 1 0x1 .5 3. "s" \'t\' [[l]] [=[m]=] { } ( ) [ ] , ; : . .. ... + - * // ~ ~= < > <const> # not'.split(
      ' ',
    ),
    ...'local function end do while if then else elseif repeat until for in return break goto l ::l:: ::m:: nil'.split(
      ' ',
    ),
    ...'true and or -- --[[c]] `'.split(' '),
    '\n',
    '\r',
  );
  const statement = fc.constantFrom(
    'x = 1',
    'local y = {x; "s"}',
    'f "a"',
    'f {b = 1}',
    'while x do break end',
    'goto l',
    '::l::',
    'do local a = 1 end',
    'if x then y = 2 else goto m end',
    '::m::',
    'repeat local q until q',
    'function g(...) return ... end',
    'for i = 1, 2 do end',
    'return',
    'VirtualHost "a" { b = 1 }',
    'x = -y ^ 2 .. "z"',
  );
  const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => ` ${pieces.join(' ')}`);
  const programs = fc.array(statement, { maxLength: 6 }).map((all) => all.join('\n'));
  const damaged = fc.tuple(programs, piece, fc.nat()).map(([program, extra, where]) => {
    const at = where % (program.length + 1);
    return ` ${program.slice(0, at)}${extra}${program.slice(at + extra.length)}`;
  });

  before(function () {
    need(this, lua, 'lua5.4');
  });

  it('accepts and refuses the same hand-made programs', () => {
    const all = [...accepted, ...refused.map(([program]) => program)];
    const verdicts = compiles(lua ?? '', all);
    assert.equal(verdicts.length, all.length);
    assert.deepEqual(
      all.filter((program, at) => isAccepted(program) !== verdicts[at]),
      [],
    );
  });

  it('accepts and refuses the same generated programs', function () {
    this.timeout(120_000);
    const size = process.env['ORCHESTRATE_LONG'] ? 100_000 : 6000;
    const all = fc.sample(fc.oneof(soup, programs, damaged), size);
    const verdicts = compiles(lua ?? '', all);
    assert.equal(verdicts.length, all.length);
    const wrong = all.filter((program, at) => isAccepted(program) !== verdicts[at]);
    assert.deepEqual(wrong.slice(0, 5), []);
    const valid = verdicts.filter(Boolean).length;
    assert(valid > size / 20 && valid < size, `${valid} of ${size} programs were valid`);
  });
});
