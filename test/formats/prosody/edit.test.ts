import assert from 'node:assert/strict';
import { editProsody } from '../../../src/formats/prosody/apply.js';
import { type ProsodyEdit, prosody } from '../../../src/formats/prosody/edit.js';
import { bytesOf, textOf } from '../../../src/formats/source.js';

const D = { host: 'd' };

function edited(text: string, ...edits: readonly ProsodyEdit[]): string {
  const outcome = editProsody(bytesOf(text), edits);
  assert(outcome.is !== 'refused', outcome.is === 'refused' ? outcome.refusal.message : '');
  return outcome.is === 'edited' ? textOf(outcome.bytes) : text;
}

function refusal(text: string, ...edits: readonly ProsodyEdit[]): string {
  const outcome = editProsody(bytesOf(text), edits);
  assert(outcome.is === 'refused', `${outcome.is}: expected a refusal`);
  const { code, at } = outcome.refusal;
  return `${code} ${at.line}:${at.column}`;
}

const token = prosody.set(D, 'authentication', 'token');
const issuers = prosody.set('global', 'asap_accepted_issuers', ['i']);

type Case = readonly [why: string, before: string, edits: readonly ProsodyEdit[], after: string];

const cases: readonly Case[] = [
  [
    'a value, with the comment behind it',
    'VirtualHost "d"\n  authentication = "a" -- do not delete me\n',
    [token],
    'VirtualHost "d"\n  authentication = "token" -- do not delete me\n',
  ],
  [
    'a value in the quotation marks that it has',
    "Host'd'authentication='a';",
    [token],
    "Host'd'authentication='token';",
  ],
  [
    'a value without blanks around',
    'VirtualHost"d"a=1 b=true c=2',
    [prosody.set(D, 'b', 'x')],
    'VirtualHost"d"a=1 b="x" c=2',
  ],
  [
    'a value glued to the next word',
    'VirtualHost "d" b="x"c=2',
    [prosody.set(D, 'b', false)],
    'VirtualHost "d" b=false c=2',
  ],
  [
    'a value in a section with more arguments than Prosody takes',
    'VirtualHost("d", {})\na = 1\nComponent("conference.d", "muc")\na = 1\n',
    [prosody.set(D, 'a', 2), prosody.set({ component: 'conference.d' }, 'a', 3)],
    'VirtualHost("d", {})\na = 2\nComponent("conference.d", "muc")\na = 3\n',
  ],
  [
    'the last of two',
    'VirtualHost "d"\na = 1\na = 2\n',
    [prosody.set(D, 'a', 3)],
    'VirtualHost "d"\na = 1\na = 3\n',
  ],
  [
    'an option at column 0',
    'VirtualHost "d"\n  x = 1\nauthentication = "a"\n',
    [token],
    'VirtualHost "d"\n  x = 1\nauthentication = "token"\n',
  ],
  [
    'only its own section',
    'authentication = "g"\nVirtualHost "d"\nVirtualHost "e"\n authentication = "e"\n',
    [token],
    'authentication = "g"\nVirtualHost "d"\n authentication = "token"\nVirtualHost "e"\n authentication = "e"\n',
  ],
  [
    'a name in another case and in call form',
    'host("D")\n\tx = 1\n',
    [token],
    'host("D")\n\tx = 1\n\tauthentication = "token"\n',
  ],
  [
    'a name that a local holds',
    'local d = "d"\nVirtualHost(d)\n  x = 1',
    [token],
    'local d = "d"\nVirtualHost(d)\n  x = 1\n  authentication = "token"',
  ],
  [
    'a section inside do and end',
    'do VirtualHost "d"\n  x = 1\nend',
    [token],
    'do VirtualHost "d"\n  x = 1\n  authentication = "token"\nend',
  ],
  [
    'an option of a section in table form',
    'VirtualHost "d" {\n  x = 1;\n  authentication = "a"; -- c\n}\ny = 1',
    [token],
    'VirtualHost "d" {\n  x = 1;\n  authentication = "token"; -- c\n}\ny = 1',
  ],
  [
    'a new option of a section in table form',
    'VirtualHost "d" {\n  x = 1;\n}\ny = 1',
    [token, prosody.set(D, 'z', true)],
    'VirtualHost "d" {\n  x = 1;\n  authentication = "token";\n  z = true;\n}\ny = 1',
  ],
  [
    'new options on one line, a blank apart',
    'VirtualHost "d" x = 1 y = 2 Component "muc.d" "muc" { z = 1 }',
    [prosody.set(D, 'a', 1, { after: 'x' }), prosody.add({ muc: 'd' }, 'modules_enabled', ['b'])],
    'VirtualHost "d" x = 1 a = 1 y = 2 Component "muc.d" "muc" { z = 1, modules_enabled = { "b"; } }',
  ],
  [
    'a list in the table form',
    'VirtualHost "d" { modules_enabled = { "a" } }',
    [prosody.add(D, 'modules_enabled', ['b'])],
    'VirtualHost "d" { modules_enabled = { "a", "b" } }',
  ],
  [
    'a global option before the first section',
    'x = 1\n\nVirtualHost "d"\n',
    [issuers],
    'x = 1\nasap_accepted_issuers = { "i" }\n\nVirtualHost "d"\n',
  ],
  [
    'a global option where there is none yet',
    '-- about d\nVirtualHost "d"\n',
    [issuers, prosody.set('global', 'b', 1)],
    'asap_accepted_issuers = { "i" }\nb = 1\n\n-- about d\nVirtualHost "d"\n',
  ],
  [
    'a global option behind a section in table form',
    'VirtualHost "d" {}\nx = 1\n',
    [prosody.set('global', 'x', 2)],
    'VirtualHost "d" {}\nx = 2\n',
  ],
  ['an empty file', '', [issuers], 'asap_accepted_issuers = { "i" }\n'],
  [
    'a file with a byte order mark',
    '\xef\xbb\xbfVirtualHost "d"\n',
    [issuers],
    '\xef\xbb\xbfasap_accepted_issuers = { "i" }\n\nVirtualHost "d"\n',
  ],
  [
    'Windows line endings',
    'VirtualHost "d"\r\n\tx = 1\r\n',
    [token],
    'VirtualHost "d"\r\n\tx = 1\r\n\tauthentication = "token"\r\n',
  ],
  [
    'no last line ending',
    'VirtualHost "d"\n  x = 1 -- c',
    [token],
    'VirtualHost "d"\n  x = 1 -- c\n  authentication = "token"',
  ],
  [
    'bytes that are no UTF-8',
    '-- \xff\nVirtualHost "d" -- \xfe\n  x = "\xff"\n',
    [token],
    '-- \xff\nVirtualHost "d" -- \xfe\n  x = "\xff"\n  authentication = "token"\n',
  ],
  [
    'a block comment behind the last option',
    'VirtualHost "d"\n  x = 1 --[[ a\n b ]]\n',
    [token],
    'VirtualHost "d"\n  x = 1 --[[ a\n b ]]\n  authentication = "token"\n',
  ],
  [
    'options behind one another',
    'VirtualHost "d"\n  authentication = "a"\n  x = 1\n',
    [token, prosody.set(D, 'b', 1, { after: 'authentication' }), prosody.set(D, 'c', 2, { after: 'b' })],
    'VirtualHost "d"\n  authentication = "token"\n  b = 1\n  c = 2\n  x = 1\n',
  ],
  [
    'a list by its entries, keeping what stands between them',
    'x = {\n  "a", -- one\n  "b", -- two\n}\n',
    [prosody.set('global', 'x', ['c'])],
    'x = {\n  "c", -- one\n  -- two\n}\n',
  ],
  ['a list that grows', 'x = { "a" }\n', [prosody.set('global', 'x', ['a', 'b'])], 'x = { "a", "b" }\n'],
  [
    'nothing of a list that holds it',
    'VirtualHost "d"\nm = { [[a]]; \'b\' }',
    [prosody.add(D, 'm', ['b', 'a'])],
    'VirtualHost "d"\nm = { [[a]]; \'b\' }',
  ],
  [
    'an entry of a list away',
    'VirtualHost "d"\nm = { "a", "b" }',
    [prosody.remove(D, 'm', ['b', 'zz'])],
    'VirtualHost "d"\nm = { "a" }',
  ],
  [
    'an option away with its line',
    'VirtualHost "d"\n  a = 1;\n  b = 2\n',
    [prosody.unset(D, 'a')],
    'VirtualHost "d"\n  b = 2\n',
  ],
  [
    'an option away and its comment not',
    'VirtualHost "d"\n  a = 1; -- c\n',
    [prosody.unset(D, 'a')],
    'VirtualHost "d"\n  -- c\n',
  ],
  [
    'an option of the table form away',
    'VirtualHost "d" { a = 1, b = 2 }',
    [prosody.unset(D, 'b')],
    'VirtualHost "d" { a = 1 }',
  ],
  [
    'the value that a host sees, in the host',
    'x = 1\nVirtualHost "d"\n x = 2\n',
    [prosody.setSeenBy(D, 'x', 3)],
    'x = 1\nVirtualHost "d"\n x = 3\n',
  ],
  [
    'the value that a host sees, globally',
    'x = 1\nVirtualHost "d"\n',
    [prosody.setSeenBy(D, 'x', 3)],
    'x = 3\nVirtualHost "d"\n',
  ],
];

