import assert from 'node:assert/strict';
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { unifiedDiff } from '../../src/lib/text-diff.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const show = (before: string, after: string, mask?: (text: string) => string): string =>
  unifiedDiff({ path: '/etc/a.js', before: bytes(before), after: bytes(after), ...(mask && { mask }) });
const hide = (text: string): string => text.replaceAll(/secret=\w+/g, 'secret=***');

describe('A diff for people', function () {
  this.timeout(30_000);

  it('shows three lines around a change', () => {
    assert.equal(
      show('1\n2\n3\n4\n5\n6\n7\n8\n9\n', '1\n2\n3\n4\nfive\n6\n7\n8\n9\n'),
      '--- /etc/a.js\n+++ /etc/a.js\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    );
  });

  it('is empty when nothing differs', () => assert.equal(show('a\n', 'a\n'), ''));

  it('shows a file that comes and one that goes', () => {
    const path = '/etc/a';
    assert.equal(
      unifiedDiff({ path, before: undefined, after: bytes('a\nb\n') }),
      '--- /dev/null\n+++ /etc/a\n@@ -0,0 +1,2 @@\n+a\n+b\n',
    );
    assert.equal(
      unifiedDiff({ path, before: bytes('a\n'), after: undefined }),
      '--- /etc/a\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n',
    );
    assert.equal(unifiedDiff({ path, before: undefined, after: bytes('') }), '--- /dev/null\n+++ /etc/a\n');
    assert.equal(unifiedDiff({ path, before: undefined, after: undefined }), '');
  });

  it('tells of a final newline that comes or goes', () => {
    assert.equal(
      show('a', 'a\n'),
      '--- /etc/a.js\n+++ /etc/a.js\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n',
    );
  });

  it('writes out what a terminal would act on, in the path too', () => {
    const diff = unifiedDiff({
      path: '/etc/\x1b[2Ja\nb',
      before: bytes('a\r\n'),
      after: bytes('a\n\x1b]0;x\x07\u202e\xff\n'),
    });
    assert.equal(
      diff,
      '--- /etc/\\x1b[2Ja\\nb\n+++ /etc/\\x1b[2Ja\\nb\n@@ -1,1 +1,2 @@\n-a\\r\n+a\n+\\x1b]0;x\\x07\\u202eÿ\n',
    );
  });

  it('shows bytes that are no text', () => {
    const diff = unifiedDiff({
      path: 'a',
      before: Buffer.from([0x61, 0xff, 0x0a]),
      after: Buffer.from([0x61, 0x0a]),
    });
    assert.match(diff, /^-a\\xff$/m);
  });

  it('hides secrets on both sides and around a change', () => {
    const diff = show('secret=abc\na\nsecret=old\n', 'secret=abc\nb\nsecret=old\n', hide);
    assert.equal(diff, '--- /etc/a.js\n+++ /etc/a.js\n@@ -1,3 +1,3 @@\n secret=***\n-a\n+b\n secret=***\n');
  });

  it('shows that a secret changed, but neither of the two', () => {
    const diff = show('a\nsecret=old\n', 'a\nsecret=new\n', hide);
    assert.equal(
      diff,
      '--- /etc/a.js\n+++ /etc/a.js\n@@ -1,2 +1,2 @@\n a\n-secret=***  [a hidden secret differs]\n+secret=***  [a hidden secret differs]\n',
    );
  });

  it('does not blame a secret for what can be seen', () => {
    assert.doesNotMatch(show('secret=a 1\n', 'secret=a 2\n', hide), /differs/);
    assert.doesNotMatch(show('a', 'a\n', hide), /differs/);
  });

  it('is refused when a mask moves the lines', () => {
    assert.throws(() => show('a\nb\n', 'a\n', (text) => text.replace('\n', '')), /number of lines/);
  });

  it('shows a file as replaced when too much of it differs to be compared in time', () => {
    const lines = (word: string): string => Array.from({ length: 3000 }, (_, n) => `${word}${n}\n`).join('');
    const diff = show(lines('a'), lines('b'));
    assert.match(diff, /^@@ -1,3000 \+1,3000 @@$/m);
    assert.equal(diff.split('\n').length, 3 + 6000 + 1);
  });

  it('applies as a patch when there is nothing to escape', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', ' ', '-', '+', '\\', '@@'))
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = show(before, after);
        assert.equal(diff === '' ? before : applyPatch(before, diff), after);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows no hidden secret, whatever the change is', () => {
    const line = fc.oneof(fc.constantFrom('a', 'b', ''), fc.stringMatching(/^secret=[a-z]{8}$/));
    const text = fc.array(line).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        assert.doesNotMatch(show(before, after, hide), /secret=\w/);
        assert.equal(show(before, after, hide) === '', before === after);
      }),
      { numRuns: 1000 },
    );
  });
});
