import assert from 'node:assert/strict';
import fc from 'fast-check';
import { argumentValue, writeStatement, writeWord } from '../../../src/formats/nginx/argument.js';
import {
  editNginx,
  expectRoute,
  location,
  type NginxEdit,
  removeLocation,
  variable,
} from '../../../src/formats/nginx/index.js';
import { argumentsOf, parseNginxText } from '../../../src/formats/nginx/tree.js';
import { Refused } from '../../../src/formats/outcome.js';
import { bytesOf, foreignText, textOf } from '../../../src/formats/source.js';
import { freePorts, inHttp, needsNginx, startNginx, stubFolder } from './real-nginx.js';

const server = { server: 'meet.example.com' } as const;

/** Texts that try to break out of where they are put. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(
      ...['"', "'", '\\', ' ', ';', '{', '}', '#', '$', '\n', '\r', '\t', '\0', 'a', 'é', '(', '~', '='],
    ),
    maxLength: 12,
  }),
  fc.constantFrom(
    'a"; return 200 "x',
    "'; } server { listen 80; ",
    ']]',
    '</script>',
    '\u0000',
    'a\nproxy_pass http://evil;',
    '${host}',
    '\\',
    '\\"',
    '#',
    '}',
  ),
);

/** What a function gives, or undefined when it refuses. */
function unlessRefused<Value>(give: () => Value): Value | undefined {
  try {
    return give();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

describe('the encoder of nginx arguments', () => {
  it('writes any text as one word that reads back equal, or refuses it', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, two) => {
        const statement = unlessRefused(() => writeStatement(['add_header', one, two]));
        if (statement === undefined) {
          assert.match(one + two, /[\x00-\x1f\x7f$]/);
          return;
        }
        const { children } = parseNginxText(`a { ${statement}; } b;`);
        assert.equal(children.length, 2);
        const [block] = children;
        assert.ok(block?.is === 'block' && block.children.length === 1);
        const [inner] = block.children;
        assert.ok(inner?.is === 'simple');
        assert.deepEqual(argumentsOf(inner), [foreignText(one), foreignText(two)]);
      }),
      { numRuns: 3000 },
    );
  });

  it('uses quotes only where nginx needs them, and keeps regular expressions readable', () => {
    const table: readonly (readonly [string, string])[] = [
      ['404', '404'],
      ['http://127.0.0.1:18080/realms/r/', 'http://127.0.0.1:18080/realms/r/'],
      ['', '""'],
      ['a b', '"a b"'],
      ['a;b', '"a;b"'],
      ['#a', '"#a"'],
      ['a#b', 'a#b'],
      ['say "x"', `'say "x"'`],
      ['x"y', 'x"y'],
      ['^/a{2}$', '"^/a{2}$"'],
      ['\\.js$', '\\.js$'],
      ['a\\', 'a\\\\'],
      ['\\n', '\\\\n'],
      ['${host}x', '${host}x'],
    ];
    for (const [value, word] of table) assert.equal(writeWord(value), word);
  });

  it('writes variables only where they were meant', () => {
    assert.equal(
      writeStatement(
        ['set', ['$', 'a']].length ? ['set', variable('x'), ['https://', variable('host'), '/a']] : ['set'],
      ),
      'set $x https://$host/a',
    );
    assert.equal(argumentValue([variable('host'), 'name']), '${host}name');
    assert.throws(() => argumentValue('$host'), { code: 'unwritable' });
    assert.throws(() => argumentValue(variable('host; x')), { code: 'unwritable' });
    assert.throws(() => writeStatement(['return; x', 'y']), { code: 'unwritable' });
  });

  it('agrees with a real nginx about 400 texts', async function () {
    needsNginx(this);
    this.timeout(20_000);
    const texts = fc
      .sample(hostile, { seed: 9, numRuns: 600 })
      .filter((text) => text !== '' && unlessRefused(() => writeWord(argumentValue(text))));
    const folder = stubFolder();
    const [port = 0] = await freePorts(1);
    const locations = texts.map(
      (text, index) => `location = /${index} { ${writeStatement(['return', '200', text])}; }`,
    );
    const nginx = await startNginx(
      folder.path,
      inHttp(`server { listen 127.0.0.1:${port};\n${locations.join('\n')}\n}`),
    );
    try {
      assert.ok(texts.length > 300);
      for (const [index, text] of texts.entries()) {
        const { body } = await nginx.get(port, 'x', `/${index}`);
        assert.equal(body, foreignText(text));
      }
    } finally {
      await nginx.stop();
      folder.remove();
    }
  });
});

