import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maskJavaScript } from '../../../src/formats/javascript/index.js';

const H = '********';

describe('The mask of secrets in JavaScript', function () {
  this.timeout(30_000);

  for (const [text, masked] of [
    ["a({ password: 'p1', user: 'u' });", `a({ password: '${H}', user: 'u' });`],
    ['var config = { "callStatsSecret": "s1" };', `var config = { "callStatsSecret": "${H}" };`],
    ["config.analytics['apiKey'] = 's' + \"t\";", `config.analytics['apiKey'] = '${H}' + "${H}";`],
    ["config.token = ok ? 'a1' : f('b1');", `config.token = ok ? '${H}' : f('${H}');`],
    ["var app_secret = 'x1';", `var app_secret = '${H}';`],
    [
      "let x = { iceServers: [{ credential: 'c1', username: 'u' }] };",
      `let x = { iceServers: [{ credential: '${H}', username: 'u' }] };`,
    ],
    [
      "a = { credentials: { user: 'u1', key: 'k1' } };",
      `a = { credentials: { user: '${H}', key: '${H}' } };`,
    ],
    ['a = { jwt: `one\ntwo${b}three` };', `a = { jwt: \`${H}\n\${b}${H}\` };`],
    ["// apiKey: 'k1',\nf();", `// apiKey: '${H}',\nf();`],
    ["/*\n * giphy: { sdkKey: 'k1' }\n */", `/*\n * giphy: { sdkKey: '${H}' }\n */`],
    ["broken( { password: 'p1', a: 'b'", `broken( { password: '${H}', a: '${H}'`],
    ["broken( password = 'p1", `broken( password = '${H}`],
    ["a = 'turn://u:pw1@host';", `a = 'turn://u:${H}@host';`],
    ["a = 'https://x/?api_key=k1&b=c';", `a = 'https://x/?api_key=${H}&b=c';`],
    ['// eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_d', `// ${H}`],
    ['a = { "password": "<!--# echo var="x" -->" };', `a = { "password": "${H}" };`],
  ] as const) {
    it(`hides ${JSON.stringify(text)}`, () => assert.equal(maskJavaScript(text), masked));
  }

  for (const text of [
    "config.tokenAuthUrl = 'https://x/realms/r/auth?client_id=jitsi&state={state}&code_challenge={code_challenge}';",
    "config.tokenLogoutUrl = 'https://x/logout';",
    "config.sso = { ssoService: 'x', tokenService: 'x/realms/r', clientId: 'jitsi' };",
    'config.tokenAuthInline = true;',
    'config.roomPasswordNumberOfDigits = 10;',
    "// tokenAuthUrl: 'https://myservice.com/auth/{room}?code_challenge_method=S256&token={token}',",
    "config.hosts = { domain: 'x', anonymousdomain: 'guest.x' };",
    "a = { getPassword: function () { return 'label'; } };",
    "a = { password: '' };",
  ]) {
    it(`shows ${text}`, () => assert.equal(maskJavaScript(text), text));
  }

  it('never shows a secret of a file, and keeps its lines', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{12}$/).map((text) => `S3cret${text}`);
    const name = fc.constantFrom('password', 'appSecret', 'apiKey', 'accessToken', 'credential');
    const form = fc.constantFrom(
      (key: string, value: string) => `config.${key} = '${value}';`,
      (key: string, value: string) => `config.x = { a: 1, "${key}" : "${value}" };`,
      (key: string, value: string) => `// ${key}: '${value}',`,
      (key: string, value: string) => `config['${key}']=\`${value}\`;`,
      (key: string, value: string) => `var ${key} = ["${value}"]`,
    );
    const line = fc.tuple(form, name, secret).map(([write, key, value]) => write(key, value));
    const noise = fc.constantFrom(
      '',
      'var a = {',
      '};',
      '/*',
      '*/',
      "'",
      '`',
      'if (a) {',
      '<!--# echo var="a" -->',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: line }, noise)), (lines) => {
        const masked = maskJavaScript(lines.join('\n'));
        assert.equal(masked.split('\n').length, lines.length === 0 ? 1 : lines.length);
        assert.doesNotMatch(masked, /S3cret/);
      }),
      { numRuns: 1000 },
    );
  });
});
