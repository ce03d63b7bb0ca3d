import { deepEqual, equal } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { makeVault } from '../../src/inventory/vault.js';
import { quote } from '../../src/shell/sh.js';

const vaultOf = (...values: readonly string[]) =>
  makeVault(new Map(values.map((value, index) => [`SECRET_${index}`, value])));

describe('the vault', () => {
  const value = `it's "a" p@ss/wörd+$HOME\\ 100%`;
  const forms: Readonly<Record<string, string>> = {
    plain: value,
    JSON: JSON.stringify(value),
    'JSON with escaped slashes and characters': '"it\'s \\"a\\" p@ss\\/wörd+$HOME\\\\ 100%"',
    'JSON in ASCII': JSON.stringify(value).replace('ö', '\\u00f6'),
    URL: encodeURIComponent(value),
    form: new URLSearchParams({ value }).toString().slice('value='.length),
    'URL with small hexadecimal digits': encodeURIComponent(value).replace(/%../g, (hex) =>
      hex.toLowerCase(),
    ),
    'shell word': Buffer.from(quote(Buffer.from(value))).toString(),
    'shell word as dash and bash print it':
      execFileSync('bash', ['-c', 'x=$1; set', '-', value])
        .toString()
        .split('\n')
        .find((line) => line.startsWith('x='))
        ?.slice(2) ?? '',
    Base64: Buffer.from(value).toString('base64'),
    'Base64 for URLs': Buffer.from(value).toString('base64url'),
    'HTTP Basic after one name': Buffer.from(`admin:${value}`).toString('base64'),
    'HTTP Basic after another': Buffer.from(`admin1:${value}`).toString('base64'),
    'HTTP Basic after a third': Buffer.from(`admin12:${value}`).toString('base64'),
  };
  for (const [name, form] of Object.entries(forms)) {
    it(`replaces a secret in the form: ${name}`, () => {
      const scrubbed = vaultOf(value).scrub(`before ${form} after`);
      equal(scrubbed.includes('•••'), true, scrubbed);
      // Of HTTP Basic, the characters of the user's name and those shared with it may stay.
      equal(
        scrubbed.replace(/[A-Za-z0-9+/=_-]{0,11}•••[A-Za-z0-9+/=]{0,3}|["']?•••["']?/, '#'),
        'before # after',
      );
    });
  }

  it('leaves no rest of a longer secret that holds a shorter one', () => {
    equal(vaultOf('secret', 'secretsecret-and-more').scrub('secretsecret-and-more'), '•••');
  });

  it('replaces any text wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, unit: 'binary' }),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          const scrubbed = vaultOf(secret).scrub(`${before}${secret}${after}`);
          return !scrubbed.includes(secret) || '•••'.includes(secret);
        },
      ),
    );
  }).timeout(20_000);

  it('learns values that come up during a run', () => {
    const vault = vaultOf('the-first-one');
    equal(vault.scrub('token-of-a-run'), 'token-of-a-run');
    vault.learn('token-of-a-run');
    equal(vault.scrub('the-first-one token-of-a-run'), '••• •••');
  });

  it('masks a short value only where it stands alone', () => {
    const vault = vaultOf();
    vault.learn('no');
    equal(vault.scrub('no, nothing is known: no'), '•••, nothing is known: •••');
  });

  it('masks the lines of a value that has several', () => {
    const vault = vaultOf('-----BEGIN KEY-----\nAAAABBBBCCCC\n-----END KEY-----');
    equal(vault.scrub('2: AAAABBBBCCCC'), '2: •••');
  });

  it('leaves everything else alone, and ignores empty values', () => {
    const vault = vaultOf('s3cr3t-value');
    vault.learn('');
    const text = 'nothing to see: {"a": "b"} ••• Zm9v';
    equal(vault.scrub(text), text);
    equal(vaultOf().scrub(text), text);
  });

  it('prints names only', () => {
    const vault = vaultOf('s3cr3t-value');
    deepEqual([JSON.stringify(vault), vault.reveal({ secret: 'SECRET_0' })], ['{}', 's3cr3t-value']);
  });

  it('scrubs a megabyte of output with a thousand secrets in it well under a second', () => {
    const secrets = Array.from(
      { length: 1000 },
      (_, n) => `S${n}-${Buffer.from(`secret number ${n}`).toString('hex')}`,
    );
    const vault = vaultOf(...secrets);
    const line =
      'Nov 24 08:25:18 meet-1 dockerd[812]: level=info msg="API listen on /run/docker.sock" id=4f2a9\n';
    const text = line.repeat(10_000) + (secrets[500] ?? '');
    vault.scrub('warm up');
    const started = performance.now();
    const scrubbed = vault.scrub(text);
    const took = performance.now() - started;
    equal(scrubbed.endsWith('•••'), true);
    equal(took < 1000, true, `${took} ms`);
  }).timeout(20_000);
});
