import assert from 'node:assert/strict';
import {
  editJitsiConfig,
  jitsiConfig,
  type JitsiConfigEdit,
} from '../../../src/formats/jitsi-config/index.js';
import { runConfig } from './browser.js';

const guest = jitsiConfig.set('hosts.anonymousdomain', 'guest.x');
const inline = jitsiConfig.set('tokenAuthInline', true);
const address = jitsiConfig.set('tokenAuthUrl', 'https://x/auth');
const sso = jitsiConfig.set('sso', { tokenService: 'x', clientId: 'jitsi' });

const edit = (source: string, ...edits: readonly JitsiConfigEdit[]): string => {
  const outcome = editJitsiConfig(Buffer.from(source, 'latin1'), edits);
  if (outcome.is === 'refused') throw outcome.refusal;
  return outcome.is === 'already' ? 'already' : Buffer.from(outcome.bytes).toString('latin1');
};

/** [what the case is, the file, the edit, the file afterwards] */
type Case = readonly [string, string, JitsiConfigEdit, string];

const INSERTED: readonly Case[] = [
  [
    'on a line of its own after domain',
    "var config = {\n    hosts: {\n        domain: 'x',\n        muc: 'm'\n    }\n};\n",
    guest,
    "var config = {\n    hosts: {\n        domain: 'x',\n        anonymousdomain: 'guest.x',\n        muc: 'm'\n    }\n};\n",
  ],
  [
    'after the comment behind domain',
    "var config = {\n  hosts: {\n\tdomain: 'x', // a, b\n\tmuc: 'm' } };\n",
    guest,
    "var config = {\n  hosts: {\n\tdomain: 'x', // a, b\n\tanonymousdomain: 'guest.x',\n\tmuc: 'm' } };\n",
  ],
  [
    'as the last property, without a last comma where there was none',
    "var config = {\n  hosts: {\n    domain: 'x' // last\n  }\n};\n",
    guest,
    "var config = {\n  hosts: {\n    domain: 'x', // last\n    anonymousdomain: 'guest.x'\n  }\n};\n",
  ],
  [
    'as the last property, with a last comma where there was one',
    "var config = { hosts: {\n    domain: 'x',\n  } };\n",
    guest,
    "var config = { hosts: {\n    domain: 'x',\n    anonymousdomain: 'guest.x',\n  } };\n",
  ],
  [
    'within the line',
    "var config = { hosts: { domain: 'x' } };",
    guest,
    "var config = { hosts: { domain: 'x', anonymousdomain: 'guest.x' } };",
  ],
  [
    'within the line before other properties',
    "var config={hosts:{domain:'x',muc:'m'}}",
    guest,
    "var config={hosts:{domain:'x', anonymousdomain: 'guest.x',muc:'m'}}",
  ],
  [
    'before a comma that begins the next line',
    "var config = { hosts: {\n    domain: 'x'\n  , muc: 'm'\n} };\n",
    guest,
    "var config = { hosts: {\n    domain: 'x', anonymousdomain: 'guest.x'\n  , muc: 'm'\n} };\n",
  ],
  [
    'before a comment that runs over the end of the line',
    "var config = { hosts: {\n    domain: 'x', /* a\n    b */ muc: 'm'\n} };\n",
    guest,
    "var config = { hosts: {\n    domain: 'x', anonymousdomain: 'guest.x', /* a\n    b */ muc: 'm'\n} };\n",
  ],
  [
    'with the line ending of the file',
    "var config = {\r\n\thosts: {\r\n\t\tdomain: 'x',\r\n\t}\r\n};\r\n",
    guest,
    "var config = {\r\n\thosts: {\r\n\t\tdomain: 'x',\r\n\t\tanonymousdomain: 'guest.x',\r\n\t}\r\n};\r\n",
  ],
  [
    'with the quotes of domain and of its name',
    'var config = {\n  "hosts": {\n    "domain": "x",\n    "muc": "m"\n  }\n}',
    guest,
    'var config = {\n  "hosts": {\n    "domain": "x",\n    "anonymousdomain": "guest.x",\n    "muc": "m"\n  }\n}',
  ],
  [
    'past a commented sample, which is no value',
    "var config = { hosts: {\n    domain: 'x',\n    // anonymousdomain: 'guest.x',\n    /* anonymousdomain: 'guest.x', */\n} };\n",
    guest,
    "var config = { hosts: {\n    domain: 'x',\n    anonymousdomain: 'guest.x',\n    // anonymousdomain: 'guest.x',\n    /* anonymousdomain: 'guest.x', */\n} };\n",
  ],
  [
    'into the object that wins when the file is pasted twice',
    "var config = { hosts: { domain: 'x' } };\nvar config = { hosts: { domain: 'x' } };\n",
    guest,
    "var config = { hosts: { domain: 'x' } };\nvar config = { hosts: { domain: 'x', anonymousdomain: 'guest.x' } };\n",
  ],
];

