import assert from 'node:assert/strict';
import { editProsody } from '../../../src/formats/prosody/apply.js';
import { lintProsody, signInFacts } from '../../../src/formats/prosody/lint.js';
import { bytesOf } from '../../../src/formats/source.js';
import { corpusFile } from '../corpus.js';
import { signInEdits, signInOf } from './sign-in.js';

const source = (text: string, path = 'd.cfg.lua') => ({ path, bytes: bytesOf(text) });

const found = (...texts: readonly string[]): string[] =>
  lintProsody(
    texts.map((text, at) => source(text, `${at}.lua`)),
    { domain: 'd' },
  ).map(({ code, path, at }) => `${code} ${path}:${at.line}`);

const keys = 'cache_keys_url = "http://127.0.0.1/realms/r/protocol/openid-connect/certs"';
const globals = 'asap_accepted_issuers = { "https://d/realms/r" }\nasap_require_room_claim = false\n';
const host = `VirtualHost "d"\nauthentication = "token"\napp_id = "c"\n${keys}\n`;
const lobby =
  'modules_enabled = { "persistent_lobby", "muc_lobby_rooms" }\nmain_muc = "conference.d"\nlobby_muc = "lobby.d"\n';
const muc =
  'Component "conference.d" "muc"\nmodules_enabled = { "muc_wait_for_host" }\nComponent "lobby.d" "muc"\n';
const whole = `muc_mapper_domain_base = "d"\n${globals}${host}${lobby}${muc}`;

const without = (line: string): string => whole.replace(line, '');

