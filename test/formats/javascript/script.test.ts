import assert from 'node:assert/strict';
import { inclusionsIn, maskInclusions } from '../../../src/formats/javascript/inclusion.js';
import { nodesWithin } from '../../../src/formats/javascript/node.js';
import { parseScript } from '../../../src/formats/javascript/script.js';
import { Refused } from '../../../src/formats/outcome.js';
import { foreignText, positionAt, readableText } from '../../../src/formats/source.js';

describe('The server-side includes of a script', () => {
  for (const [code, found] of [
    ['var a = "<!--# echo var="a" default="" -->";', ['<!--# echo var="a" default="" -->']],
    ["'<!--#echo var='-->' -->' b", ["<!--#echo var='-->' -->"]],
    ['<!--# echo var="a\\"-->" --> b -->', ['<!--# echo var="a\\"-->" -->']],
    ['<!--# echo var="a --> b', ['<!--# echo var="a -->']],
    ['<!-- no include --> <!--# set', []],
    ['<!--#a--><!--#b-->', ['<!--#a-->', '<!--#b-->']],
    [`<!--# ${'x'.repeat(2000)} --> <!--#a-->`, ['<!--#a-->']],
    ['"<!--#\necho var="a"\n-->"', ['<!--#\necho var="a"\n-->']],
  ] as const) {
    it(`are found in ${JSON.stringify(code).slice(0, 60)}`, () => {
      assert.deepEqual(
        inclusionsIn(code).map(({ start, end }) => code.slice(start, end)),
        found,
      );
    });
  }

  it('are masked at equal length: letters for what prints, spaces for what does not', () => {
    const code = 'a<!--# echo var="a" -->b<!--# set var="a" value="b" -->c';
    const masked = maskInclusions(code, inclusionsIn(code));
    assert.match(masked, /^aª{22}b {31}c$/);
    assert.equal(masked.length, code.length);
  });
});

describe('A parsed script', () => {
  const sliceOf = (text: string, type: string): readonly string[] => {
    const script = parseScript(text);
    const nodes = [...nodesWithin(script.program)].filter((node) => node.type === type);
    return nodes.map(({ start, end }) => readableText(script.text.slice(start, end))).toSorted();
  };

  it('has its nodes, comments and commas at byte offsets', () => {
    const text = foreignText("\ufeff// é 😀\nvar ä = ['ö😀', 'x'], b; /* ü */");
    assert.deepEqual(sliceOf(text, 'Literal'), ["'x'", "'ö😀'"]);
    assert.deepEqual(sliceOf(text, 'Identifier'), ['b', 'ä']);
    const { comments, commas } = parseScript(text);
    assert.deepEqual(
      comments.map(({ start, end }) => readableText(text.slice(start, end))),
      ['// é 😀', '/* ü */'],
    );
    assert.deepEqual(
      commas.map((at) => text[at]),
      [',', ','],
    );
  });

  it('is read as a browser reads it: U+2028 ends a comment, U+00A0 is a space', () => {
    assert.deepEqual(sliceOf(foreignText('// a\u2028b;'), 'Identifier'), ['b']);
    assert.deepEqual(sliceOf(foreignText('var\u00a0a;'), 'Identifier'), ['a']);
  });

  it('has its strings as a browser has them, whatever the length of their letters in bytes', () => {
    for (const text of ['é', 'ไ', '漢', '😀', '\u0800', '\uffff', '\u{10ffff}']) {
      const values = [...nodesWithin(parseScript(foreignText(`'${text}'`)).program)].map((node) =>
        node.type === 'Literal' ? node.value : undefined,
      );
      assert.ok(values.includes(text), text);
    }
  });

  it('may hold bytes that are no text where JavaScript allows anything', () => {
    assert.deepEqual(sliceOf("// \xff\xc3\n'\xe9', a", 'Identifier'), ['a']);
    assert.deepEqual(sliceOf('/* \xed\xa0\x80 \xf5 \xc0\x80 */ a', 'Identifier'), ['a']);
  });

  it('tells line and column, in bytes, of what is no JavaScript', () => {
    for (const [text, line, column] of [
      ['a b', 1, 3],
      ['\r\n  `', 2, 4],
      [foreignText("'éé' b"), 1, 8],
      ['a\n"<!--# echo var="b" -->" c', 2, 26],
    ] as const) {
      assert.throws(
        () => parseScript(text),
        (error) =>
          error instanceof Refused &&
          error.code === 'syntax' &&
          error.at.line === line &&
          error.at.column === column,
      );
    }
  });

  it('keeps offsets true behind an include', () => {
    const text = 'var a = "<!--# echo var="é" -->", b;';
    const script = parseScript(foreignText(text));
    const { comments, inclusions } = script;
    assert.deepEqual([comments.length, inclusions.length], [0, 1]);
    assert.deepEqual(sliceOf(foreignText(text), 'Identifier'), ['a', 'b']);
    assert.deepEqual(positionAt(script.text, script.commas[0] ?? -1), { line: 1, column: 34 });
  });
});