const guest = prosody.virtualHost('g', { after: D, options: { a: true, modules_enabled: ['m'] } });
const guestLines = 'VirtualHost "g"\n    a = true\n    modules_enabled = {\n        "m";\n    }\n';

const hosts: readonly Case[] = [
  [
    'at the end of the file',
    'VirtualHost "d"\n    x = 1\n',
    [guest],
    `VirtualHost "d"\n    x = 1\n\n${guestLines}`,
  ],
  [
    'before the next one, with a blank line',
    'VirtualHost "d"\n    x = 1\n\n-- m\nComponent "m" "muc"\n',
    [guest],
    `VirtualHost "d"\n    x = 1\n\n${guestLines}\n-- m\nComponent "m" "muc"\n`,
  ],
  [
    'before a comment that touches the next one',
    'VirtualHost "d"\n    x = 1\n-- m\nComponent "m" "muc"\n',
    [guest],
    `VirtualHost "d"\n    x = 1\n\n${guestLines}\n-- m\nComponent "m" "muc"\n`,
  ],
  [
    'behind a comment that belongs to the last',
    'VirtualHost "d"\n    x = 1\n    -- y = 2\n\nComponent "m" "muc"\n',
    [guest],
    `VirtualHost "d"\n    x = 1\n    -- y = 2\n\n${guestLines}\nComponent "m" "muc"\n`,
  ],
  [
    'behind options that are new as well',
    'VirtualHost "d"\nComponent "m"\n',
    [prosody.set(D, 'x', 1), guest, prosody.set(D, 'y', 2)],
    `VirtualHost "d"\n    x = 1\n    y = 2\n\n${guestLines}\nComponent "m"\n`,
  ],
  [
    'in table form behind one in table form',
    'VirtualHost "d" {\n    x = 1;\n}\ny = 1\n',
    [guest],
    'VirtualHost "d" {\n    x = 1;\n}\n\nVirtualHost "g" {\n    a = true;\n    modules_enabled = {\n        "m";\n    };\n}\n\ny = 1\n',
  ],
  [
    'in the one that is there, adding modules',
    'VirtualHost "d"\nVirtualHost "g"\n  a = false\n  modules_enabled = { "x" }\n',
    [guest],
    'VirtualHost "d"\nVirtualHost "g"\n  a = true\n  modules_enabled = { "x", "m" }\n',
  ],
];

