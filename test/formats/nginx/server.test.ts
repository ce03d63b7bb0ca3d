import assert from 'node:assert/strict';
import {
  certificatePaths,
  extensionInclude,
  findServer,
  listenPorts,
  type Server,
  type ServerChoice,
} from '../../../src/formats/nginx/index.js';
import { parseNginxText } from '../../../src/formats/nginx/tree.js';
import { positionAt, textOf } from '../../../src/formats/source.js';
import { corpusFile } from '../corpus.js';

const domain = 'meet.example.com';
const find = (text: string, choice: Partial<ServerChoice> = {}): Server =>
  findServer(parseNginxText(text), { domain, ...choice });

/** The line of the server that is found. */
const lineOf = (text: string, choice: Partial<ServerChoice> = {}): number => {
  const server = find(text, choice);
  return positionAt(server.tree.text, server.block.start).line;
};

const tls = (names: string, ...rest: readonly string[]): string =>
  `server { listen 443 ssl; server_name ${names}; ${rest.join(' ')} }\n`;
const plain = (names: string, ...rest: readonly string[]): string =>
  `server { listen 80; server_name ${names}; ${rest.join(' ')} }\n`;

describe('findServer takes the server with TLS', () => {
  const table: readonly (readonly [what: string, text: string, line: number])[] = [
    ['after the one that redirects', plain(domain, 'return 301 https://x;') + tls(domain), 2],
    ['in http', `http {\n${tls(domain)}}`, 2],
    ['on another port', plain(domain) + `server { listen [::]:4444 ssl; server_name ${domain}; }`, 2],
    ['by "ssl on"', plain(domain) + `server { listen 443; ssl on; server_name ${domain}; }`, 2],
    ['by "ssl on" around it', `http { ssl on;\nserver { listen 8443; server_name ${domain}; } }`, 2],
    [
      'by its certificate alone',
      plain(domain) + `server { include listen.conf; ssl_certificate x; server_name ${domain}; }`,
      2,
    ],
    ['by port 443 alone', plain(domain) + `server { listen 0.0.0.0:443; server_name ${domain}; }`, 2],
    ['by QUIC', plain(domain) + `server { listen 443 quic; server_name ${domain}; }`, 2],
    [
      'that says so before the one that only has a certificate',
      `server { listen 80; ssl_certificate x; server_name ${domain}; }\n` + tls(domain),
      2,
    ],
    [
      'where certbot put listen last',
      plain(domain, 'if ($host = x) { return 301 y; }') +
        `server { server_name ${domain}; listen 443 ssl; # managed by Certbot\n }`,
      2,
    ],
    ['by a later name of a list', tls('a.example.com') + tls(`b.example.com ${domain}`), 2],
    ['by a second server_name', tls('a.example.com') + tls('b.example.com', `server_name ${domain};`), 2],
    ['whatever the case of the name', tls('a.example.com') + tls('Meet.EXAMPLE.com'), 2],
    ['by the exact name before a wildcard', tls('*.example.com') + tls(domain), 2],
    ['by the longer wildcard', 'server { listen 443 ssl; server_name *.com; }\n' + tls('*.example.com'), 2],
    ['by a wildcard before its end', tls('meet.*') + tls('.example.com'), 2],
    ['by a wildcard before a regex', tls('~^meet') + tls('meet.*'), 2],
    ['by a regex before one without a name', 'server { listen 443 ssl; }\n' + tls('"~^m.{3}\\."'), 2],
    ['without a name when nothing else fits', tls('other.org') + tls('_'), 2],
    [
      'of http, never of stream',
      `stream { server { listen 443 ssl; server_name ${domain}; } }\n` + `http { ${tls(domain)} }`,
      2,
    ],
    ['without a name beside one that only redirects', plain(domain, 'return 301 https://x;') + tls('_'), 2],
    ['and its port is asked for', tls(domain) + `server { listen 8443 ssl; server_name ${domain}; }`, 2],
  ];
  for (const [what, text, line] of table) {
    it(what, () => assert.equal(lineOf(text, what.includes('port is asked') ? { port: 8443 } : {}), line));
  }
});

