import assert from 'node:assert/strict';
import { editNginx } from '../../../src/formats/nginx/index.js';
import { textOf } from '../../../src/formats/source.js';
import { undoEdits } from '../../../src/formats/three-way.js';
import { changedElsewhere, needCorpus } from '../corpus.js';
import { judgeOf } from './judge.js';
import { needsNginx, stubFolder } from './real-nginx.js';
import { signInEdits, withoutSignIn } from './sign-in-edits.js';
import { allEdits, nginxTrials } from './trials.js';

const edited = nginxTrials().flatMap(({ file, domain, outcome }) =>
  outcome.is === 'edited' ? [{ file, choice: { domain }, after: outcome.bytes }] : [],
);

describe('the sign-in edits on the corpus', function () {
  this.timeout(60_000);

  before(function () {
    needCorpus(this);
  });

  it('only insert: every byte of the file stays', () => {
    for (const { file, after } of edited) {
      const [old, now] = [textOf(file.bytes), textOf(after)];
      let head = 0;
      while (head < old.length && old[head] === now[head]) head += 1;
      assert.equal(now.slice(now.length - (old.length - head)), old.slice(head), file.name);
    }
  });

  it('find nothing to do the second time', () => {
    for (const { file, choice, after } of edited)
      assert.equal(editNginx(after, allEdits(choice)).is, 'already', file.name);
  });

  it('are taken out again to the original bytes, in one go and one after the other in reverse', () => {
    for (const { file, choice, after } of edited) {
      const out = editNginx(after, withoutSignIn(choice));
      assert.ok(out.is === 'edited' && Buffer.from(out.bytes).equals(file.bytes), file.name);
      let bytes = after;
      for (const edit of withoutSignIn(choice).toReversed()) {
        const step = editNginx(bytes, [edit]);
        assert.equal(step.is, 'edited', file.name);
        bytes = step.bytes;
      }
      assert.ok(Buffer.from(bytes).equals(file.bytes), file.name);
    }
  });

  it('are taken out again but for lines that somebody added at the top and at the end', () => {
    for (const { file, after } of edited) {
      const later = (bytes: Uint8Array) => changedElsewhere(bytes, '# later');
      const undone = undoEdits({ before: file.bytes, after, now: later(after) });
      if (undone.is === 'refused') assert.equal(undone.refusal.code, 'undo-overlap', file.name);
      else
        assert.ok(undone.is === 'edited' && Buffer.from(undone.bytes).equals(later(file.bytes)), file.name);
    }
  });

  it('change only the values that differ for another realm', () => {
    for (const { file, choice, after } of edited) {
      const other = [
        ...withoutSignIn(choice)
          .filter(({ is }) => is === 'remove-location')
          .slice(2, 3),
        ...signInEdits(choice, 'other'),
      ];
      const outcome = editNginx(after, other);
      assert.equal(outcome.is, 'edited', file.name);
      const fresh = editNginx(file.bytes, signInEdits(choice, 'other'));
      assert.equal(fresh.is, 'edited');
      const sorted = (bytes: Uint8Array): readonly string[] => textOf(bytes).split(/\s+/).sort();
      assert.deepEqual(sorted(outcome.bytes), sorted(fresh.bytes), file.name);
    }
  });

  it('leave files that nginx accepts, as it did before', function () {
    needsNginx(this);
    const folder = stubFolder();
    const judge = judgeOf(folder.path);
    try {
      const accepted = edited.filter(({ file }) => judge(file.bytes).accepts);
      for (const { file, after } of accepted) {
        const { accepts, says } = judge(after);
        assert.ok(accepts, `${file.name}: ${says}`);
      }
      assert.ok(accepted.length >= 15);
    } finally {
      folder.remove();
    }
  });
});
