import assert from 'node:assert/strict';
import { editJitsiConfig, jitsiConfig } from '../../../src/formats/jitsi-config/index.js';

const edits = [
  jitsiConfig.set('hosts.anonymousdomain', 'guest.x'),
  jitsiConfig.set('tokenAuthUrl', 'https://x/auth'),
];
const CONFIG = "var config = { hosts: { domain: 'x' } };\n";

/** [the code of the refusal, line and column, the file] */
const REFUSED: readonly (readonly [string, string, string])[] = [
  ['syntax', '2:17', 'var config = {\n  hosts: { a: 1 b: 2 }\n};\n'],
  ['syntax', '1:18', `${CONFIG.slice(0, 17)}\``],
  ['syntax', '1:16', 'var config = { '],
  ['syntax', '1:1', 'export default {};'],
  ['template', '1:23', 'var config = { hosts: {{ hosts }} };\n'],
  ['template', '2:1', 'var config = {};\n{{ if .Env.ENABLE_AUTH }}\n{{ end }}\n'],
  ['template', '1:33', 'var config = { hosts: { domain: ${DOMAIN} } };\n'],
  ['no-config', '1:1', ''],
  ['no-config', '1:1', 'var interfaceConfig = {};\n'],
  ['no-config', '1:1', "config.hosts.anonymousdomain = 'guest.x';\n"],
  ['no-config', '1:1', '// var config = {};\n'],
  ['no-config', '1:1', 'var config;\n'],
  ['no-config', '1:1', 'function config() {}\nvar config = 1;'],
  ['set-by-function', '2:3', '(function () { var config = { hosts: {} };\n  window.config = config; })();\n'],
  ['computed-config', '1:1', 'var config = load();\nfunction load() {}\n'],
  ['in-doubt', '1:5', "if (location.host === 'x') { var config = {}; }\n"],
  ['shadowed-config', '1:7', '{ let config = {}; }\n'],
  ['stops-early', '2:19', `${CONFIG}config.language = fr;\n`],
  ['stops-early', '2:1', `${CONFIG}config.p2p.enabled = true;\n`],
  ['stops-early', '2:1', `${CONFIG}throw new Error('x');\n`],
  ['stops-early', '2:1', "const config = { hosts: { domain: 'x' } };\nconfig = {};\n"],
  ['stops-early', '2:1', `${CONFIG}config.start();\n`],
  ['no-parent', '1:1', 'var config = {};\n'],
  ['not-an-object', '1:16', 'var config = { hosts: [] };\n'],
  ['in-doubt', '2:5', `${CONFIG}if (location.host === 'y') config.hosts = {};\n`],
  ['in-doubt', '2:5', `${CONFIG}if (location.host === 'y') config.tokenAuthUrl = 'a';\n`],
  ['in-doubt', '2:32', `${CONFIG}for (const key in window.more) config[key] = 1;\n`],
  [
    'in-doubt',
    '1:78',
    "var config = { hosts: { domain: 'x', ...window.more, anonymousdomain: 'a' }, ...window.more };\n",
  ],
  ['in-doubt', '3:1', `${CONFIG}config.tokenAuthUrl = 'a';\nObject.assign(config, window.more);\n`],
  ['in-doubt', '2:1', `${CONFIG}Object.freeze(config);\n`],
  ['in-doubt', '2:1', `${CONFIG}Object.defineProperty(config, 'tokenAuthUrl', { value: 1 });\n`],
  ['in-doubt', '2:1', `${CONFIG}window.adapt(config);\n`],
  ['in-doubt', '2:2', `${CONFIG}!function (c) { c.more = 1; }(config);\n`],
  ['set-by-function', '2:31', `${CONFIG}window.onload = function () { config.tokenAuthUrl = 'a'; };\n`],
  ['set-by-function', '2:14', `${CONFIG}[1].map(x => other.tokenAuthUrl = x);\n`],
  ['computed-value', '2:1', `${CONFIG}config.tokenAuthUrl = config.tokenLogoutUrl = 'a';\n`],
  ['computed-value', '2:1', `${CONFIG}config.tokenAuthUrl += 'a';\n`],
  [
    'computed-value',
    '1:16',
    "var config = { get tokenAuthUrl() { return 'a'; }, hosts: { domain: 'x' } };\n",
  ],
  [
    'in-doubt',
    '3:40',
    `${CONFIG}config.tokenAuthUrl = 'a';\nif (location.hash) { var c = config; } c.tokenAuthUrl = 'b';\n`,
  ],
  [
    'in-doubt',
    '3:1',
    `${CONFIG}config.tokenAuthUrl = 'a';\n(function () { Object.assign(config, window.more); })();\n`,
  ],
  ['in-doubt', '2:1', `${CONFIG}a: { if (location.hash) break a; config.tokenAuthUrl = 'a'; }\n`],
  [
    'in-doubt',
    '3:5',
    `${CONFIG}config.on = false; function f() { config.on = true; } f();\nif (config.on) config.tokenAuthUrl = 'a';\n`,
  ],
  ['in-doubt', '2:5', `${CONFIG}if ('<!--# echo var="a" -->') config.tokenAuthUrl = 'a';\n`],
  ['computed-value', '2:12', `${CONFIG}var page = config.tokenAuthUrl = 'a';\n`],
  ['stops-early', '2:1', `'use strict';\nconfig = { hosts: { domain: 'x' } };\n`],
  [
    'in-doubt',
    '2:54',
    `${CONFIG}var on = false; function f() { on = true; } f(); if (on) config.tokenAuthUrl = 'a';\n`,
  ],
  [
    'not-proven',
    '1:1',
    "var b = { tokenAuthUrl: 'a' };\nvar config = { hosts: { domain: 'x' }, c: { ...b }, ...b };\n",
  ],
  ['server-side-code', '1:1', `<!--# if expr="$a = b" -->\n${CONFIG}<!--# endif -->\n`],
  ['server-side-code', '2:1', `${CONFIG}<!--# echo var="more" -->\n`],
  ['server-side-code', '2:1', `${CONFIG}<!--#include virtual="/more.js" -->\n`],
];