const APPENDED: readonly Case[] = [
  ['on a new last line', 'var config = {};\n', inline, 'var config = {};\nconfig.tokenAuthInline = true;\n'],
  [
    'after a statement without semicolon and newline',
    'var config = {}',
    inline,
    'var config = {}\nconfig.tokenAuthInline = true;',
  ],
  [
    'after a comment without newline',
    'var config = {}; // end',
    inline,
    'var config = {}; // end\nconfig.tokenAuthInline = true;',
  ],
  [
    'after a block',
    'var config = {};\nif (1) {\n}',
    jitsiConfig.set('b', 1),
    'var config = {};\nif (1) {\n}\nconfig.b = 1;',
  ],
  [
    'with the line ending of the file',
    'var config = {};\r\n',
    inline,
    'var config = {};\r\nconfig.tokenAuthInline = true;\r\n',
  ],
  [
    'with the line ending of the line before',
    'var config = {};\r\n// a',
    inline,
    'var config = {};\r\n// a\r\nconfig.tokenAuthInline = true;',
  ],
  [
    'for hosts that are built by statements',
    "var config = {};\nconfig.hosts = {};\nconfig.hosts.domain = 'x';\n",
    guest,
    "var config = {};\nconfig.hosts = {};\nconfig.hosts.domain = 'x';\nconfig.hosts.anonymousdomain = 'guest.x';\n",
  ],
  [
    'past a label, which is no value',
    'var config = {};\ntokenAuthInline: true;\n',
    inline,
    'var config = {};\ntokenAuthInline: true;\nconfig.tokenAuthInline = true;\n',
  ],
  [
    'for a name that is no identifier',
    'var config = {};\n',
    jitsiConfig.set('odd-name', 'a'),
    "var config = {};\nconfig['odd-name'] = 'a';\n",
  ],
  [
    'for an object',
    'var config = {};\n',
    sso,
    "var config = {};\nconfig.sso = { tokenService: 'x', clientId: 'jitsi' };\n",
  ],
  [
    'where the value was deleted before',
    'var config = { tokenAuthInline: true };\ndelete config.tokenAuthInline;\n',
    inline,
    'var config = { tokenAuthInline: true };\ndelete config.tokenAuthInline;\nconfig.tokenAuthInline = true;\n',
  ],
  [
    'when unknown properties were copied in before',
    'var config = {};\nObject.assign(config, window.more);\n',
    inline,
    'var config = {};\nObject.assign(config, window.more);\nconfig.tokenAuthInline = true;\n',
  ],
];

