import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bytesOf, textOf } from '../../src/formats/source.js';
import { undoEdits } from '../../src/formats/three-way.js';

function undone(before: string, after: string, now: string): string {
  const outcome = undoEdits({ before: bytesOf(before), after: bytesOf(after), now: bytesOf(now) });
  if (outcome.is === 'refused') return `${outcome.refusal.code} ${outcome.refusal.at.line}`;
  return outcome.is === 'already' ? 'already' : textOf(outcome.bytes);
}

describe('taking an edit out of a file', () => {
  const before = 'a\nb\nc\n';
  const after = 'a\nB\nc\nd\n';

  it('gives the bytes from before when nothing else has changed', () =>
    assert.equal(undone(before, after, after), before));

  it('keeps lines that others added and changed elsewhere', () =>
    assert.equal(undone('a\nb\nc\nx\n', 'a\nB\nc\nx\n', '0\na\nB\nc\nX\ny\n'), '0\na\nb\nc\nX\ny\n'));

  it('keeps a line that was added right behind ours', () =>
    assert.equal(undone(before, after, `${after}e\n`), 'a\nb\nc\ne\n'));

  it('keeps a last line without a line ending', () =>
    assert.equal(undone('a\r\nb', 'a\r\nB', '0\r\na\r\nB'), '0\r\na\r\nb'));

  it('refuses where somebody changed what we wrote, and says where', () =>
    assert.equal(undone(before, after, 'a\nBB\nc\nd\n'), 'undo-overlap 2'));

  it('refuses where somebody put a line into the middle of ours', () =>
    assert.equal(undone('a\n', 'a\nx\ny\n', 'a\nx\nmine\ny\n'), 'undo-overlap 3'));

  it('has nothing to do when the edit is out already', () =>
    assert.equal(undone(before, after, before), 'already'));

  it('takes out the rest when a part is out already', () =>
    assert.equal(undone('a\nb\nc\nd\ne\n', 'A\nb\nc\nd\nE\n', 'a\nb\nc\nd\nE\n'), 'a\nb\nc\nd\ne\n'));

  it('refuses a file that has become another one, in little time', function () {
    this.timeout(20_000);
    const lines = (letter: string) => Array.from({ length: 50_000 }, (_, at) => `${letter}${at}\n`).join('');
    const started = process.cpuUsage();
    assert.equal(undone(lines('a'), `x\n${lines('a')}`, lines('b')), 'too-different 1');
    const { user, system } = process.cpuUsage(started);
    assert(user + system < 5_000_000, `${(user + system) / 1000} ms of processor time`);
  });

  it('never loses a line of others and never keeps one of ours', () => {
    const line = fc.integer({ min: 0, max: 1_000_000 }).map((number) => `${number}\n`);
    fc.assert(
      fc.property(
        fc.uniqueArray(line, { minLength: 4, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        (lines, oursAt, theirsAt) => {
          const ours = 1 + (oursAt % (lines.length - 1));
          const theirs = theirsAt % (lines.length + 1);
          if (theirs === ours) return;
          const edited = lines.toSpliced(ours, 0, 'ours 1\n', 'ours 2\n');
          const now = edited.toSpliced(theirs > ours ? theirs + 2 : theirs, 0, 'theirs\n');
          const expected = lines.toSpliced(theirs, 0, 'theirs\n');
          assert.equal(undone(lines.join(''), edited.join(''), now.join('')), expected.join(''));
        },
      ),
    );
  });
});
