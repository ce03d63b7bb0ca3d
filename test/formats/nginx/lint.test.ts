import assert from 'node:assert/strict';
import { editNginx, lintNginx, type NginxFinding } from '../../../src/formats/nginx/index.js';
import { bytesOf } from '../../../src/formats/source.js';
import { corpusFile } from '../corpus.js';
import { signInEdits } from './sign-in-edits.js';

const job = { domain: 'meet.example.com', realm: 'jitsi-realm' } as const;

const lint = (...body: readonly string[]): readonly NginxFinding[] =>
  lintNginx(
    [
      {
        name: 'site',
        bytes: bytesOf(
          ['server {', 'listen 443 ssl; server_name meet.example.com;', ...body, '}'].join('\n'),
        ),
      },
    ],
    job,
  );

const codes = (findings: readonly NginxFinding[]): readonly string[] =>
  findings.map(({ code, at }) => `${code}:${at.line}`);

const headers = 'proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto https;';
const good = (path: string): string =>
  `location ^~ ${path} { proxy_pass http://127.0.0.1:18080${path}; ${headers} }`;

describe('lintNginx finds', () => {
  const table: readonly (readonly [what: string, body: readonly string[], expected: readonly string[]])[] = [
    [
      'nothing in good routes',
      [good('/realms/jitsi-realm/'), good('/resources/'), 'location ~ ^/([^/]+)$ {}'],
      [],
    ],
    ['nothing where there is no sign-in', ['location / { proxy_pass http://localhost:80; }'], []],
    [
      'a plain /realms/ behind a regex',
      [
        'location /realms/jitsi-realm/ {',
        `proxy_pass http://127.0.0.1:18080/realms/jitsi-realm/; ${headers} }`,
        good('/resources/'),
        'location ~ ^/([^/]+)/(.*)$ {}',
      ],
      ['realms-behind-regex:3', 'hidden-by-regex:3'],
    ],
    ['the whole of /realms/', [good('/realms/'), good('/resources/')], ['master-realm-public:3']],
    [
      'the admin console',
      [good('/realms/jitsi-realm/'), good('/resources/'), good('/admin/')],
      ['admin-console-public:5'],
    ],
    ['missing resources', [good('/realms/jitsi-realm/')], ['resources-missing:3']],
    [
      'an appended X-Forwarded-For',
      [
        good('/realms/jitsi-realm/').replace('$remote_addr', '$proxy_add_x_forwarded_for'),
        good('/resources/'),
      ],
      ['forwarded-for-appended:3'],
    ],
    [
      'one that is inherited',
      [
        'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
        'proxy_set_header X-Forwarded-Proto https;',
        good('/realms/jitsi-realm/').replace(headers, ''),
        good('/resources/'),
      ],
      ['forwarded-for-appended:3'],
    ],
    [
      'a missing X-Forwarded-Proto',
      [good('/realms/jitsi-realm/').replace('X-Forwarded-Proto', 'X-Other'), good('/resources/')],
      ['forwarded-proto-missing:3'],
    ],
    [
      'localhost',
      [good('/realms/jitsi-realm/').replace('127.0.0.1', 'localhost'), good('/resources/')],
      ['proxy-to-localhost:3'],
    ],
    [
      'a path that is passed on as the client wrote it',
      [
        'location ^~ /realms/jitsi-realm/ {',
        headers,
        'proxy_pass http://127.0.0.1:18080; }',
        good('/resources/'),
      ],
      ['raw-path-proxied:5'],
    ],
    [
      'server-side includes over Keycloak',
      ['ssi on;', good('/realms/jitsi-realm/'), good('/resources/').replace('{', '{ ssi off;')],
      ['ssi-on-proxied:4'],
    ],
    [
      'a regex behind one that takes all its paths',
      ['location ~ ^/([^/]+)/(.*)$ {}', 'location ~ ^/[a-z]+/http-bind {}'],
      ['never-reached:4'],
    ],
    [
      'a plain prefix behind fixed names, which no regex hides',
      ['location /x {}', 'location = /x {}', 'location ^~ /x/ {}', 'location ~ ^/y {}'],
      ['never-reached:3'],
    ],
    [
      'a plain prefix whose paths an exact location and a regex share',
      ['location /x {}', 'location = /x {}', 'location ~ ^/x. {}'],
      ['hidden-by-regex:3'],
    ],
    ['a path that does not begin with a slash', ['location x/ {}'], ['never-reached:3']],
    ['an exact location behind nothing', ['location ~ . {}', 'location = /x {}'], []],
    [
      'nothing about a regex that is reached by one path',
      ['location ~ ^/a/ {}', 'location ~ ^/(a|b)/ {}'],
      [],
    ],
  ];
  for (const [what, body, expected] of table)
    it(what, () => assert.deepEqual(codes(lint(...body)), expected));

  it('advice that helps: no other order and no ^~ where fixed names answer', () => {
    const fixOf = (...body: readonly string[]): string | undefined => lint(...body)[0]?.fix;
    assert.match(fixOf('location ~ ^/x/y {}', 'location ^~ /x/ {}') ?? '', /^Take it out/);
    assert.match(fixOf('location /x {}', 'location = /x {}', 'location ^~ /x/ {}') ?? '', /^Take it out/);
    assert.match(fixOf('location x/ {}') ?? '', /^Begin its path with "\/"/);
    assert.match(fixOf('location /x {}', 'location ~ . {}') ?? '', /^Write it as location \^~ \/x:/);
    assert.match(fixOf('location ~ . {}', 'location ~ ^/x {}') ?? '', /^Move it before/);
  });

  it('no fault of nginx in two servers of one name, nor in a template', () => {
    const fixOf = (text: string): string | undefined =>
      lintNginx([{ name: 'site', bytes: bytesOf(text) }], job)[0]?.fix;
    const site = 'server { listen 443 ssl; server_name meet.example.com; }';
    assert.match(fixOf(site + site) ?? '', /^Leave one server/);
    assert.match(fixOf('server { server_name {{ name }}; }') ?? '', /^Fill the template in/);
    assert.match(fixOf('server {') ?? '', /nginx -t/);
  });

  it('every fault of the published recipe', function () {
    const site = corpusFile(this, 'nginx', 'jitsi-meet-template-2024-09-03.conf');
    const recipe = [
      'location /realms/ {',
      'proxy_pass http://localhost:18080;',
      'proxy_set_header Host $host;',
      'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
      'proxy_set_header X-Forwarded-Proto $scheme;',
      '}',
    ].join('\n');
    const text = Buffer.from(site).toString('latin1').replace('    # BOSH\n', `${recipe}\n    # BOSH\n`);
    const found = lintNginx([{ name: 'site', bytes: bytesOf(text) }], {
      ...job,
      domain: 'jitsi-meet.example.com',
    });
    assert.deepEqual(
      new Set(found.map(({ code }) => code)),
      new Set([
        'realms-behind-regex',
        'resources-missing',
        'forwarded-for-appended',
        'proxy-to-localhost',
        'ssi-on-proxied',
        'hidden-by-regex',
      ]),
    );
    const mended = lintNginx(
      [{ name: 'site', bytes: bytesOf(text.replace('location /realms/', 'location ^~ /realms/')) }],
      { ...job, domain: 'jitsi-meet.example.com' },
    );
    assert.ok(mended.some(({ code }) => code === 'master-realm-public'));
  });

  it('nothing after the sign-in edits', function () {
    for (const year of ['2014-10-20', '2022-07-14', '2024-09-03']) {
      const choice = { domain: 'jitsi-meet.example.com' };
      const outcome = editNginx(
        corpusFile(this, 'nginx', `jitsi-meet-template-${year}.conf`),
        signInEdits(choice),
      );
      assert.equal(outcome.is, 'edited');
      assert.deepEqual(lintNginx([{ name: year, bytes: outcome.bytes }], { ...job, ...choice }), []);
    }
  });

  it('a second file for the same name, and a file that cannot be read', () => {
    const site = bytesOf('server { listen 443 ssl; server_name meet.example.com; }');
    const found = lintNginx(
      [
        { name: 'a', bytes: site },
        { name: 'b', bytes: site },
        { name: 'c', bytes: bytesOf('x {') },
        { name: 'd', bytes: bytesOf('x;') },
      ],
      job,
    );
    assert.deepEqual(
      found.map(({ file, code }) => `${file} ${code}`),
      ['c syntax', 'b several-servers'],
    );
  });
});
