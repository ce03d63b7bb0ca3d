import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maskProsody } from '../../../src/formats/prosody/mask.js';
import { isSecretOption } from '../../../src/formats/prosody/secret-option.js';

const hiding = [
  'app_secret = "S3CRET"',
  "component_secret='S3CRET'",
  'external_service_secret = [[S3CRET]];',
  'x = { type = "turn", secret = "S3CRET", port = 1 }',
  'sql = { driver = "x", ["password"] = "S3CRET" }',
  '--app_secret="S3CRET"',
  '--   app_secret = S3CRET',
  '--[[ a\nldap_password = "S3CRET"\n]]',
  '-- t = {\n--   secret = "S3CRET",\n-- }',
  '-- -- app_secret = "S3CRET"',
  '-- it\'s here: app_secret = "S3CRET"',
  'app_secret = "a" .. "S3CRET"',
  'app_secret = os.getenv("X") or "S3CRET"',
  'app_secret =\n  -- why\n  "S3CRET"',
  'passwords = { alice = "S3CRET" }',
  'x = ` \napp_secret = "S3CRET"',
  'x = "open\napp_secret = "S3CRET"',
  'app_secret = "S3CRET',
  'x = { {{ app_secret = "S3CRET"',
  'storage_url = "postgres://user:S3CRET@db/prosody"',
  'VirtualHost "d" { app_secret = "S3CRET" }',
  '+    app_secret = "S3CRET"',
];

const showing = [
  'cache_keys_url = "http://127.0.0.1/realms/r/protocol/openid-connect/certs"',
  'authentication = "token" -- do not delete me',
  'allow_empty_token = false',
  'x = { type = "turn", secret = true, ttl = 86400 }',
  'app_secret = ""',
  'app_secret == "x"',
  'muc_password_whitelist = { "focus@d" }',
  'turncredentials = { { type = "stun", host = "d" } }',
  'app_id = "jitsi" -- the secret is elsewhere',
];

describe('the masking of secrets in Prosody files', () => {
  for (const text of hiding) {
    it(`hides it in ${JSON.stringify(text)}`, () => {
      const masked = maskProsody(text);
      assert.doesNotMatch(masked, /S3CRET/);
      assert.match(masked, /<hidden [0-9a-f]{8}>/);
    });
  }

  for (const text of showing) {
    it(`leaves ${JSON.stringify(text)}`, () => assert.equal(maskProsody(text), text));
  }

  it('shows a change of a secret, and the same text for the same one', () => {
    const masked = (secret: string) => maskProsody(`a = 1\napp_secret = "${secret}" -- c\n`);
    assert.equal(masked('x'), masked('x'));
    assert.notEqual(masked('x'), masked('y'));
    assert.match(masked('x'), /^a = 1\napp_secret = "<hidden [0-9a-f]{8}>" -- c\n$/);
  });

  it('knows secret options by name', () => {
    for (const name of [
      'app_secret',
      'SQL_Password',
      'turncredentials_secret',
      'api_key',
      'registration_token',
    ]) {
      assert(isSecretOption(name), name);
    }
    for (const name of [
      'cache_keys_url',
      'authentication',
      'asap_key_server',
      'monkey',
      'app_id',
      'keyboard',
    ]) {
      assert(!isSecretOption(name), name);
    }
  });

  it('hides a secret whatever stands around it, and fails on nothing', () => {
    const noise = fc.array(
      fc.constantFrom('{', '}', '(', '"', "'", '[[', ']]', '--', '--[[', '\n', '=', ',', 'x', '`', '\\', ' '),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        const masked = maskProsody(`${before.join('')}\napp_secret = "S3CRET"\n${after.join('')}`);
        assert.doesNotMatch(masked, /S3CRET/);
      }),
      { numRuns: 3000 },
    );
  });
});
