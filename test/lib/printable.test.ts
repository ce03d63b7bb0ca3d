import assert from 'node:assert/strict';
import fc from 'fast-check';
import { printable, printableLine, printableProse } from '../../src/lib/printable.js';

/** [what it is, the text, what is shown] */
const PAYLOADS: readonly (readonly [string, string, string])[] = [
  ['nothing', '', ''],
  ['plain text', 'a b\tc\nd', 'a b\tc\nd'],
  ['letters of other scripts', 'é ß 漢字 עברית ไทย', 'é ß 漢字 עברית ไทย'],
  ['an emoji', '😀', '😀'],
  ['a colour', '\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
  ['a cursor that moves up', 'ok\x1b[1A\x1b[2Kgone', 'ok\\x1b[1A\\x1b[2Kgone'],
  ['a cleared screen', '\x1b[2J\x1b[H', '\\x1b[2J\\x1b[H'],
  ['a cleared history', '\x1b[3J', '\\x1b[3J'],
  ['a reset', '\x1bc', '\\x1bc'],
  ['a window title', '\x1b]0;title\x07', '\\x1b]0;title\\x07'],
  ['a window title with ST', '\x1b]2;title\x1b\\', '\\x1b]2;title\\x1b\\'],
  ['a question for the title', '\x1b[21t', '\\x1b[21t'],
  ['a question for the state', '\x1b[6n\x1b[c', '\\x1b[6n\\x1b[c'],
  [
    'a link',
    '\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\',
    '\\x1b]8;;http://evil\\x1b\\text\\x1b]8;;\\x1b\\',
  ],
  ['a clipboard', '\x1b]52;c;cm0gLXJm\x07', '\\x1b]52;c;cm0gLXJm\\x07'],
  ['a device control string', '\x1bP$qm\x1b\\', '\\x1bP$qm\\x1b\\'],
  ['an application command', '\x1b_Gf=100\x1b\\', '\\x1b_Gf=100\\x1b\\'],
  ['another character set', '\x1b(0lqk\x0e', '\\x1b(0lqk\\x0e'],
  ['the second screen', '\x1b[?1049h', '\\x1b[?1049h'],
  ['a mouse that reports', '\x1b[?1003h', '\\x1b[?1003h'],
  ['a hidden cursor', '\x1b[?25l', '\\x1b[?25l'],
  ['CSI as one character', '\x9b31m', '\\x9b31m'],
  ['OSC as one character', '\x9d0;t\x9c', '\\x9d0;t\\x9c'],
  ['DCS, SOS, PM and APC as one character', '\x90\x98\x9e\x9f', '\\x90\\x98\\x9e\\x9f'],
  ['the next line control', 'a\x85b', 'a\\x85b'],
  ['a line written over', 'safe\rrm -rf', 'safe\\rrm -rf'],
  ['a line ending of Windows', 'a\r\nb', 'a\\r\nb'],
  ['backspaces', 'abc\b\b\bxyz', 'abc\\x08\\x08\\x08xyz'],
  ['a bell', '\x07', '\\x07'],
  ['a form feed and a vertical tab', '\f\v', '\\x0c\\x0b'],
  ['a NUL and a DEL', 'a\0b\x7f', 'a\\x00b\\x7f'],
  ['text turned around', 'a\u202egpj.exe', 'a\\u202egpj.exe'],
  ['embeddings', '\u202a\u202b\u202c\u202d', '\\u202a\\u202b\\u202c\\u202d'],
  ['isolates', '\u2066a\u2067b\u2068c\u2069', '\\u2066a\\u2067b\\u2068c\\u2069'],
  ['direction marks', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
  ['zero width', 'a\u200bb\u200cc\u200dd\u2060e', 'a\\u200bb\\u200cc\\u200dd\\u2060e'],
  ['a soft hyphen', 'a\u00adb', 'a\\xadb'],
  ['a byte order mark', '\ufeffa', '\\ufeffa'],
  ['line and paragraph separators', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['tags, which show nothing', 'a\u{e0041}\u{e007f}b', 'a\\u{e0041}\\u{e007f}b'],
  ['interlinear annotations', '\ufff9a\ufffab\ufffb', '\\ufff9a\\ufffab\\ufffb'],
  ['halves of a pair', 'a\ud800b\udc00', 'a\\ud800b\\udc00'],
];

/** [what it is, the bytes as latin1, what is shown] */
const BYTES: readonly (readonly [string, string, string])[] = [
  ['text', '\xc3\xa9', 'é'],
  ['a byte that never begins anything', 'a\xffb', 'a\\xffb'],
  ['a letter cut off', 'a\xc3', 'a\\xc3'],
  ['a longer way to write a slash', '\xc0\xaf', '\\xc0\\xaf'],
  ['a longer way to write an escape', '\xe0\x80\x9b', '\\xe0\\x80\\x9b'],
  ['half of a pair', '\xed\xa0\x80', '\\xed\\xa0\\x80'],
  ['a number beyond Unicode', '\xf4\x90\x80\x80', '\\xf4\\x90\\x80\\x80'],
  ['latin1', 'caf\xe9 \xc3\xa9', 'caf\\xe9 é'],
  ['a control byte of latin1', '\x9b31m', '\\x9b31m'],
  ['the same control as UTF-8', '\xc2\x9b31m', '\\x9b31m'],
  ['a byte order mark', '\xef\xbb\xbfa', '\\ufeffa'],
  ['four bytes', '\xf0\x9f\x98\x80 \xff', '😀 \\xff'],
];

describe('Text from a host', () => {
  for (const [name, text, shown] of PAYLOADS) {
    it(`is safe to print: ${name}`, () => {
      assert.equal(printable(text), shown);
      if (!/\p{Cs}/u.test(text)) assert.equal(printable(Buffer.from(text)), shown);
    });
  }

  for (const [name, bytes, shown] of BYTES) {
    it(`may be bytes: ${name}`, () => assert.equal(printable(Buffer.from(bytes, 'latin1')), shown));
  }

  it('holds nothing that a terminal acts on, whatever it was', function () {
    this.timeout(30_000);
    const inert = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u;
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array()), (text) => {
        assert.match(printable(text).replaceAll(/[\n\t]/g, ''), inert);
        assert.match(printableLine(text), inert);
      }),
      { numRuns: 1000 },
    );
  });

  it('is prose on one line, cut where it is long', () => {
    assert.equal(printableProse(' Sign in\r\n\t to \x1b[1m x '), 'Sign in to \\x1b[1m x');
    assert.equal(printableProse('ab cd', 4), 'ab …');
  });

  it('keeps to one line where it belongs on one', () =>
    assert.equal(printableLine('a\n\tb\r\n'), 'a\\n\\tb\\r\\n'));
});
