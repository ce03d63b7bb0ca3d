import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Refused } from '../../../src/formats/outcome.js';
import {
  argumentsOf,
  directivesNamed,
  type Item,
  parseNginx,
  parseNginxText,
} from '../../../src/formats/nginx/tree.js';
import { freePorts, hasLua, inHttp, needsNginx, nginxTest, startNginx, stubFolder } from './real-nginx.js';

/** The words of the first directive. */
function wordsOf(text: string): readonly string[] {
  const [first] = parseNginxText(text).children;
  assert.ok(first && first.is !== 'comment');
  return [first.name, ...argumentsOf(first)];
}

function refusalOf(text: string): string {
  try {
    parseNginxText(text);
  } catch (error) {
    assert.ok(error instanceof Refused);
    return `${error.at.line}:${error.at.column} ${error.reason}`;
  }
  return assert.fail(`not refused: ${text}`);
}

/** What a file is made of, without offsets. */
const shape = (items: readonly Item[]): readonly unknown[] =>
  items.map((item) =>
    item.is === 'block' ? [item.name, shape(item.children)] : item.is === 'comment' ? '#' : item.name,
  );

describe('the nginx reader takes words as nginx does', () => {
  const table: readonly (readonly [what: string, text: string, words: readonly string[]])[] = [
    [
      'quotes only at the start of a word',
      `location ~ ^/([^/?&:'"]+)$ ;`,
      ['location', '~', `^/([^/?&:'"]+)$`],
    ],
    ['# only at the start of a word', 'rewrite ^/a#b /c ;', ['rewrite', '^/a#b', '/c']],
    ['a comment inside a directive', 'a b # c; d\n e;', ['a', 'b', 'e']],
    ['a brace after a dollar as part of the word', 'root /x/${host}/y;', ['root', '/x/${host}/y']],
    ['a brace in quotes', `return 200 '{"a":1}';`, ['return', '200', '{"a":1}']],
    ['the six escapes and no other', String.raw`a "\"\'\\\t\r\n\.\$";`, ['a', '"\'\\\t\r\n\\.\\$']],
    [
      'an escaped separator as part of a bare word, with its backslash',
      String.raw`a b\ c\;d;`,
      ['a', String.raw`b\ c\;d`],
    ],
    ['a parenthesis after a closing quote as a new word', 'if ($x = "y") ;', ['if', '($x', '=', 'y', ')']],
    ['an empty quoted word', `a '' "";`, ['a', '', '']],
    ['a line break in quotes', 'a "b\r\nc";', ['a', 'b\r\nc']],
    ['a quoted directive name', '"a b" c;', ['a b', 'c']],
    ['no space before the brace', 'server_name a;', ['server_name', 'a']],
    ['a closing brace inside a word', 'a b}c};', ['a', 'b}c}']],
    ['bytes that are no UTF-8', 'a \xff\xfe;', ['a', '\xff\xfe']],
  ];
  for (const [what, text, words] of table) it(what, () => assert.deepEqual(wordsOf(text), words));

  it('an unquoted brace after a regular expression as the start of a block', () => {
    assert.deepEqual(shape(parseNginxText('location ~ ^/a{2;}').children), [['location', ['2']]]);
  });

  it('a Lua body by the rules of Lua', () => {
    const lua =
      'content_by_lua_block { -- }\n a = "}" b = [==[ } ]] }]==] c = \'}\' d = {{}} --[[ } ]] e = " \n } after;';
    assert.deepEqual(shape(parseNginxText(lua).children), ['content_by_lua_block', 'after']);
  });
});