describe('findServer refuses', () => {
  const table: readonly (readonly [
    what: string,
    text: string,
    choice: Partial<ServerChoice>,
    refusal: RegExp,
  ])[] = [
    ['a file without servers', 'location / {}', {}, /^no-server .*part that another file includes/],
    ['a file with servers of stream only', `stream { ${tls(domain)} }`, {}, /^no-server/],
    [
      'other names, and says which',
      tls('meet.example.org amp.meet.example.com'),
      {},
      /^host-not-found .*meet\.example\.org, amp\./,
    ],
    ['a name that only ends alike', tls('xmeet.example.com'), {}, /^host-not-found/],
    ['a dot that is taken for any character', tls('meetXexample.com'), {}, /^host-not-found/],
    [
      'a server without TLS, and names the option',
      plain(domain),
      {},
      /^no-tls-server .*line 1.*nginx\.behindProxy: true/,
    ],
    [
      'two servers, and names their lines',
      tls(domain) + '\n' + tls(domain),
      {},
      /^several-servers .*line 1, line 3/,
    ],
    [
      'a nameless server with TLS beside one of that name without',
      plain(domain, 'root /x;') + tls('_'),
      {},
      /^no-tls-server .*line 1/,
    ],
    ['a port nobody listens on', tls(domain), { port: 8443 }, /^no-tls-server .*8443/],
    [
      'two servers without TLS',
      plain(domain) + plain(domain),
      { tls: 'any' },
      /^several-servers .*line 1, line 2/,
    ],
    [
      'only a redirect',
      plain(domain, 'location / { return 301 https://$host; }'),
      { tls: 'any' },
      /^no-tls-server .*only redirect/,
    ],
    [
      'only a redirect, and offers no option that would not help',
      plain(domain, 'return 301 https://$host$request_uri;'),
      {},
      /^no-tls-server .*only redirect; (?!.*behindProxy)/,
    ],
    [
      'a listen that is a block',
      `server { server_name ${domain}; listen 443 { } }`,
      {},
      /^syntax .*"listen" is not terminated/,
    ],
    ['a location without a body', tls(domain, 'location /;'), {}, /^syntax .*"location" has no opening/],
    ['a location with three words', tls(domain, 'location ~ / x {}'), {}, /^malformed-location/],
  ];
  for (const [what, text, choice, refusal] of table) {
    it(what, () => {
      assert.throws(
        () => find(text, choice),
        (error: { code: string; message: string }) => {
          assert.match(`${error.code} ${error.message}`, refusal);
          return true;
        },
      );
    });
  }

  it('nothing when a server without TLS is asked for', () => {
    assert.equal(lineOf(plain('other.org') + plain(domain), { tls: 'any' }), 2);
    assert.equal(
      lineOf(plain(domain, 'return 301 https://x;') + `server { listen 8080; server_name ${domain}; }`, {
        tls: 'any',
      }),
      2,
    );
    assert.equal(lineOf(plain(domain) + tls(domain), { tls: 'any' }), 2);
  });
});

describe('a server tells', () => {
  it('its ports, whatever their form', () => {
    const listen = (...addresses: readonly string[]): readonly number[] =>
      listenPorts(find(tls(domain, ...addresses.map((address) => `listen ${address};`))));
    assert.deepEqual(
      listen('[::]:443', '127.0.0.1:8443', 'localhost', '[::1]', '*:81', 'unix:/x'),
      [443, 8443, 80, 81],
    );
    assert.deepEqual(listenPorts(find(`server { server_name ${domain}; ssl_certificate x; }`)), [80]);
  });

  it('its certificates, its own or those around it', () => {
    const own = tls(domain, 'ssl_certificate /a.pem;', 'ssl_certificate "/b c.pem";');
    assert.deepEqual(certificatePaths(find(own)), ['/a.pem', '/b c.pem']);
    assert.deepEqual(certificatePaths(find(`http { ssl_certificate /é.pem; ${tls(domain)} }`)).length, 1);
  });

  it('the extension folder of the packaged sites since 2023', function () {
    const choice = { domain: 'jitsi-meet.example.com' };
    const folderOf = (year: string): string | undefined =>
      extensionInclude(
        parseNginxText(textOf(corpusFile(this, 'nginx', `jitsi-meet-template-${year}.conf`))),
        choice,
      )?.folder;
    assert.equal(folderOf('2024-09-03'), '/etc/jitsi/meet/jaas');
    assert.equal(folderOf('2023-05-15'), '/etc/jitsi/meet/jaas');
    assert.equal(folderOf('2022-07-14'), undefined);
  });
});
