import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Answer,
  answeringLocation,
  answersOf,
  editNginx,
  findServer,
  parseNginx,
} from '../../../src/formats/nginx/index.js';
import { probes } from '../../../src/formats/nginx/probes.js';
import { type Server, serversIn } from '../../../src/formats/nginx/server.js';
import { argumentsOf, type Block, directivesNamed, parseNginxText } from '../../../src/formats/nginx/tree.js';
import { bytesOf, foreignText } from '../../../src/formats/source.js';
import { namesOf } from '../../../src/formats/nginx/server-name.js';
import { nginxCorpus } from './corpus.js';
import { signInEdits } from './sign-in-edits.js';
import {
  freePorts,
  inHttp,
  needsNginx,
  nginxTest,
  type Reply,
  startNginx,
  stubFolder,
} from './real-nginx.js';

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

/**
 * A server with the same locations, in which each location says its number.
 *
 * Everything else is left out, but the directives that decide about the redirect for a missing slash.
 */
function instrumented(server: Server, listen: string): string {
  let count = 0;
  const text = server.tree.text;
  const wordsIn = (block: Block): string =>
    text.slice(block.words[0]?.start ?? 0, block.words.at(-1)?.end ?? 0);
  const inner = (block: Block): string =>
    directivesNamed(block.children, 'location')
      .filter((child) => child.is === 'block')
      .map((child) => {
        count += 1;
        const pass = /^(proxy|fastcgi|uwsgi|scgi|grpc|memcached)_pass$/;
        const passes = child.children.some((item) => item.is === 'simple' && pass.test(item.name));
        const proxied = passes ? 'proxy_pass http://127.0.0.1:1;' : '';
        return `${wordsIn(child)} { return 200 ${count}; ${proxied} ${inner(child)} }\n`;
      })
      .join('');
  return `server { ${listen} root /nonexistent; merge_slashes ${server.mergeSlashes ? 'on' : 'off'};\n${inner(server.block)}}`;
}

/** What the simulator says a reply should look like; undefined where it cannot tell. */
function foretold(answer: Answer): string | undefined {
  switch (answer.is) {
    case 'location': {
      const [said] = directivesNamed(answer.location.block.children, 'return');
      return said && `200 ${argumentsOf(said)[1] ?? ''}`;
    }
    case 'redirect':
      return '301';
    case 'server':
      return '404';
    case 'bad-request':
      return '400';
    case 'server-rewrite':
    case 'cannot-tell':
      return undefined;
  }
}

const told = ({ status, body }: Reply): string => (status === 200 ? `200 ${body}` : String(status));

describe('the location simulator agrees with a real nginx', () => {
  const folder = stubFolder();
  after(() => folder.remove());

  interface Case {
    readonly what: string;
    readonly server: Server;
    readonly paths: readonly string[];
  }

  /** Runs all cases in one nginx and returns how many pairs were compared and how many could not be told. */
  async function compare(cases: readonly Case[]): Promise<{ pairs: number; untold: number }> {
    const [merging = 0, keeping = 0] = await freePorts(2);
    const port = ({ server }: Case): number => (server.mergeSlashes ? merging : keeping);
    const texts = cases.map((each, index) =>
      instrumented(each.server, `listen 127.0.0.1:${port(each)}; server_name c${index}.test;`),
    );
    const nginx = await startNginx(
      folder.path,
      inHttp(`server_names_hash_max_size 4096; access_log off;\n${texts.join('\n')}`),
    );
    let [pairs, untold] = [0, 0];
    try {
      for (const [index, each] of cases.entries()) {
        const [server] = serversIn(parseNginxText(texts[index] ?? ''));
        assert.ok(server);
        const answer = answersOf(server);
        for (const path of each.paths) {
          const expected = foretold(answer(path));
          const real = told(await nginx.get(port(each), `c${index}.test`, path));
          if (expected === undefined) untold += 1;
          else assert.equal(real, expected, `${each.what}: ${path}\n${texts[index] ?? ''}`);
          pairs += 1;
        }
      }
    } finally {
      await nginx.stop();
    }
    return { pairs, untold };
  }

  const accepted = (server: Server): boolean =>
    nginxTest(folder.path, inHttp(instrumented(server, 'listen 127.0.0.1:8080;'))).accepts;

  it('on generated sites', async function () {
    needsNginx(this);
    const long = process.env['ORCHESTRATE_LONG'] === '1';
    this.timeout(long ? 300_000 : 60_000);
    const sites = fc.sample(siteText, { seed: 7, numRuns: long ? 2000 : 220 });
    const paths = fc.sample(fc.uniqueArray(pathText, { minLength: 30, maxLength: 40 }), {
      seed: 8,
      numRuns: sites.length,
    });
    const cases = sites.flatMap((text, index): Case[] => {
      const [server] = serversIn(parseNginxText(text));
      assert.ok(server);
      return accepted(server) ? [{ what: text, server, paths: paths[index] ?? [] }] : [];
    });
    const { pairs, untold } = await compare(cases);
    console.info(
      `      ${cases.length} generated sites of ${sites.length} accepted, ${pairs} pairs, ${untold} not told`,
    );
    assert.ok(pairs >= 1500 && untold === 0);
  });

  it('on every server of the corpus, as it is and with sign-in', async function () {
    needsNginx(this);
    this.timeout(60_000);
    const cases = nginxCorpus().flatMap(({ name, bytes }): Case[] =>
      readableServers(bytes)
        .flatMap((server) => [server, ...withSignIn(server)])
        .filter(accepted)
        .map((server) => ({
          what: name,
          server,
          paths: [...probes([server])].filter((path) => !/[^\x21-\x7e]/.test(path)),
        })),
    );
    if (cases.length === 0) {
      console.warn('NOT RUN: the corpus is not there');
      this.skip();
    }
    const { pairs, untold } = await compare(cases);
    console.info(`      ${cases.length} servers of the corpus, ${pairs} pairs, ${untold} not told`);
    assert.ok(pairs >= 2000 && untold < pairs / 20);
  });
});