describe('the nginx reader refuses, with line and column,', () => {
  const table: readonly (readonly [what: string, text: string, refusal: RegExp])[] = [
    ['a missing semicolon at the end', 'a;\n b c', /^2:4 the file ends before this directive's ";"/],
    ['a missing semicolon before a brace', 'a {\n b }', /^2:4 unexpected "}": directive "b" has no ";"/],
    ['an open block', 'a;\nb { c;', /^2:1 this block has no closing/],
    ['a brace too many', 'a;\n}', /^2:1 unexpected "}": no block/],
    ['a lone semicolon', 'a; ;', /^1:4 unexpected ";"/],
    ['a template', 'a;\nb "x" {{ value }};', /^2:7 this is a template/],
    ['a block in a block without a name', 'a { { b; } }', /^1:5 unexpected "{"/],
    ['an open quote', 'a;\nb "c;\n', /^2:3 the file ends before this quote is closed/],
    ['text right after a closing quote', 'a "b"c;', /^1:6 unexpected "c" after a closing quote/],
    ['an open Lua block', 'content_by_lua_block { "}"', /^1:1 this Lua block has no closing/],
    ['nesting without end', 'a {'.repeat(500), /nested more than 100 blocks deep/],
  ];
  for (const [what, text, refusal] of table) it(what, () => assert.match(refusalOf(text), refusal));

  it('a byte order mark', () => {
    assert.throws(() => parseNginx(Buffer.from('\ufeffuser x;')), { code: 'byte-order-mark' });
  });
});

describe('the nginx reader agrees with a real nginx', () => {
  const folder = stubFolder();
  after(() => folder.remove());

  const piece = fc.constantFrom(
    ...[
      'a',
      'b',
      ' ',
      ' ',
      '\t',
      '\n',
      '\r',
      ';',
      ';',
      '{',
      '}',
      '"',
      "'",
      '\\',
      '#',
      '$',
      '(',
      ')',
      '~',
      '=',
      '\xe9',
      '}\n',
    ],
  );
  const soup = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => `a ${pieces.join('')}\n;`);

  const readable = (text: string): boolean => {
    try {
      parseNginxText(text);
      return true;
    } catch {
      return false;
    }
  };

  it('on which of 400 random texts can be read', function () {
    needsNginx(this);
    this.timeout(30_000);
    let [refused, judged] = [0, 0];
    for (const text of fc.sample(soup, { seed: 4, numRuns: 400 })) {
      // Inside `types`, nginx takes any directive but no block: there only reading can fail.
      const config = inHttp(`types {\n${text}\n}`);
      const { accepts, says } = nginxTest(folder.path, config);
      if (stopsEarlier(says)) continue;
      const ours = readable(config) && !parseNginxText(config).children.some(holdsBlockInTypes);
      judged += 1;
      if (!accepts) refused += 1;
      assert.equal(ours, accepts, `${JSON.stringify(text)}: ${says}`);
    }
    assert.ok(
      refused > 50 && judged - refused > 50,
      `${refused} of ${judged} refused: the texts test nothing`,
    );
  });

  it('on the longest word and the longest comment', function () {
    needsNginx(this);
    this.timeout(10_000);
    const shapes: readonly ((length: number) => string)[] = [
      (length) => `a ${'x'.repeat(length)};`,
      (length) => `a "${'x'.repeat(length)}";`,
      (length) => `#${'x'.repeat(length)}\na;`,
    ];
    for (const [index, write] of shapes.entries()) {
      for (const pad of [0, 1, 700]) {
        for (const length of [4090, 4093, 4094, 4095, 4096, 4097]) {
          const config = inHttp(`types {\n${'\n'.repeat(pad)}${write(length)} b c;\n}`);
          const { accepts } = nginxTest(folder.path, config);
          assert.equal(readable(config), accepts, `shape ${index}, ${length} bytes`);
        }
      }
    }
  });

  it('on the value of 300 random words', async function () {
    needsNginx(this);
    this.timeout(10_000);
    const chars = fc.constantFrom(
      ...['a', '.', '"', "'", '\\', '\\', 'n', 't', '#', '{', '}', ';', ' ', '\t', '~', '\xe9', '('],
    );
    const word = fc
      .tuple(fc.constantFrom('', '"', "'"), fc.array(chars, { maxLength: 8 }))
      .map(([quote, inner]) => `${quote}${inner.join('')}${quote}`)
      .filter((text) => readsAsOneWord(text));
    const words = fc.sample(word, { seed: 5, numRuns: 300 });
    const [port = 0] = await freePorts(1);
    const locations = words.map((text, index) => `location = /${index} { return 200 ${text}; }`);
    const nginx = await startNginx(
      folder.path,
      inHttp(`server { listen 127.0.0.1:${port};\n${locations.join('\n')}\n}`),
    );
    try {
      for (const [index, text] of words.entries()) {
        const { body } = await nginx.get(port, 'x', `/${index}`);
        assert.equal(body, wordsOf(`return 200 ${text};`)[2], text);
      }
    } finally {
      await nginx.stop();
    }
  });

  it('on where a Lua block ends', function () {
    if (!hasLua)
      console.warn('NOT RUN: the Lua module of nginx is not installed (Debian: libnginx-mod-http-lua)');
    needsNginx(this);
    if (!hasLua) this.skip();
    this.timeout(30_000);
    const lua = fc.constantFrom(
      ...['{', '}', '"', "'", '\\', '--', '[[', ']]', '[=[', ']=]', '\n', 'a', ' ', '-', '[', ']'],
    );
    let [refused, judged] = [0, 0];
    for (const pieces of fc.sample(fc.array(lua, { maxLength: 10 }), { seed: 6, numRuns: 300 })) {
      const config = inHttp(`server { location / { content_by_lua_block {a ${pieces.join('')}} } }`);
      const { says } = nginxTest(folder.path, config);
      if (stopsEarlier(says)) continue;
      // The module compiles the body too: only what nginx says about reading counts.
      const accepts = !/unexpected "|unexpected end of file|missing the closing/.test(says);
      judged += 1;
      if (!accepts) refused += 1;
      assert.equal(readable(config), accepts, `${pieces.join('')}: ${says}`);
    }
    assert.ok(
      refused > 50 && judged - refused > 50,
      `${refused} of ${judged} refused: the texts test nothing`,
    );
  });
});

/** Whether nginx stopped at a directive that it does not know, before it read the rest. */
const stopsEarlier = (says: string): boolean =>
  /unknown directive|is not terminated by|has no opening|invalid number of arguments|is not allowed here|no runnable Lua/.test(
    says,
  );

function readsAsOneWord(text: string): boolean {
  try {
    const { children } = parseNginxText(`return 200 ${text};`);
    return children.length === 1 && children[0]?.is === 'simple' && argumentsOf(children[0]).length === 2;
  } catch {
    return false;
  }
}

/** Whether a file holds a block inside `types`, which nginx allows nowhere. */
function holdsBlockInTypes(item: Item): boolean {
  if (item.is !== 'block') return false;
  const types = directivesNamed(item.children, 'types');
  return types.some((each) => each.is === 'block' && each.children.some((child) => child.is === 'block'));
}
