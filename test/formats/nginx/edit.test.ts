import assert from 'node:assert/strict';
import {
  editNginx,
  expectRoute,
  location,
  type NginxEdit,
  removeLocation,
} from '../../../src/formats/nginx/index.js';
import { bytesOf, textOf } from '../../../src/formats/source.js';
import { corpusFile } from '../corpus.js';
import { signInEdits, signInRoutes, withoutSignIn } from './sign-in-edits.js';

const server = { server: 'meet.example.com' } as const;

/** The text after the edits. Fails when they were refused. */
function edited(text: string, edits: readonly NginxEdit[]): string {
  const outcome = editNginx(bytesOf(text), edits);
  if (outcome.is === 'refused') throw outcome.refusal;
  return outcome.is === 'edited' ? textOf(outcome.bytes) : text;
}

function refusalOf(text: string, edits: readonly NginxEdit[]): string {
  const outcome = editNginx(bytesOf(text), edits);
  assert.equal(outcome.is, 'refused');
  return `${outcome.refusal.code} ${outcome.refusal.message}`;
}

const site = (...body: readonly string[]): string =>
  ['server {', '  listen 443 ssl;', '  server_name meet.example.com;', ...body, '}', ''].join('\n');

const none = location('= /x', [['return', '404']], server);

describe('editNginx places a new location', () => {
  it('before the websocket location and the comments that lead it, with the indentation of the neighbours', () => {
    const before = site(
      '  location / {',
      '    root /x;',
      '  }',
      '',
      '  # one',
      '  # two',
      '  location = /xmpp-websocket {',
      '  }',
    );
    assert.equal(
      edited(before, [none]),
      before.replace('  # one', '  location = /x {\n    return 404;\n  }\n\n  # one'),
    );
  });

  it('with its brace on a line of its own where the neighbours have theirs', () => {
    const braced = ['  location = /xmpp-websocket', '  {', '    tcp_nodelay on;', '  }'];
    const before = site(...braced);
    const after = before.replace(
      braced[0] ?? '',
      `  location = /x\n  {\n    return 404;\n  }\n\n${braced[0] ?? ''}`,
    );
    assert.equal(edited(before, [none]), after);
    assert.equal(edited(after, [removeLocation('= /x', server)]), before);
    assert.equal(edited(after, [location('= /x', [['return', '403']], server)]), after.replace('404', '403'));
  });

  it('not above a comment that belongs to the line before', () => {
    const before = site('  root /x; # trailing', '  location = /xmpp-websocket {', '  }');
    assert.match(edited(before, [none]), /trailing\n {2}location = \/x \{/);
  });

  const anchors: readonly (readonly [string, readonly string[], string])[] = [
    [
      'an exact websocket location',
      ['~ ^/a/xmpp-websocket', '/xmpp-websocket', '= /xmpp-websocket', '= /http-bind'],
      '= /xmpp-websocket',
    ],
    ['else a prefix one', ['~ ^/a/xmpp-websocket', '/xmpp-websocket', '= /http-bind'], '/xmpp-websocket'],
    [
      'else a regex that names it',
      ['~ ^/r', '~ ^/(colibri-ws|xmpp-websocket)$', '= /http-bind'],
      '~ ^/(colibri-ws|xmpp-websocket)$',
    ],
    ['else BOSH', ['~ ^/r', '/http-bind'], '/http-bind'],
    ['else the first regex', ['/a', '~ ^/r', '~ ^/s'], '~ ^/r'],
  ];
  for (const [what, matches, anchor] of anchors) {
    it(`before ${what}`, () => {
      const before = site(...matches.map((match) => `  location ${match} { root /x; }`));
      const line = `  location ${anchor} {`;
      assert.equal(
        edited(before, [none]),
        before.replace(line, `  location = /x {\n    return 404;\n  }\n\n${line}`),
      );
    });
  }

  it('else at the end of the server', () => {
    assert.equal(
      edited(site('  root /x;'), [none]),
      site('  root /x;', '', '  location = /x {', '    return 404;', '  }'),
    );
  });

  it('on the same line where the file is written on one line', () => {
    const before = 'server{listen 443 ssl;server_name meet.example.com;location ~ ^/r{root /x;}}';
    assert.equal(
      edited(before, [none]),
      before.replace('location ~', 'location = /x { return 404; } location ~'),
    );
    const empty = 'server{listen 443 ssl;server_name meet.example.com;}';
    assert.equal(edited(empty, [none]), empty.replace(/\}$/, 'location = /x { return 404; } }'));
  });

  it('with the line ending, the tabs and the missing last newline of the file', () => {
    const before =
      'server {\r\n\tlisten 443 ssl;\r\n\tserver_name meet.example.com;\r\n\tlocation ~ ^/r {\r\n\t\troot /\xe9;\r\n\t}\r\n}';
    assert.equal(
      edited(before, [none]),
      before.replace('\tlocation ~', '\tlocation = /x {\r\n\t\treturn 404;\r\n\t}\r\n\r\n\tlocation ~'),
    );
  });
});