/** The same server after the sign-in edits, when it is one that they are for. */
function withSignIn({ tree, block }: Server): readonly Server[] {
  const domain = namesOf(tree, block).find((name) => /^[\w<$-]/.test(name)) ?? 'meet.example.com';
  const outcome = editNginx(bytesOf(tree.text), signInEdits({ domain }));
  return outcome.is === 'edited' ? [findServer(parseNginx(outcome.bytes), { domain })] : [];
}

function readableServers(bytes: Uint8Array): readonly Server[] {
  try {
    return serversIn(parseNginx(bytes));
  } catch {
    return [];
  }
}

const names = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/a/b/',
  '/ab',
  '/A',
  '/realms',
  '/realms/',
  '/realms/r/',
  '/res/',
  '/a%b',
  '/a b',
  '/é',
  '//',
  '/a//',
];
const regexes = [
  '^/a',
  'b$',
  '^/([^/?&:\'"]+)$',
  '^/([^/?&:\'"]+)/(.*)$',
  '\\.(js|css)$',
  '^/(?:a|realms)/',
  '/b(?!/)',
  '(?<=/)r',
  '^/.{2}$',
  '^/[[:alpha:]]+$',
  '\\bb',
  '(?i)REALMS',
  '^/a+?b*$',
  '^/\\w{1,3}/?$',
  '^/[^a-z]',
  '[]b]$',
  'x|^/$',
  '^/(a|ab)(c|/)?$',
  '%',
  '\\x61',
  '^/\xe9',
];

/** A site with random locations, two levels deep. */
const siteText = fc
  .record({
    merging: fc.boolean(),
    outer: fc.array(locationText(0), { minLength: 1, maxLength: 8 }),
  })
  .map(({ merging, outer }) => `server {\nmerge_slashes ${merging ? 'on' : 'off'};\n${outer.join('\n')}\n}`)
  .map(foreignText);

function locationText(depth: number): fc.Arbitrary<string> {
  const fixed = fc
    .tuple(fc.constantFrom('', '', '= ', '^~ '), fc.constantFrom(...names))
    .map(([modifier, name]) => `${modifier}"${name}"`);
  const regex = fc
    .tuple(fc.constantFrom('~ ', '~* '), fc.constantFrom(...regexes))
    .map(([modifier, source]) => modifier + quoted(source));
  const body =
    depth === 0
      ? fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant('') }, locationText(1)), { maxLength: 3 })
      : fc.constant([]);
  return fc
    .tuple(fc.oneof({ weight: 2, arbitrary: fixed }, regex), fc.boolean(), body)
    .map(
      ([match, passes, nested]) =>
        `location ${match} { ${passes ? 'proxy_pass http://127.0.0.1:1;' : ''} ${nested.join(' ')} }`,
    );
}

const quoted = (source: string): string => `"${source.replace(/["\\]/g, '\\$&')}"`;

const pathText = fc
  .array(
    fc.constantFrom(
      ...[
        '/',
        '/',
        '/',
        'a',
        'b',
        'ab',
        'A',
        'realms',
        'r',
        'res',
        '.',
        '..',
        '%2e',
        '%2F',
        '%61',
        '%C3%A9',
        '%20',
        '%25b',
        'x.js',
        '%0a',
        ';',
        '~',
        '+',
      ],
    ),
    { maxLength: 7 },
  )
  .map((parts) => `/${parts.join('')}`);
