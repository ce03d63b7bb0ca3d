import assert from 'node:assert/strict';
import { diffLines } from 'diff';
import { editJitsiConfig, jitsiConfig, jitsiConfigValue } from '../../../src/formats/jitsi-config/index.js';
import { runConfig, valueAt, without } from './browser.js';
import { undoEdits } from '../../../src/formats/three-way.js';
import { changedElsewhere, needCorpus } from '../corpus.js';
import { includesMasked, nodeComplaint } from './judge.js';
import { paths, signIn } from './sign-in.js';
import { jitsiConfigTrials } from './trials.js';

/** Files that hold a value of ours already, so that taking it out again is not the way back. */
const HELD_BEFORE: ReadonlySet<string> = new Set([
  'AgenaTrader--default-config.js',
  'Elvisthomme--config.js',
  'Jonathanthedeveloper--config.js',
  'getters-dev--config.js',
  'kartiksingalkar--config.js',
  'matrix-org--config.js',
  'tle211212--config.js',
  'tranphuocloc070699--config.js',
]);

const edited = jitsiConfigTrials().flatMap(({ file: { name, bytes }, outcome }) =>
  outcome.is === 'edited' ? [{ name, bytes, outcome }] : [],
);

describe('The config.js files that people run', function () {
  before(function () {
    needCorpus(this);
  });

  for (const { name, bytes, outcome } of edited) {
    it(`${name} gives a browser the wanted values, and every other value as before`, () => {
      const [before, after] = [runConfig(bytes), runConfig(outcome.bytes)];
      for (const { path, value } of signIn) assert.deepEqual(valueAt(after, path), value, path);
      assert.deepEqual(without(after, paths), without(before, paths));
    });

    it(`${name} differs only where it has to`, () => {
      const [before = '', after = ''] = [bytes, outcome.bytes].map((each) =>
        Buffer.from(each).toString('latin1'),
      );
      const changes = diffLines(before, after, { oneChangePerToken: true });
      const bare = (line: string): string => line.replace(/,?\s*$/, '').replace(/,(?=\s*\/\/)/, '');
      // Apart from the lines about our values, a line may only gain the comma or the newline that ours needs.
      const others = (lines: typeof changes): readonly string[] =>
        lines
          .filter(({ value }) => !/anonymousdomain|tokenAuth|tokenLogout|\bsso\b/.test(value))
          .map(({ value }) => bare(value));
      assert.deepEqual(
        others(changes.filter(({ added }) => added)),
        others(changes.filter(({ removed }) => removed)),
      );
    });

    it(`${name} is already so when edited again, and reads back equal`, () => {
      assert.equal(editJitsiConfig(outcome.bytes, signIn).is, 'already');
      for (const { path, value } of signIn)
        assert.deepEqual(jitsiConfigValue(outcome.bytes, path), value, path);
    });

    it(`${name} is as before when what was not there is taken out and what was there is set back`, () => {
      const before = runConfig(bytes);
      const back = paths.map((path) => {
        const value = valueAt(before, path);
        return value === undefined ? jitsiConfig.unset(path) : jitsiConfig.set(path, value as string);
      });
      const undone = editJitsiConfig(outcome.bytes, back);
      assert.equal(undone.is, 'edited');
      assert.deepEqual(Buffer.from(undone.bytes), Buffer.from(bytes));
      assert.equal(
        HELD_BEFORE.has(name),
        back.some(({ is }) => is === 'set'),
      );
    });

    it(`${name} is as before again but for lines that somebody added at the top and at the end`, () => {
      const later = (source: Uint8Array) => changedElsewhere(source, 'console.log(1);');
      const undone = undoEdits({ before: bytes, after: outcome.bytes, now: later(outcome.bytes) });
      if (undone.is === 'refused') assert.equal(undone.refusal.code, 'undo-overlap');
      else assert.ok(undone.is === 'edited' && Buffer.from(undone.bytes).equals(later(bytes)));
    });

    it(`${name} changes nothing but the values when another realm and client are wanted`, () => {
      const other = signIn.map((edit) =>
        jitsiConfig.set(
          edit.path,
          JSON.parse(JSON.stringify(edit.value).replaceAll('jitsi-realm', 'staff')) as string,
        ),
      );
      const again = editJitsiConfig(outcome.bytes, other);
      assert.equal(again.is, 'edited');
      const expected = Buffer.from(outcome.bytes).toString('latin1').replaceAll('jitsi-realm', 'staff');
      assert.equal(Buffer.from(again.bytes).toString('latin1'), expected);
    });
  }

  it('are accepted by node --check after the edit, with their includes masked', function () {
    this.timeout(60_000);
    const scripts = edited.map(({ name, outcome }) => ({ name, masked: includesMasked(outcome.bytes) }));
    for (const { name, masked } of scripts) assert.equal(nodeComplaint(masked), undefined, name);
    assert.equal(scripts.length, 43);
  });
});