describe('editNginx and a location that is there', () => {
  it('leaves one that reads the same, whatever its spacing, quotes and comments', () => {
    const before = site('  location =/x{', '    # mine', '    return', "      '404' ; }");
    assert.equal(editNginx(bytesOf(before), [none]).is, 'already');
  });

  it('writes one with other directives anew where it stands', () => {
    const before = site('  location = /x {', '    return 403;', '  }', '  location ~ ^/r { root /x; }');
    assert.equal(edited(before, [none]), before.replace('403', '404'));
  });

  it('replaces a plain prefix by the same one with ^~, which nginx would call a duplicate', () => {
    const before = site('  location /realms/ { proxy_pass http://localhost:18080; }');
    const meant = expectRoute('/realms', 'any', server);
    const after = edited(before, [location('^~ /realms/', [['return', '404']], server), meant]);
    assert.equal(after, site('  location ^~ /realms/ {', '    return 404;', '  }'));
  });

  it('refuses to choose between two equal regular expressions', () => {
    const before = site('  location ~ ^/r { root /x; }', '  location ~ ^/r { root /y; }');
    assert.match(
      refusalOf(before, [removeLocation('~ ^/r', server)]),
      /several-locations line 5, column 3: .*line 4, line 5/,
    );
  });

  it('removes one with the empty line beside it, and finds nothing to do the second time', () => {
    const before = site('  location = /x {', '    return 404;', '  }', '', '  location ~ ^/r { root /x; }');
    const after = edited(before, [removeLocation('= /x', server)]);
    assert.equal(after, site('  location ~ ^/r { root /x; }'));
    assert.equal(editNginx(bytesOf(after), [removeLocation('= /x', server)]).is, 'already');
  });
});

describe('editNginx checks the routes before it returns anything', () => {
  it('refuses an edit that takes a path away which it does not name', () => {
    const before = site('  location ~ ^/([^/]+)$ { root /rooms; }');
    const edit = location('^~ /resources/', [['proxy_pass', 'http://127.0.0.1:18080']], server);
    assert.match(
      refusalOf(before, [edit]),
      /route-changed .*\/resources is answered by location ~ .* redirect to location \^~ \/resources\//,
    );
  });

  it('refuses a location that nothing would reach', () => {
    const catchAll = site('  return 444;');
    assert.match(
      refusalOf(catchAll, [none]),
      /not-reached .*\/x would be answered by "return 444;" of the server/,
    );
  });

  it('refuses an edit whose own path would not be reached', () => {
    const before = site('  location ~ ^/([^/]+)/(.*)$ { root /rooms; }');
    const add = (match: string): NginxEdit =>
      location(match, [['proxy_pass', 'http://127.0.0.1:18080']], server);
    const expected = (match: string): NginxEdit => expectRoute('/realms/r/', match, server);
    const meant = expectRoute('/realms', 'any', server);
    assert.match(
      refusalOf(before, [add('/realms/'), expected('/realms/')]),
      /wrong-route .*\/realms\/r\/ should be answered by location \/realms\/, but would be answered by location ~ /,
    );
    assert.match(
      edited(before, [add('^~ /realms/'), expected('^~ /realms/'), meant]),
      /location \^~ \/realms\/ \{/,
    );
  });
});

describe('the sign-in edits on the packaged sites', () => {
  const years = [
    '2014-10-20',
    '2017-03-20',
    '2020-01-24',
    '2020-08-14',
    '2022-07-14',
    '2023-05-15',
    '2024-09-03',
  ];
  for (const year of years) {
    it(`are made on the one of ${year}, read back, and are taken out again to the same bytes`, function () {
      const choice = { domain: 'jitsi-meet.example.com' };
      const before = textOf(corpusFile(this, 'nginx', `jitsi-meet-template-${year}.conf`));
      const after = edited(before, [...signInEdits(choice), ...signInRoutes(choice)]);
      assert.equal(editNginx(bytesOf(after), signInEdits(choice)).is, 'already');
      assert.equal(edited(after, withoutSignIn(choice)), before);
    });
  }
});