const cases: readonly (readonly [why: string, files: readonly string[], findings: readonly string[]])[] = [
  ['nothing in a whole set-up', [whole], []],
  [
    'nothing in one that is spread over files',
    [`muc_mapper_domain_base = "d"\n${globals}`, host + lobby, muc],
    [],
  ],
  [
    'options for tokens at the end of the file',
    [`${host}${muc}${globals}`.replace(' "muc_wait_for_host" ', '')],
    ['asap-in-wrong-section 0.lua:8', 'asap-in-wrong-section 0.lua:9', 'room-claim-required 0.lua:2'],
  ],
  [
    'the same where they have no effect',
    [`${whole}asap_accepted_audiences = { "a" }\n`],
    ['asap-in-wrong-section 0.lua:14'],
  ],
  [
    'options in a component that checks tokens by those of its host',
    [
      whole.replace(
        '"muc_wait_for_host" }',
        '"muc_wait_for_host", "token_verification" }\nasap_require_room_claim = false',
      ),
    ],
    ['asap-in-wrong-section 0.lua:13'],
  ],
  [
    'nothing in a component that checks tokens by its own',
    [
      whole.replace(
        '"muc_wait_for_host" }',
        '"muc_wait_for_host", "muc_jigasi_invite" }\nasap_require_room_claim = false',
      ),
    ],
    [],
  ],
  [
    'a second authentication',
    [whole.replace('app_id', 'authentication = "anonymous"\napp_id')],
    ['second-authentication 0.lua:6'],
  ],
  [
    'a second list of modules',
    [whole.replace('main_muc', 'modules_enabled = { "muc_lobby_rooms", "persistent_lobby" }\nmain_muc')],
    ['duplicate-option 0.lua:9'],
  ],
  [
    'a section in the wrong capitals',
    [whole.replace(muc, `Virtualhost "guest.d"\nauthentication = "a"\n${muc}`)],
    ['misspelled-name 0.lua:11'],
  ],
  [
    'a module that Prosody ignores',
    [whole.replace('Component "lobby.d" "muc"', 'Component("lobby.d", "muc")')],
    ['module-ignored 0.lua:13'],
  ],
  [
    'nothing in a module that is there twice',
    [whole.replace('Component "lobby.d" "muc"', 'Component("lobby.d", "muc") "muc"')],
    [],
  ],
  ['a template', [whole, '{% if x %}\n'], ['template 1.lua:1']],
  [
    'a host that is switched off',
    [whole.replace('app_id', 'enabled = false\napp_id')],
    ['switched-off 0.lua:6'],
  ],
  ['nothing in another host that is', [`${whole}VirtualHost "example.com"\nenabled = false\n`], []],
  ['a host in two files', [whole, 'VirtualHost "D"\n'], ['host-in-two-files 1.lua:1']],
  [
    'a host twice in a file',
    [whole.replace('Component', 'VirtualHost "d"\nComponent')],
    ['host-twice 0.lua:11'],
  ],
  [
    'no domain base for the waiting guests',
    [without('muc_mapper_domain_base = "d"\n')],
    ['wait-for-host-incomplete 0.lua:11'],
  ],
  [
    'no main_muc for the waiting guests',
    [without('main_muc = "conference.d"\n')],
    ['wait-for-host-incomplete 0.lua:11'],
  ],
  [
    'no lobby for the waiting guests',
    [without('lobby_muc = "lobby.d"\n')],
    ['wait-for-host-incomplete 0.lua:11'],
  ],
  [
    'no lobby modules for the waiting guests',
    [without(', "muc_lobby_rooms"')],
    ['wait-for-host-incomplete 0.lua:12'],
  ],
  ['an issuer with the wrong scheme', [whole.replace('https:', 'http:')], ['issuer-not-https 0.lua:2']],
  ['an issuer with a slash behind it', [whole.replace('/r"', '/r/"')], ['issuer-trailing-slash 0.lua:2']],
  ['two realms', [whole.replace('d/realms/r', 'd/realms/s')], ['realm-differs 0.lua:7']],
  ['keys from localhost', [whole.replace('127.0.0.1', 'localhost')], ['keys-url-localhost 0.lua:7']],
  ['no app_id', [without('app_id = "c"\n')], ['token-without-app-id 0.lua:5']],
  ['no keys', [without(`${keys}\n`)], ['token-without-keys 0.lua:5']],
  [
    'the room claim required',
    [without('asap_require_room_claim = false\n')],
    ['room-claim-required 0.lua:4'],
  ],
  [
    'the backtick of the published recipe',
    [whole.replace('"muc"\nmod', '"muc"`\nmod')],
    ['stray-backtick 0.lua:11'],
  ],
  ['another error of syntax', ['x = {', 'VirtualHost "d"'], ['syntax 0.lua:1']],
  ['a byte order mark', [`\xef\xbb\xbf${whole}`], ['byte-order-mark 0.lua:1']],
  ['a # line', [`#!/usr/bin/lua\n${whole}`], ['hash-line 0.lua:1']],
  [
    'a main_muc that is no component',
    ['VirtualHost "d"\nmain_muc = "x.d"\nComponent "muc.d" "muc"\n'],
    ['main-muc-not-here 0.lua:2'],
  ],
  [
    'two components that could be the MUC',
    ['Component "muc.d" "muc"\nComponent "conference.d" "muc"\n'],
    ['muc-ambiguous 0.lua:1'],
  ],
];

describe('the lint of Prosody files', () => {
  for (const [why, files, findings] of cases) {
    it(`finds ${why}`, () => assert.deepEqual(found(...files), findings));
  }

  it('says what breaks and what to do', () => {
    const [finding] = lintProsody([source(whole.replace('https:', 'http:'))], { domain: 'd' });
    assert.match(finding?.breaks ?? '', /every login is refused/);
    assert.equal(finding?.fix, 'write "https://d/realms/r"');
  });

  it('finds nothing about tokens in a packaged file that the sign-in has edited', function () {
    const name = 'jitsi-meet-template-2025-06-17.cfg.lua';
    const domain = 'jitmeet.example.com';
    const outcome = editProsody(corpusFile(this, 'prosody', name), signInEdits(signInOf(domain)));
    assert(outcome.is === 'edited');
    assert.deepEqual(lintProsody([{ path: name, bytes: outcome.bytes }], { domain }), []);
  });

  it('tells what the files say, for comparison with others', () => {
    const facts = signInFacts([source(whole)], { domain: 'D' });
    assert.deepEqual(
      [facts.authentication?.value, facts.issuers?.value, facts.clientId?.value, facts.realms, facts.muc],
      ['token', ['https://d/realms/r'], 'c', ['r'], 'conference.d'],
    );
    assert.deepEqual(facts.keysUrl?.at, { line: 7, column: 1 });
  });
});