describe('A config.js is refused', () => {
  for (const [code, place, source] of REFUSED) {
    it(`as ${code}: ${JSON.stringify(source.replace(CONFIG, '')).slice(0, 90)}`, () => {
      const outcome = editJitsiConfig(Buffer.from(source), edits);
      assert.equal(outcome.is, 'refused');
      const { at, reason } = outcome.refusal;
      assert.deepEqual(
        [outcome.refusal.code, `${at.line}:${at.column}`, reason === ''],
        [code, place, false],
      );
    });
  }

  it('when the code is nested beyond what a parser can follow', () => {
    const outcome = editJitsiConfig(Buffer.from(`var config = ${'['.repeat(200_000)}`), edits);
    assert.equal(outcome.is === 'refused' && outcome.refusal.code, 'too-deep');
  });
});

/** Code that gives `sso` a value and cannot go without leaving something else broken. */
const UNREMOVABLE: readonly string[] = [
  'config.a = 1, config.sso = 2;',
  'if (1) config.sso = 1;',
  "config.sso = 'a';\nconfig.sso += 'b';",
  'config.sso = window.n = 1;',
  'var sso = (config.sso = 1);',
  "config.sso += 'b';\nconfig.sso = 'a';",
  '[config.sso] = [1];',
  'config.sso = 1;\n'.repeat(21),
];

describe('A value is not taken out of config.js', () => {
  for (const code of UNREMOVABLE) {
    it(`when it stands in ${JSON.stringify(code).slice(0, 50)}`, () => {
      const outcome = editJitsiConfig(Buffer.from(CONFIG + code), [jitsiConfig.unset('sso')]);
      assert.equal(outcome.is === 'refused' && outcome.refusal.code, 'computed-value');
    });
  }
});

describe('Edits of config.js are refused', () => {
  const refusalOf = (source: string, ...changes: Parameters<typeof editJitsiConfig>[1]): string | false => {
    const outcome = editJitsiConfig(Buffer.from(source), changes);
    return outcome.is === 'refused' && outcome.refusal.code;
  };

  it('when a statement that they do not touch would read otherwise', () => {
    const source = `${CONFIG}window.n = String\nconfig.sso = 1;\n(0);\n`;
    assert.equal(refusalOf(source, jitsiConfig.unset('sso')), 'not-proven');
  });

  it('when one piece of code gives both values', () => {
    const source = 'var o = { x: 1 }, config = { a: o, b: o };\n';
    assert.equal(refusalOf(source, jitsiConfig.set('a.x', 2), jitsiConfig.set('b.x', 3)), 'one-for-two');
  });
});

/** Code around the values that says nothing about them. */
const HARMLESS: readonly string[] = [
  "config.hosts.domain = '{{ jitsi_domain }}';\nconfig.bosh = '//__DOMAIN__/http-bind';\n",
  "var a = '<!--# echo var=\"a\" default=\"\" -->';\nif (a.startsWith('<!--')) { a = ''; }\n",
  'var b = "<!--# echo var="b" default="" -->";\n',
  'var c = <!--# echo var="c" default="1" -->;\n',
  "if (location.search.includes('debug')) { config.debug = true; } else config.debug = false;\n",
  "for (var i = 0; i < 3; i++) { config['n' + i] = i; }\n",
  "if (typeof module !== 'undefined') module.exports = config;\n",
  'config.start?.();\nconfig?.start?.();\n',
  'console.log(config, JSON.stringify(config));\n',
  'config.p2p = { stunServers: [] };\nconfig.p2p.stunServers.push({ urls: "x" });\n',
  "config.urls = 'a,b'.split(',').map(url => ({ urls: 'stun:' + url }));\n",
  'try { localStorage.setItem("a", 1); } catch (e) { console.log(e); }\n',
  'function later(room) { return config.bosh + room; }\n',
  "config.hosts = config.hosts || {};\nconfig.hosts.muc ??= 'm';\n",
  'var { a, b: [c] } = { a: 1, b: [2] };\n[c, config.other] = [1, 2];\n',
  'class A { m() { return 1; } }\nswitch (a1) { case 1: config.one = 1; break; default: }\nvar a1;\n',
  'outer: for (;;) { break outer; }\n<!-- an old comment\n',
  "tokenAuthUrl: 'a';\nhosts: { anonymousdomain: 'b'; }\n",
];

describe('A config.js is edited', () => {
  for (const code of HARMLESS) {
    it(`beside ${JSON.stringify(code).slice(0, 90)}`, () => {
      const loops = code.includes("config['n'");
      const outcome = editJitsiConfig(Buffer.from(CONFIG + code), loops ? edits.slice(1) : edits);
      assert.equal(outcome.is, 'edited', outcome.is === 'refused' ? outcome.refusal.message : '');
    });
  }
});