const refusals: readonly (readonly [
  why: string,
  text: string,
  edits: readonly ProsodyEdit[],
  refusal: string,
])[] = [
  ['what is not Lua', 'VirtualHost "d"\n  x = `\n', [token], 'syntax 2:7'],
  ['a template of Go', '{{ $x := .Env.X | default "0" -}}\nVirtualHost "d"\n', [token], 'template 1:1'],
  ['one inside a section', 'VirtualHost "d"\n  {{ if .Env.X }}\n  x = 1\n', [token], 'template 2:6'],
  ['one of Jinja', 'VirtualHost "d"\n{% if x %}\nx = 1\n{% endif %}\n', [token], 'template 2:2'],
  ['one of ERB', 'VirtualHost "d"\nx = <%= @x %>\n', [token], 'template 2:5'],
  ['one of envsubst', 'VirtualHost "d"\nx = ${X}\n', [token], 'template 2:5'],
  ['a table in a table that is not Lua', 'x = {{ type = "a" host = "b" }}\n', [token], 'syntax 1:19'],
  ['what is not Lua beside a template', 'x = "{{ .X }}" y = = 1', [token], 'syntax 1:20'],
  ['a host that is not there', 'VirtualHost "e"', [token], 'section-not-found 1:1'],
  [
    'a host that is part of other names only',
    'VirtualHost "auth.d" VirtualHost "d.d"',
    [token],
    'section-not-found 1:1',
  ],
  ['a host that is a component', 'Component "d" "muc"', [token], 'wrong-kind-of-section 1:1'],
  ['a host that is there twice', 'VirtualHost "d"\nVirtualHost "D"', [token], 'duplicate-section 2:1'],
  [
    'a section in the wrong capitals',
    'VirtualHost "d"\nVirtualhost "guest.d"\n  authentication = "anonymous"\n',
    [token],
    'misspelled-name 2:1',
  ],
  ['a computed name with more behind it', 'VirtualHost(f(), "d")', [token], 'computed-name 1:1'],
  ['a computed name', 'VirtualHost "d"\nVirtualHost(os.getenv("X"))', [token], 'computed-name 2:1'],
  [
    'a name from a local that changes',
    'local d = "d"\nd = "e"\nVirtualHost(d)',
    [token],
    'computed-name 3:1',
  ],
  ['options from a variable', 'VirtualHost "d" (options)', [token], 'computed-section 1:1'],
  [
    'a section in a loop',
    'for _, h in pairs(t) do VirtualHost(h) end\nVirtualHost "d"',
    [token],
    'conditional-section 1:25',
  ],
  [
    'a section on a condition',
    'VirtualHost "d"\nif x then\n  Component "c"\nend',
    [token],
    'conditional-section 3:3',
  ],
  [
    'a section in a function',
    'local function f() VirtualHost "d" end f()',
    [token],
    'conditional-section 1:20',
  ],
  ['another name for VirtualHost', 'local V = VirtualHost V "d"', [token], 'conditional-section 1:11'],
  ['VirtualHost with another meaning', 'VirtualHost = f VirtualHost "d"', [token], 'redefined 1:1'],
  ['the environment', 'local e = _ENV VirtualHost "d"', [token], 'dynamic-environment 1:11'],
  ['a part that may be skipped', 'VirtualHost "d" do return end', [token], 'jump 1:20'],
  [
    'an option on a condition',
    'VirtualHost "d" if x then authentication = "y" end',
    [token],
    'conditional-option 1:27',
  ],
  [
    'an option in a function',
    'VirtualHost "d" local function f() authentication = 1 end',
    [token],
    'conditional-option 1:36',
  ],
  [
    'an option that is a local',
    'x = 1\nlocal authentication VirtualHost "d"',
    [token],
    'shadowed-by-local 2:1',
  ],
  [
    'what is wrong behind earlier edits, where it was before them',
    'VirtualHost "d"\n  authentication = "a" a = { 1 } m = "a"\n',
    [
      issuers,
      token,
      prosody.set(D, 'a', [2, 3]),
      prosody.virtualHost('guest.d', { after: D, options: { modules_enabled: ['b'] } }),
      prosody.add(D, 'm', ['b']),
    ],
    'not-a-list 2:38',
  ],
  [
    'the same behind what an edit took out',
    'VirtualHost "d"\n  a = 1\n  b = 2 m = "a"\n',
    [prosody.unset(D, 'a'), prosody.unset(D, 'b'), prosody.add(D, 'm', ['b'])],
    'not-a-list 3:13',
  ],
  [
    'an option in a shared assignment',
    'VirtualHost "d" authentication, x = f()',
    [token],
    'shared-assignment 1:17',
  ],
  [
    'a list that is computed',
    'VirtualHost "d" m = { "a", f() }',
    [prosody.add(D, 'm', ['b'])],
    'computed-value 1:21',
  ],
  ['a list that is none', 'VirtualHost "d" m = "a"', [prosody.add(D, 'm', ['b'])], 'not-a-list 1:21'],
  [
    'a comment that would be lost',
    'x = { a = 1, -- why\n}',
    [prosody.set('global', 'x', 1)],
    'comment-inside-value 1:14',
  ],
  ['the name of an option that is none', '', [prosody.set('global', 'a b', 1)], 'not-an-option 1:1'],
  ['a reserved word as an option', '', [prosody.set('global', 'end', 1)], 'not-an-option 1:1'],
  [
    'a host that cannot be named so',
    'VirtualHost "d"',
    [prosody.virtualHost('g"\n', { after: D, options: {} })],
    'not-a-host-name 1:1',
  ],
  ['half of a surrogate pair', '', [prosody.set('global', 'a', '\ud800')], 'value-not-encodable 1:1'],
];