const CHANGED: readonly Case[] = [
  [
    'a property',
    "var config = { tokenAuthUrl: 'old', /* c */ a: 1 };",
    address,
    "var config = { tokenAuthUrl: 'https://x/auth', /* c */ a: 1 };",
  ],
  [
    'a property in double quotes, keeping them',
    'var config = { "tokenAuthUrl" : "old" };',
    address,
    'var config = { "tokenAuthUrl" : "https://x/auth" };',
  ],
  [
    'an assignment',
    "var config = {};\nconfig.tokenAuthUrl='old' // why\n",
    address,
    "var config = {};\nconfig.tokenAuthUrl='https://x/auth' // why\n",
  ],
  [
    'an assignment in brackets',
    "var config = {};\nconfig['tokenAuthUrl'] = 'old';",
    address,
    "var config = {};\nconfig['tokenAuthUrl'] = 'https://x/auth';",
  ],
  [
    'an assignment through window',
    "window.config = {};\nwindow.config.tokenAuthUrl = 'old';",
    address,
    "window.config = {};\nwindow.config.tokenAuthUrl = 'https://x/auth';",
  ],
  [
    'an assignment through another name',
    "var config = {};\nvar c = config;\nc.tokenAuthUrl = 'old';",
    address,
    "var config = {};\nvar c = config;\nc.tokenAuthUrl = 'https://x/auth';",
  ],
  [
    'the later one of two',
    "var config = { tokenAuthUrl: 'a' };\nconfig.tokenAuthUrl = 'b';\n",
    address,
    "var config = { tokenAuthUrl: 'a' };\nconfig.tokenAuthUrl = 'https://x/auth';\n",
  ],
  [
    'the one behind a guard that holds',
    "var config = {};\nif (!config.hasOwnProperty('tokenAuthUrl')) config.tokenAuthUrl = 'a';\n",
    address,
    "var config = {};\nif (!config.hasOwnProperty('tokenAuthUrl')) config.tokenAuthUrl = 'https://x/auth';\n",
  ],
  [
    'the one before a guard that does not hold',
    "var config = { tokenAuthUrl: 'a' };\nif (!config.tokenAuthUrl) config.tokenAuthUrl = 'b';\n",
    address,
    "var config = { tokenAuthUrl: 'https://x/auth' };\nif (!config.tokenAuthUrl) config.tokenAuthUrl = 'b';\n",
  ],
  [
    'an expression',
    "var config = { hosts: { domain: 'x', anonymousdomain: 'guest.' + name } }, name;",
    guest,
    "var config = { hosts: { domain: 'x', anonymousdomain: 'guest.x' } }, name;",
  ],
  [
    'a shorthand',
    "var tokenAuthUrl = 'a', config = { tokenAuthUrl };",
    address,
    "var tokenAuthUrl = 'a', config = { tokenAuthUrl: 'https://x/auth' };",
  ],
  [
    'one step of a sequence',
    "var config = {};\nconfig.a = 1, config.tokenAuthUrl = 'b', config.c = 3;",
    address,
    "var config = {};\nconfig.a = 1, config.tokenAuthUrl = 'https://x/auth', config.c = 3;",
  ],
  [
    'the differing part of an object',
    "var config = { sso: {\n  clientId: 'old', // id\n  tokenService: 'x'\n} };",
    sso,
    "var config = { sso: {\n  clientId: 'jitsi', // id\n  tokenService: 'x'\n} };",
  ],
  [
    'a whole object with other keys',
    'var config = { sso: { other: 1 } };',
    sso,
    "var config = { sso: { tokenService: 'x', clientId: 'jitsi' } };",
  ],
  [
    'a value beside bytes that are no text',
    "// \xff\xfe\nvar config = { tokenAuthUrl: '\xc3\xa9' }; // \xe9",
    address,
    "// \xff\xfe\nvar config = { tokenAuthUrl: 'https://x/auth' }; // \xe9",
  ],
  [
    'a value after a byte order mark',
    "\xef\xbb\xbfvar config = { tokenAuthUrl: 'a' };\n",
    address,
    "\xef\xbb\xbfvar config = { tokenAuthUrl: 'https://x/auth' };\n",
  ],
  [
    'a value that holds a server-side include',
    `var config = { tokenAuthUrl: "<!--# echo var="a" default="" -->" };\n`,
    address,
    'var config = { tokenAuthUrl: "https://x/auth" };\n',
  ],
];

