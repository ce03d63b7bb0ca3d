import assert from 'node:assert/strict';
import { appended, withoutEntries } from '../../../src/formats/lua/list.js';
import { parseLua } from '../../../src/formats/lua/parse.js';
import type { TableExpression } from '../../../src/formats/lua/tree.js';
import { spliced } from '../../../src/formats/splice.js';

function tableIn(text: string): {
  readonly chunk: ReturnType<typeof parseLua>;
  readonly table: TableExpression;
} {
  const chunk = parseLua(text);
  const last = chunk.statements.findLast(({ is }) => is === 'assignment');
  const table = last?.is === 'assignment' ? last.values[0] : undefined;
  assert(table?.is === 'table');
  return { chunk, table };
}

function added(text: string, ...entries: readonly string[]): string {
  const { chunk, table } = tableIn(text);
  return spliced(text, appended(chunk, table, entries));
}

function taken(text: string, ...places: readonly number[]): string {
  const { chunk, table } = tableIn(text);
  const gone = new Set(table.fields.filter((_, at) => places.includes(at)));
  return spliced(text, withoutEntries(chunk, table, gone));
}

const additions: readonly (readonly [why: string, before: string, after: string])[] = [
  ['an empty one', 't = {}', 't = { "n" }'],
  ['an empty one with a blank', 't = { }', 't = { "n" }'],
  ['an empty one over lines', 't = {\n}', 't = {\n    "n";\n}'],
  ['an empty one with blank lines', '  t = {\n\n\n  }', '  t = {\n      "n";\n\n\n  }'],
  ['one with comments only', 't = {\n\t--"a";\n}', 't = {\n\t"n";\n\t--"a";\n}'],
  ['one on a line, with commas', 't = { "a", "b" }', 't = { "a", "b", "n" }'],
  ['one on a line, without blanks', 't = {"a","b"}', 't = {"a","b","n"}'],
  ['one on a line, closed by a separator', 't = { "a"; "b"; }', 't = { "a"; "b"; "n"; }'],
  ['a single entry', 't = { "a" }', 't = { "a", "n" }'],
  ['one a line', 't = {\n  "a";\n  "b";\n}', 't = {\n  "a";\n  "b";\n  "n";\n}'],
  ['one a line, the last open', 't = {\n  "a",\n  "b"\n}', 't = {\n  "a",\n  "b",\n  "n"\n}'],
  ['a comment behind the last', 't = {\n "a"; -- why\n}', 't = {\n "a"; -- why\n "n";\n}'],
  ['a comment behind an open last', 't = {\n "a" -- why\n}', 't = {\n "a"; -- why\n "n"\n}'],
  ['a commented entry last', 't = {\n "a";\n --"b";\n}', 't = {\n "a";\n "n";\n --"b";\n}'],
  ['a separator before a comment', 't = {\n "a" --[[ x ]] ;\n}', 't = {\n "a" --[[ x ]] ;\n "n";\n}'],
  ['the brace on the last line', 't = {\n  "a";\n  "b" }', 't = {\n  "a";\n  "b";\n  "n" }'],
  ['several a line', 't = {\n "a", "b",\n "c", "d"\n}', 't = {\n "a", "b",\n "c", "d", "n"\n}'],
  ['Windows line endings', 't = {\r\n\t"a";\r\n}\r\n', 't = {\r\n\t"a";\r\n\t"n";\r\n}\r\n'],
  ['a block comment over lines', 't = {\n "a"; --[[\n "x";\n]]\n}', 't = {\n "a"; --[[\n "x";\n]]\n "n";\n}'],
];

const removals: readonly (readonly [
  why: string,
  before: string,
  places: readonly number[],
  after: string,
])[] = [
  ['the only one', 't = { "a" }', [0], 't = { }'],
  ['the first on a line', 't = { "a", "b" }', [0], 't = { "b" }'],
  ['the last on a line', 't = { "a", "b" }', [1], 't = { "a" }'],
  ['the middle on a line', 't = { "a", "b", "c" }', [1], 't = { "a", "c" }'],
  ['two at the end', 't = {"a","b","c"}', [1, 2], 't = {"a"}'],
  ['a line', 't = {\n  "a";\n  "b";\n}', [1], 't = {\n  "a";\n}'],
  ['the last line when it is open', 't = {\n  "a",\n  "b"\n}', [1], 't = {\n  "a"\n}'],
  ['one with a comment, which stays', 't = {\n  "a"; -- why\n  "b";\n}', [0], 't = {\n  -- why\n  "b";\n}'],
  ['a line with Windows endings', 't = {\r\n\t"a";\r\n\t"b";\r\n}', [0], 't = {\r\n\t"b";\r\n}'],
];

describe('a Lua list', () => {
  for (const [why, before, after] of additions) {
    it(`is added to: ${why}`, () => assert.equal(added(before, '"n"'), after));
  }

  it('takes several entries at once', () => {
    assert.equal(added('t = { "a" }', '"n"', '"m"'), 't = { "a", "n", "m" }');
    assert.equal(added('t = {\n "a"\n}', '"n"', '"m"'), 't = {\n "a";\n "n";\n "m"\n}');
  });

  for (const [why, before, places, after] of removals) {
    it(`is taken from: ${why}`, () => assert.equal(taken(before, ...places), after));
  }
});
