import assert from 'node:assert/strict';
import { editProsody } from '../../../src/formats/prosody/apply.js';
import { readProsody } from '../../../src/formats/prosody/read.js';
import { undoProsody } from '../../../src/formats/prosody/undo.js';
import { textOf } from '../../../src/formats/source.js';
import { compiles } from '../lua/judge.js';
import { findTool, need } from '../lua/tool.js';
import { lostBytes } from './changed-bytes.js';
import { changedElsewhere, needCorpus } from '../corpus.js';
import { type Checked, checkedByProsody, differences, loadedByProsody, prosodyLua } from './prosody-judge.js';
import { type SignIn, signInEdits } from './sign-in.js';
import { type ProsodyTrial, prosodyTrials } from './trials.js';

interface Edited {
  readonly title: string;
  readonly signIn: SignIn;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

const editedIn = (trials: readonly ProsodyTrial[]): readonly Edited[] =>
  trials.flatMap(({ file, domain, signIn, outcome }) =>
    outcome.is === 'edited' && signIn
      ? [{ title: `${file.name} for ${domain}`, signIn, before: file.bytes, after: outcome.bytes }]
      : [],
  );

/* The lines of which a sign-in may change a part, and what that part may be. */
const valueLine =
  /^\s*(authentication|app_id|allow_empty_token|cache_keys_url|asap_\w+|c2s_require_encryption)\s*=/;
const plainValue = /^["'\w.:/\-, ]*$/;

/**
 * What `prosodyctl check config` has found: lines move, it lists things in any order, and a finding about all hosts names
 * the one for guests too. Its advice to enable modules globally (`"smacks"`) is none.
 */
const findingsIn = ({ lines }: Checked, { domain }: SignIn): readonly string[] =>
  lines
    .filter((line) => !/^\s*"|^All checks passed/.test(line))
    .map((line) => line.replace(/cfg\.lua:\d+/, 'cfg.lua'))
    .map((line) =>
      line
        .split(/[\s,]+/)
        .filter((word) => word !== `guest.${domain}`)
        .sort()
        .join(' '),
    );

describe('the sign-in in the Prosody files of the corpus', function () {
  this.timeout(60_000);
  const edited = editedIn(prosodyTrials());

  before(function () {
    needCorpus(this);
  });

  it('takes no byte out of a file but values that it replaces', () => {
    for (const { title, before, after } of edited) {
      for (const { line, lost } of lostBytes(textOf(before), textOf(after))) {
        const isValue = valueLine.test(line) && plainValue.test(lost);
        assert(isValue || lost === '', `${title} lost ${JSON.stringify(lost)} of ${JSON.stringify(line)}`);
      }
    }
  });

  it('keeps every comment, every line ending and the end of the file', () => {
    for (const { title, before, after } of edited) {
      const comments = (bytes: Uint8Array) => {
        const { chunk } = readProsody(textOf(bytes));
        return chunk.comments.map(({ start, end }) => chunk.text.slice(start, end));
      };
      assert.deepEqual(comments(after), comments(before), title);
      const usesCrlf = (bytes: Uint8Array) => [textOf(bytes).includes('\r\n'), /[^\r]\n/.test(textOf(bytes))];
      assert.deepEqual(usesCrlf(after), usesCrlf(before), title);
      assert.equal(textOf(after).endsWith('\n'), textOf(before).endsWith('\n'), title);
    }
  });

  it('keeps the comment that Debian packages look for, with one blank on each side', () => {
    const marked = edited.filter(({ before }) => textOf(before).includes('-- do not delete me'));
    assert(marked.length >= 4);
    for (const { title, after, signIn } of marked) {
      if (textOf(after).includes(`VirtualHost "${signIn.domain}"\n    authentication`)) {
        assert.match(
          textOf(after),
          /^\s*authentication\s*=\s*"(token|jitsi-anonymous)" -- do not delete me$/m,
          title,
        );
      }
    }
  });

  it('is already there the second time', () => {
    for (const { title, after, signIn } of edited) {
      assert.equal(editProsody(after, signInEdits(signIn)).is, 'already', title);
    }
  });

  it('changes only values when the realm and the client change', () => {
    for (const { title, after, signIn } of edited) {
      const other = {
        ...signIn,
        issuer: `${signIn.issuer}-2`,
        clientId: 'other',
        jwksUrl: 'http://127.0.0.1:1/c',
      };
      const again = editProsody(after, signInEdits(other));
      assert(again.is === 'edited', title);
      const lost = lostBytes(textOf(after), textOf(again.bytes));
      assert(lost.length === 3 || lost.length === 2, title);
      assert.equal(textOf(again.bytes).split('\n').length, textOf(after).split('\n').length, title);
      const back = editProsody(again.bytes, signInEdits(signIn));
      assert(back.is === 'edited' && Buffer.from(back.bytes).equals(after), title);
    }
  });

  it('is undone to the byte', () => {
    for (const { title, before, after } of edited) {
      const undone = undoProsody({ before, after, now: after });
      assert(undone.is === 'edited' && Buffer.from(undone.bytes).equals(before), title);
    }
  });

  it('is undone to the byte but for a line that somebody added at the top and one at the end', () => {
    for (const { title, before, after } of edited) {
      const changed = (bytes: Uint8Array) => changedElsewhere(bytes, 'unlimited_jids = { "a@b" }');
      const undone = undoProsody({ before, after, now: changed(after) });
      if (undone.is === 'refused') assert.match(undone.refusal.code, /^undo-overlap$/, title);
      else assert(undone.is === 'edited' && Buffer.from(undone.bytes).equals(changed(before)), title);
    }
  });

  it('leaves files that luac accepts, as it did before', function () {
    const lua = findTool('lua5.4');
    need(this, lua, 'lua5.4');
    const verdicts = compiles(
      lua,
      edited.map(({ after }) => textOf(after)),
    );
    assert.deepEqual(
      edited.filter((_, at) => verdicts[at] !== true),
      [],
    );
  });

  it('gives `prosodyctl check config` nothing new to say', function () {
    const prosodyctl = findTool('prosodyctl');
    need(this, prosodyctl, 'prosody');
    const once = edited.filter(({ before }, at) => edited.findIndex((one) => one.before === before) === at);
    const texts = once.flatMap(({ before, after }) => [textOf(before), textOf(after)]);
    const said = checkedByProsody(prosodyctl, texts);
    const worse = once.flatMap(({ title, signIn }, at) => {
      const [before, after] = [said[at * 2], said[at * 2 + 1]];
      assert(before && after);
      const old = findingsIn(before, signIn);
      const fresh = findingsIn(after, signIn).filter((line) => !old.includes(line));
      return fresh.length > 0 || after.code > before.code ? [[title, ...fresh].join('\n')] : [];
    });
    assert.deepEqual(worse, []);
    const checked = said.filter(({ lines }) => lines.includes('Checking config...')).length / 2;
    assert(checked >= 60, `${checked} files were checked`);
  });

  it('is what a real Prosody then sees, option by option', function () {
    need(this, prosodyLua, 'prosody');
    const texts = edited.flatMap(({ before, after }) => [textOf(before), textOf(after)]);
    const real = loadedByProsody(prosodyLua, texts);
    assert.equal(real.length, texts.length);
    const wrong = texts.flatMap((text, at) => {
      const loaded = real[at];
      const found = loaded ? differences(readProsody(text), loaded) : ['nothing was printed'];
      return found.length > 0 ? [`${edited[at >> 1]?.title ?? ''}: ${found.join('; ')}`] : [];
    });
    assert.deepEqual(wrong, []);
    const files = new Set(edited.map(({ before }) => textOf(before)));
    assert(files.size >= 60, `${files.size} different files were compared`);
  });
});