describe('an edit of a Prosody file', () => {
  for (const [why, before, edits, after] of cases) {
    it(`changes ${why}`, () => assert.equal(edited(before, ...edits), after));
  }

  for (const [why, before, edits, after] of hosts) {
    it(`puts a new host ${why}`, () => assert.equal(edited(before, ...edits), after));
  }

  for (const [why, text, edits, expected] of refusals) {
    it(`refuses ${why}`, () => assert.equal(refusal(text, ...edits), expected));
  }

  it('is not hindered by code that cannot matter', () => {
    const text =
      'local host = os.getenv("H") or "x"\nfunction helper() return 1 end\nif host then log = "x" end\nVirtualHost "d"\n';
    assert.match(edited(text, token), /VirtualHost "d"\n {4}authentication = "token"\n$/);
  });

  it('does not take comments and strings for sections or options', () => {
    const text =
      '-- VirtualHost "d"\nx = [[\nVirtualHost "d"\n]]\n--[[\nVirtualHost "d"\n]]\nVirtualHost "d"\n  -- authentication = "a"\n';
    assert.equal(
      edited(text, token),
      `${text}    authentication = "token"\n`.replace(
        '  -- authentication = "a"\n    authentication = "token"\n',
        '    authentication = "token"\n  -- authentication = "a"\n',
      ),
    );
  });

  it('says that there is nothing to do when all is there', () => {
    assert.deepEqual(editProsody(bytesOf('VirtualHost "d"\nauthentication = [[token]]'), [token]), {
      is: 'already',
    });
  });
});
