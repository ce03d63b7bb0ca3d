import assert from 'node:assert/strict';
import { editJitsiConfig, lintJitsiConfig, realmsNamed } from '../../../src/formats/jitsi-config/index.js';
import { signIn } from './sign-in.js';

const job = { domain: 'meet.example.com', realm: 'jitsi-realm', client: 'jitsi' };
const plain = "var config = { hosts: { domain: 'meet.example.com' } };\n";

/** A config.js as the flagship leaves it. */
const healthy = ((): string => {
  const outcome = editJitsiConfig(Buffer.from(plain), signIn);
  return outcome.is === 'edited' ? Buffer.from(outcome.bytes).toString() : '';
})();

const lint = (source: string): readonly string[] =>
  lintJitsiConfig([{ path: 'a.js', source: Buffer.from(source) }], job).map(
    ({ path, at, code }) => `${path}:${at.line}:${at.column} ${code}`,
  );

/** [what is replaced, with what, what is found]; line 2 sets tokenAuthUrl, 3 tokenLogoutUrl, 6 sso. */
const FAULTS: readonly (readonly [string | RegExp, string, readonly string[]])[] = [
  [/jitsi-realm(?=.*auth\?)/, 'jitsi-test', ['2:1 other-realm']],
  [/jitsi-realm(?=.*logout\?)/, 'jitsi-test', ['3:1 other-realm']],
  [/jitsi-realm(?=.*clientId)/, 'jitsi-test', ['6:48 other-realm']],
  ["clientId: 'jitsi'", "clientId: 'other'", ['6:125 other-client']],
  ['client_id=jitsi', 'client_id=other', ['2:1 other-client']],
  ['redirect_uri=https://meet', 'redirect_uri=https://other', ['2:1 other-redirect']],
  ['state={state}', 'state=1', ['2:1 no-state']],
  ['code_challenge={code_challenge}&', '', ['2:1 no-code-challenge']],
  ["tokenAuthUrl = 'https:", "tokenAuthUrl = 'http:", ['2:1 plain-http']],
  ["tokenService: '", "tokenService: 'https://", ['6:48 service-with-scheme']],
  ['tokenAuthInline = true', "tokenAuthInline = 'false'", ['5:1 string-for-boolean']],
  ["domain: 'meet.example.com'", "domain: 'x'", ['1:25 other-domain']],
  ["domain: 'meet.example.com'", "domain: '{{ domain }}'", ['1:25 other-domain']],
  ["'guest.meet.example.com'", "'guest.x'", ['1:53 other-guest-domain']],
  ['config.tokenAuthInline = true;\n', '', ['2:1 incomplete-sign-in']],
  [/$/, 'config.tokenAuthInline = false;\n', ['5:1 set-twice']],
  [/$/, 'if (location.hash) config.tokenAuthInline = false;\n', ['7:5 in-doubt']],
  [/$/, 'tokenAuthInline: false;\n', ['7:1 option-as-label']],
  [/$/, '// see </SCRIPT>\n', ['7:8 script-end']],
  [/;\n$/, '\n', ['6:144 no-last-semicolon']],
  [/$/, '`\n', ['7:2 syntax']],
  [/$/, 'fr;\n', ['7:1 stops-early']],
];

describe('The lint of config.js', () => {
  it('finds nothing in a file as the flagship leaves it, or before sign-in is set up', () => {
    assert.deepEqual(lint(healthy), []);
    assert.deepEqual(lint(plain), []);
  });

  for (const [before, after, found] of FAULTS) {
    it(`finds ${found.join()} in ${String(before)} → ${JSON.stringify(after)}`, () => {
      const faulty = healthy.replace(before, after);
      assert.notEqual(faulty, healthy);
      assert.deepEqual(
        lint(faulty),
        found.map((finding) => `a.js:${finding}`),
      );
    });
  }

  it('finds the fault of the published recipe: another realm than the job has, three times', () => {
    const recipe = healthy.replaceAll('jitsi-realm', 'jitsi-test');
    assert.deepEqual(lint(recipe), ['a.js:2:1 other-realm', 'a.js:3:1 other-realm', 'a.js:6:48 other-realm']);
  });

  it('says for each finding what it breaks and what to do', () => {
    const source = Buffer.from(healthy.replaceAll('jitsi-realm', 'jitsi-test'));
    for (const { breaks, fix } of lintJitsiConfig([{ path: 'a.js', source }], job)) {
      assert.match(breaks, /^`config\.\S+` sends people to the realm jitsi-test/);
      assert.match(fix, /jitsi-realm/);
    }
  });

  it('says of what other sign-in services need nothing', () => {
    assert.deepEqual(lint(`${plain}config.tokenAuthUrl = 'https://sso.example.com/{room}';\n`), []);
  });

  it('names at most ten findings of one kind', () => {
    assert.equal(lint(plain + 'config.sso = 1;\n'.repeat(50)).length, 10);
  });

  it('takes several files, in their order', () => {
    const source = Buffer.from('`');
    const found = lintJitsiConfig(
      [
        { path: 'b.js', source },
        { path: 'a.js', source },
      ],
      job,
    );
    assert.deepEqual(
      found.map(({ path }) => path),
      ['b.js', 'a.js'],
    );
  });
});

describe('The realms of a config.js', () => {
  it('are those of the sign-in page, the sign-out page and the token service', () => {
    const named = realmsNamed(Buffer.from(healthy.replace('jitsi-realm', 'a%20b')));
    assert.deepEqual(
      named.map(({ realm, option, at }) => [realm, option, at.line]),
      [
        ['a b', 'tokenAuthUrl', 2],
        ['jitsi-realm', 'tokenLogoutUrl', 3],
        ['jitsi-realm', 'sso.tokenService', 6],
      ],
    );
  });

  it('are none where there are none, or where the file cannot be read', () => {
    for (const source of [plain, '`', `// ${healthy.replaceAll('\n', ' ')}`]) {
      assert.deepEqual(realmsNamed(Buffer.from(source)), []);
    }
  });
});