const TAKEN_OUT: readonly Case[] = [
  [
    'a property with its line',
    'var config = {\n  a: 1,\n  sso: { b: 2 },\n  c: 3\n};\n',
    jitsiConfig.unset('sso'),
    'var config = {\n  a: 1,\n  c: 3\n};\n',
  ],
  [
    'the last property with the comma before it',
    'var config = {\n  a: 1, // one\n  sso: 2\n};\n',
    jitsiConfig.unset('sso'),
    'var config = {\n  a: 1 // one\n};\n',
  ],
  [
    'the last property with its own comma',
    'var config = {\n  a: 1,\n  sso: 2,\n};\n',
    jitsiConfig.unset('sso'),
    'var config = {\n  a: 1,\n};\n',
  ],
  [
    'a property within a line',
    'var config = { a: 1, sso: 2, c: 3 };',
    jitsiConfig.unset('sso'),
    'var config = { a: 1, c: 3 };',
  ],
  [
    'the first property of a line',
    'var config = { sso: 2, c: 3 };',
    jitsiConfig.unset('sso'),
    'var config = { c: 3 };',
  ],
  ['the only property', 'var config = { sso: 2 };', jitsiConfig.unset('sso'), 'var config = {  };'],
  [
    'a statement with its line',
    'var config = {};\r\nconfig.sso = 1;\r\nconfig.a = 2;\r\n',
    jitsiConfig.unset('sso'),
    'var config = {};\r\nconfig.a = 2;\r\n',
  ],
  [
    'the last statement with the newline before it',
    'var config = {};\r\nconfig.sso = 1;',
    jitsiConfig.unset('sso'),
    'var config = {};',
  ],
  [
    'a statement, but not the comment beside it',
    'var config = {};\nconfig.sso = 1; // why\n',
    jitsiConfig.unset('sso'),
    'var config = {};\n // why\n',
  ],
  [
    'every place that gives the value',
    'var config = { sso: 1,\n sso: 2 };\nconfig.sso = 3;\nconfig.sso = 4;\n',
    jitsiConfig.unset('sso'),
    'var config = {  };\n',
  ],
  ['nothing that is a comment', 'var config = {\n// sso: 1,\n};\n', jitsiConfig.unset('sso'), 'already'],
];

function check(group: readonly Case[]): void {
  for (const [name, before, change, after] of group) {
    it(name, () => {
      assert.equal(edit(before, change), after);
      if (after !== 'already') assert.equal(edit(after, change), 'already');
    });
  }
}

describe('An edit of config.js', () => {
  describe('puts anonymousdomain', () => check(INSERTED));
  describe('appends a value', () => check(APPENDED));
  describe('changes where it stands', () => check(CHANGED));
  describe('takes out', () => check(TAKEN_OUT));

  it('restores the bytes from before when what it put in is taken out', () => {
    for (const [, before, change, after] of [...INSERTED, ...APPENDED]) {
      assert.equal(edit(after, jitsiConfig.unset(change.path)), before);
    }
  });

  it('leaves alone a value that an expression already gives', () => {
    assert.equal(
      edit("var d = 'x';\nvar config = { hosts: { domain: d, anonymousdomain: `guest.${d}` } };", guest),
      'already',
    );
  });

  it('keeps what people changed elsewhere in the meantime when it is taken out', () => {
    const ours = edit("var config = { hosts: {\n  domain: 'x',\n} };\n", guest, inline);
    const theirs = ours
      .replace("domain: 'x',", "domain: 'y', // moved")
      .replace('config.token', 'config.mine = 1;\nconfig.token');
    const back = edit(
      theirs,
      jitsiConfig.unset('hosts.anonymousdomain'),
      jitsiConfig.unset('tokenAuthInline'),
    );
    assert.equal(back, "var config = { hosts: {\n  domain: 'y', // moved\n} };\nconfig.mine = 1;\n");
  });

  it('makes several edits of one list', () => {
    const before = "var config = { hosts: {\n  domain: 'x'\n} };\n";
    const after = edit(
      before,
      jitsiConfig.set('hosts.a', 1),
      jitsiConfig.set('hosts.b', 2),
      jitsiConfig.set('hosts.c', 3),
    );
    assert.deepEqual(runConfig(Buffer.from(after))['hosts'], { domain: 'x', a: 1, b: 2, c: 3 });
    assert.equal(
      edit(after, jitsiConfig.unset('hosts.b'), jitsiConfig.unset('hosts.a'), jitsiConfig.unset('hosts.c')),
      before,
    );
  });

  it('refuses to be given two edits of one value', () => {
    assert.throws(() => edit('var config = {};', sso, jitsiConfig.set('sso.clientId', 'a')), /overlap: sso/);
    assert.doesNotThrow(() => edit('var config = {};', sso, jitsiConfig.set('ssoOther', 'a')));
  });
});
