import assert from 'node:assert/strict';
import { maskNginx } from '../../../src/formats/nginx/index.js';

describe('maskNginx', () => {
  const hidden: readonly (readonly [what: string, text: string, masked: string])[] = [
    [
      'an authorization header',
      'proxy_set_header Authorization "Basic dXNlcjpwYXNz";',
      'proxy_set_header Authorization *****;',
    ],
    [
      'a header with a telling name',
      `add_header X-Api-Key 's3cr t' always;`,
      'add_header X-Api-Key ***** always;',
    ],
    ['a variable with a telling name', 'set $db_password hunter2;', 'set $db_password *****;'],
    ['a secret of a module', 'secure_link_secret hunter2;', 'secure_link_secret *****;'],
    ['a secret among variables', 'secure_link_md5 "$uri hunter2";', 'secure_link_md5 *****;'],
    [
      'a map to a token',
      'map $uri $jwt_token { default hunter2; /a $b; }',
      'map $uri $jwt_token { default *****; /a $b; }',
    ],
    [
      'a comparison with a token',
      'if ($http_x_token != "hunter2") { return 403; }',
      'if ($http_x_token != *****) { return 403; }',
    ],
    ['a password in a URL', 'proxy_pass http://user:hunter2@db:80/;', 'proxy_pass http://user:*****@db:80/;'],
    [
      'a token in a query',
      'proxy_pass http://db/?token=hunter2&a=b;',
      'proxy_pass http://db/?token=*****&a=b;',
    ],
    ['an environment variable', 'env APP_SECRET=hunter2;', 'env APP_SECRET=*****;'],
    ['a comment', '# password: hunter2', '# password: *****'],
    [
      'Lua',
      'access_by_lua_block { local opts = { client_secret = "hunter2" } }',
      'access_by_lua_block { local opts = { client_secret = "*****" } }',
    ],
    [
      'bearer credentials anywhere',
      'more_set_headers "X: Bearer abc.def1234";',
      'more_set_headers "X: Bearer *****";',
    ],
    [
      'a private key',
      '# -----BEGIN PRIVATE KEY-----\n# abc\n# -----END PRIVATE KEY-----',
      '# -----BEGIN PRIVATE KEY----------END PRIVATE KEY-----',
    ],
    [
      'a part of a file that cannot be read alone',
      ' x"; }\nset $token "hunter2";\na "',
      ' x"; }\nset $token *****;\na "',
    ],
  ];
  for (const [what, text, masked] of hidden) {
    it(`hides ${what}`, () => {
      const shown = maskNginx(text);
      assert.ok(!shown.includes('hunter2'), shown);
      if (what !== 'a private key') assert.equal(shown, masked);
      assert.ok(!shown.includes('abc\n'));
    });
  }

  const shown = [
    'ssl_certificate_key /etc/jitsi/meet/x.key;',
    'ssl_password_file /etc/keys/pass;',
    'proxy_set_header Authorization $http_authorization;',
    'proxy_set_header Authorization "Bearer $token";',
    'proxy_set_header X-Forwarded-For $remote_addr;',
    `add_header 'Access-Control-Allow-Headers' 'Authorization,Token';`,
    `add_header 'Access-Control-Allow-Credentials' 'true';`,
    'server_tokens off;',
    'auth_basic "Staff only";',
    '# Basic Settings',
    'env APP_SECRET;',
    'proxy_pass http://127.0.0.1:18080/realms/jitsi-realm/;',
  ];
  for (const text of shown) it(`leaves ${text}`, () => assert.equal(maskNginx(text), text));
});
