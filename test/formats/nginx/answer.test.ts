import assert from 'node:assert/strict';
import { type Answer, answeringLocation } from '../../../src/formats/nginx/index.js';
import { type Server, serversIn } from '../../../src/formats/nginx/server.js';
import { parseNginxText } from '../../../src/formats/nginx/tree.js';

const serverOf = (...body: readonly string[]): Server => {
  const [server] = serversIn(parseNginxText(`server {\nlisten 443 ssl;\n${body.join('\n')}\n}`));
  assert.ok(server);
  return server;
};

/** One word for an answer: the location's match, or what else nginx does. */
const brief = (answer: Answer): string =>
  answer.is === 'location' ? answer.match : answer.is === 'redirect' ? `redirect ${answer.match}` : answer.is;

describe('the location simulator', () => {
  const proxy = '{ proxy_pass http://127.0.0.1:1; }';
  const table: readonly (readonly [what: string, body: readonly string[], path: string, expected: string])[] =
    [
      [
        'an exact location before all',
        ['location = /a {}', 'location ~ . {}', 'location ^~ /a {}'],
        '/a',
        '= /a',
      ],
      [
        'the longest prefix, wherever it stands',
        ['location /a/b/ {}', 'location / {}', 'location /a/ {}'],
        '/a/b/c',
        '/a/b/',
      ],
      [
        'a regex before a longer plain prefix',
        ['location /realms/ {}', 'location ~ ^/([^/]+)/(.*)$ {}'],
        '/realms/x',
        '~ ^/([^/]+)/(.*)$',
      ],
      [
        'a ^~ prefix before every regex',
        ['location ~ ^/([^/]+)/(.*)$ {}', 'location ^~ /realms/ {}'],
        '/realms/x',
        '^~ /realms/',
      ],
      [
        'a regex when a longer plain prefix hides the ^~ one',
        ['location ~ x$ {}', 'location ^~ /a/ {}', 'location /a/b/ {}'],
        '/a/b/x',
        '~ x$',
      ],
      [
        'the first of two regexes',
        ['location ~ ^/b {}', 'location ~ a {}', 'location ~ ^/a {}'],
        '/a',
        '~ a',
      ],
      ['a caseless regex', ['location ~* \\.PNG$ {}'], '/a.png', '~* \\.PNG$'],
      ['a case-sensitive regex otherwise', ['location ~ \\.PNG$ {}'], '/a.png', 'server'],
      ['never a named location', ['location @a {}', 'location / {}'], '/@a', '/'],
      ['a nested location', ['location /a/ { location /a/b {} location ~ z {} }'], '/a/b', '/a/b'],
      ['a nested regex', ['location /a/ { location /a/b {} location ~ z {} }'], '/a/bz', '~ z'],
      [
        'an outer regex over a nested prefix',
        ['location /a/ { location /a/b {} }', 'location ~ z {}'],
        '/a/bz',
        '~ z',
      ],
      [
        'a nested location under ^~ over an outer regex',
        ['location ^~ /a/ { location /a/b {} }', 'location ~ z {}'],
        '/a/bz',
        '/a/b',
      ],
      [
        'a redirect one slash short of a proxied prefix',
        [`location ^~ /res/ ${proxy}`, 'location ~ . {}'],
        '/res',
        'redirect ^~ /res/',
      ],
      ['no such redirect without a proxy', ['location ^~ /res/ {}', 'location ~ . {}'], '/res', '~ .'],
      [
        'no such redirect where the name itself is a location',
        [`location /res/ ${proxy}`, 'location = /res {}'],
        '/res',
        '= /res',
      ],
      ['decoded paths', ['location /a/b {}'], '/%61%2fb', '/a/b'],
      ['merged slashes', ['location /a/b {}'], '//a///b', '/a/b'],
      [
        'slashes as they are when told so',
        ['merge_slashes off;', 'location /a/b {}', 'location // {}'],
        '//a//b',
        '//',
      ],
      ['resolved dots', ['location /realms/ {}', 'location / {}'], '/x/../realms/./y', '/realms/'],
      [
        'dots that are escaped',
        ['location /realms/master/ {}', 'location /realms/r/ {}'],
        '/realms/r/..%2fmaster/',
        '/realms/master/',
      ],
      ['400 above the root', ['location / {}'], '/../x', 'bad-request'],
      ['400 for a zero byte', ['location / {}'], '/%00', 'bad-request'],
      ['the path without its query', ['location = /a {}'], '/a?b=/c', '= /a'],
      ['a question mark that is escaped', ['location = /a {}', 'location /a? {}'], '/a%3fb', '/a?'],
      ['UTF-8 in the file and in the path', ['location /\xc3\xa9 {}'], '/%C3%A9x', '/\xc3\xa9'],
      ['a return of the server', ['return 301 https://x;', 'location / {}'], '/', 'server-rewrite'],
      [
        'a rewrite of the server that does not match',
        ['rewrite ^/old /new permanent;', 'location / {}'],
        '/',
        '/',
      ],
      [
        'no guess after a rewrite of the server',
        ['rewrite ^/old /new;', 'location / {}'],
        '/old',
        'cannot-tell',
      ],
      [
        'no guess after a regex that is not modelled',
        ['location ~ ^/(a)\\1 {}', 'location ~ . {}'],
        '/aa',
        'cannot-tell',
      ],
      ['nothing for a server without locations', [], '/', 'server'],
    ];
  for (const [what, body, path, expected] of table) {
    it(`finds ${what}`, () => assert.equal(brief(answeringLocation(serverOf(...body), path)), expected));
  }

  it('names what it cannot see: included files and conditions', () => {
    const server = serverOf(
      'include x/*.conf;',
      'if ($host = a) { return 403; }',
      'location / { include y; }',
    );
    const { caveats } = answeringLocation(server, '/');
    assert.deepEqual(
      caveats.map(({ is, written, at }) => [is, written, at.line]),
      [
        ['include', 'include x/*.conf;', 3],
        ['condition', 'if ($host = a)', 4],
        ['include', 'include y;', 5],
      ],
    );
  });
});