/** Sites in many layouts: line endings, tabs, one line, comments everywhere, no final newline. */
const site = fc
  .record({
    eol: fc.constantFrom('\n', '\r\n'),
    indent: fc.constantFrom('', '  ', '\t', '    '),
    http: fc.boolean(),
    items: fc.array(
      fc.constantFrom(
        ...[
          'root /x;',
          'root /y; # trailing',
          '# a comment { "',
          '',
          '   ',
          'location / { root /z; }',
          'location ~ ^/r {\n}',
          'location = /xmpp-websocket { }',
          '# one\n# two\nlocation /http-bind {\n# inside\nroot /x;\n}',
          'location ~ ^/é$ { root /é; } root /q;',
          'location /k { root /x; } location ~ ^/m {}',
          `set $a "{'";`,
          'if ($a) { return 403; }',
        ],
      ),
      { maxLength: 7 },
    ),
    close: fc.constantFrom('\n}', '}', '\n\n}', ' }', '\n  }'),
    end: fc.constantFrom('', '\n', '\n# end'),
  })
  .map(({ eol, indent, http, items, close, end }) => {
    const lines = items.flatMap((item) => item.split('\n')).map((line) => `\n${indent}${line}`);
    const needsLine = close[0] === '\n' || !(lines.at(-1) ?? '').includes('#');
    const body = `server {\n${indent}listen 443 ssl; server_name meet.example.com;${lines.join('')}${needsLine ? close : `\n${close}`}`;
    return foreignText((http ? `http {\n${body}\n}` : body) + end).replaceAll('\n', eol);
  });

const setOne: NginxEdit = location(
  '^~ /realms/jitsi/',
  [['proxy_pass', 'http://127.0.0.1:18080/realms/jitsi/']],
  server,
);
/** Nginx itself redirects to a proxied location. */
const meant: NginxEdit = expectRoute('/realms/jitsi', 'any', server);
const setTwo: NginxEdit = location('= /realms', [['return', '404']], server);

describe('editNginx on sites in any layout', () => {
  const readable = (text: string): boolean => unlessRefused(() => parseNginxText(text)) !== undefined;

  it('inserts, finds nothing to do again, keeps every byte, and removes to the same bytes', function () {
    this.timeout(30_000);
    let made = 0;
    fc.assert(
      fc.property(site, (text) => {
        fc.pre(readable(text));
        const outcome = editNginx(bytesOf(text), [setOne, setTwo, meant]);
        if (outcome.is === 'refused') assert.fail(`${outcome.refusal.code} ${outcome.refusal.message}`);
        assert.equal(outcome.is, 'edited');
        const after = textOf(outcome.bytes);
        let head = 0;
        while (head < text.length && text[head] === after[head]) head += 1;
        assert.ok(after.endsWith(text.slice(head)));
        assert.equal(/\r\n/.test(text), /\r\n/.test(after));
        assert.equal(/[^\r]\n/.test(text), /[^\r]\n/.test(after));
        assert.equal(editNginx(outcome.bytes, [setOne, setTwo, meant]).is, 'already');
        const out = editNginx(outcome.bytes, [
          removeLocation('= /realms', server),
          removeLocation('^~ /realms/jitsi/', server),
        ]);
        assert.equal(out.is, 'edited');
        assert.equal(textOf(out.bytes), text);
        made += 1;
      }),
      { numRuns: 1500, seed: 10 },
    );
    assert.ok(made > 1000);
  });

  it('never lets a realm or a path become anything but one location', () => {
    fc.assert(
      fc.property(hostile, (realm) => {
        const before = 'server {\n  listen 443 ssl; server_name meet.example.com;\n  location ~ ^/r {}\n}\n';
        const edit = location(
          `^~ /realms/${realm}/`,
          [['proxy_pass', `http://127.0.0.1:18080/realms/${realm}/`]],
          server,
        );
        const outcome = editNginx(bytesOf(before), [edit]);
        if (outcome.is === 'refused') return;
        assert.equal(outcome.is, 'edited');
        const { children } = parseNginxText(textOf(outcome.bytes));
        assert.equal(children.length, 1);
        const [block] = children;
        assert.ok(block?.is === 'block');
        assert.deepEqual(
          block.children.map((item) => (item.is === 'comment' ? '#' : item.name)),
          ['listen', 'server_name', 'location', 'location'],
        );
        const added = block.children[2];
        assert.ok(added?.is === 'block' && added.children.length === 1);
        assert.deepEqual(argumentsOf(added), ['^~', foreignText(`/realms/${realm}/`)]);
      }),
      { numRuns: 2000 },
    );
  });
});
