import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { diffLines } from 'diff';
import { editJitsiConfig, jitsiConfig, jitsiConfigValue } from '../../../src/formats/jitsi-config/index.js';
import { runConfig, valueAt, without } from './browser.js';
import { corpusFiles } from './corpus.js';
import { paths, signIn } from './sign-in.js';

/** Reviewed: every file that is not edited, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  'jitsi-contrib--config.anonymousdomain.js': 'no-config',
  'youssefElMkhantar--config.js': 'stops-early',
};

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

const edited = new Map(corpusFiles.map(({ name, bytes }) => [name, editJitsiConfig(bytes, signIn)]));

describe('The config.js files that people run', function () {
  before(function () {
    if (corpusFiles.length === 0) this.skip();
  });

  it('are all edited, but for those that are reviewed', () => {
    const table = corpusFiles.map(({ name }) => {
      const outcome = edited.get(name);
      return [name, outcome?.is === 'refused' ? outcome.refusal.code : outcome?.is];
    });
    const expected = corpusFiles.map(({ name }) => [name, REFUSED[name] ?? 'edited']);
    assert.deepEqual(table, expected);
    assert.equal(corpusFiles.length, 45);
  });

  for (const { name, bytes } of corpusFiles) {
    const outcome = edited.get(name);
    if (outcome?.is !== 'edited') continue;

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
    const scripts = [...edited].flatMap(([name, outcome]) => {
      if (outcome.is !== 'edited') return [];
      const masked = Buffer.from(outcome.bytes)
        .toString('utf8')
        .replaceAll(/<!--#.*?-->/g, (found) => '_'.repeat(found.length));
      return [{ name, masked }];
    });
    for (const { name, masked } of scripts) {
      const { status, stderr } = spawnSync(process.execPath, ['--check', '-'], {
        input: masked,
        encoding: 'utf8',
      });
      assert.equal(status, 0, `${name}: ${stderr}`);
    }
    assert.equal(scripts.length, 43);
  });
});
