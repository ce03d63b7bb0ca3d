import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editJitsiConfig, jitsiConfig, jitsiConfigValue } from '../../../src/formats/jitsi-config/index.js';
import { runConfig, valueAt, without } from './browser.js';
import { configFiles } from './generated.js';
import { paths, signIn } from './sign-in.js';

const runs = process.env['ORCHESTRATE_LONG'] === '1' ? 20_000 : 600;

describe('Any config.js', function () {
  this.timeout(600_000);

  it('gets the wanted values, keeps all others, and stays as it is the second time', () => {
    fc.assert(
      fc.property(configFiles, ({ source }) => {
        const outcome = editJitsiConfig(source, signIn);
        if (outcome.is === 'refused') throw outcome.refusal;
        assert.equal(outcome.is, 'edited');
        const [before, after] = [runConfig(source), runConfig(outcome.bytes)];
        for (const { path, value } of signIn) assert.deepEqual(valueAt(after, path), value, path);
        assert.deepEqual(without(after, paths), without(before, paths));
        assert.equal(editJitsiConfig(outcome.bytes, signIn).is, 'already');
      }),
      { numRuns: runs },
    );
  });

  it('is as before, to the byte, when what was put in is taken out again', () => {
    fc.assert(
      fc.property(
        configFiles.filter(({ holdsOurs }) => !holdsOurs),
        ({ source }) => {
          const outcome = editJitsiConfig(source, signIn);
          assert.equal(outcome.is, 'edited');
          const undone = editJitsiConfig(outcome.bytes, paths.map(jitsiConfig.unset));
          assert.equal(undone.is, 'edited');
          assert.equal(Buffer.from(undone.bytes).toString(), Buffer.from(source).toString());
        },
      ),
      { numRuns: runs },
    );
  });

  it('loses exactly the values that are taken out of it', () => {
    fc.assert(
      fc.property(configFiles, fc.subarray([...paths], { minLength: 1 }), ({ source }, removed) => {
        const outcome = editJitsiConfig(source, removed.map(jitsiConfig.unset));
        if (outcome.is === 'refused') throw outcome.refusal;
        const before = runConfig(source);
        const after = outcome.is === 'edited' ? runConfig(outcome.bytes) : before;
        assert.deepEqual(after, without(before, removed));
      }),
      { numRuns: runs },
    );
  });
});

describe('Any value', function () {
  this.timeout(600_000);

  const awkward = fc.constantFrom(
    "'",
    '"',
    '`',
    '\\',
    '\n',
    '\r',
    '\0',
    '\u2028',
    '\u2029',
    '\ufeff',
    '$',
    '${x}',
    ';',
    ']]',
    '{{ x }}',
    '*/',
    '//',
    'é',
    '😀',
    '\ud800',
    '</script>',
    '<!--',
    '<script>',
    '-->',
    '<!--# echo var="a" -->',
    '<!--#include virtual="/etc/passwd" -->',
    '__proto__',
  );
  const text = fc
    .array(fc.oneof(awkward, fc.string({ unit: 'binary' })), { maxLength: 6 })
    .map((parts) => parts.join(''));

  it('arrives in a browser as it was given, whatever is in it', () => {
    const source = Buffer.from(
      'var config = {\n  hosts: {\n    domain: "x"\n  },\n  tokenAuthUrl: \'a\'\n};\n',
    );
    fc.assert(
      fc.property(text, text, text, (one, other, third) => {
        const edits = [
          jitsiConfig.set('hosts.anonymousdomain', one),
          jitsiConfig.set('tokenAuthUrl', other),
          jitsiConfig.set('sso', { clientId: third, n: -0.5, no: false }),
        ];
        const outcome = editJitsiConfig(source, edits);
        assert.equal(outcome.is, 'edited');
        assert.doesNotMatch(Buffer.from(outcome.bytes).toString('latin1'), /<|[^\x20-\x7e\n]/);
        const config = runConfig(outcome.bytes);
        for (const edit of edits)
          assert.deepEqual(valueAt(config, edit.path), edit.is === 'set' && edit.value);
        for (const edit of edits)
          assert.deepEqual(jitsiConfigValue(outcome.bytes, edit.path), edit.is === 'set' && edit.value);
      }),
      { numRuns: runs },
    );
  });
});
