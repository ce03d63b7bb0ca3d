import assert from 'node:assert/strict';
import { basesOf, buildComplaint, inputsOf, labelled } from '../../src/dialects/docker/dockerfile.js';

const label = 'LABEL orchestrate.inputs="D"';

describe('a Dockerfile', () => {
  for (const [what, text, expected] of [
    ['one stage', 'FROM a:1\nRUN x', `FROM a:1\n${label}\nRUN x`],
    ['a FROM at the very end', 'FROM a:1', `FROM a:1\n${label}\n`],
    [
      'a FROM over several lines',
      'FROM \\\n# why\n  a:1 AS b\nRUN x',
      `FROM \\\n# why\n  a:1 AS b\n${label}\nRUN x`,
    ],
    ['lower case and CRLF', 'from a:1\r\nRUN x\r\n', `from a:1\r\n${label}\nRUN x\r\n`],
    [
      'a FROM that is only text',
      'FROM a:1\nRUN echo \\\nFROM b:1',
      `FROM a:1\n${label}\nRUN echo \\\nFROM b:1`,
    ],
    ['a comment', '# FROM x\nARG v=1\nFROM a:$v\n', `# FROM x\nARG v=1\nFROM a:$v\n${label}\n`],
  ] as const) {
    it(`gets its label on every stage: ${what}`, () => assert.equal(labelled(text, 'D'), expected));
  }

  it('names the images that it starts from, not its own stages', () => {
    const text =
      'FROM --platform=linux/amd64 a:1 AS Build\nFROM build\nFROM scratch\nFROM b:$v\nFROM a:1\nFROM c:2';
    assert.deepEqual(basesOf(text), ['a:1', 'c:2']);
  });

  it('has another digest when the text or a file changes, and the same in another order', () => {
    const dockerfile = 'FROM a:1';
    const inputs = inputsOf({ dockerfile, files: { a: '1', b: '2' } });
    assert.equal(inputsOf({ dockerfile, files: { b: '2', a: '1' } }), inputs);
    assert.equal(inputsOf({ dockerfile, files: {} }), inputsOf({ dockerfile }));
    for (const other of [
      { dockerfile: 'FROM a:2', files: { a: '1', b: '2' } },
      { dockerfile, files: { a: '1', b: '3' } },
      { dockerfile, files: { a: '1', c: '2' } },
    ]) {
      assert.notEqual(inputsOf(other), inputs);
    }
  });

  for (const [what, build] of [
    ['an escape character of its own', { dockerfile: '# escape=`\nFROM a:1' }],
    ['a here-document', { dockerfile: 'FROM a:1\nRUN <<EOF\nFROM b:1\nEOF' }],
    ['no FROM', { dockerfile: '# nothing' }],
    ['a file outside', { dockerfile: 'FROM a:1', files: { '../x': '' } }],
    ['a file at an absolute path', { dockerfile: 'FROM a:1', files: { '/etc/x': '' } }],
    ['a file in the way of itself', { dockerfile: 'FROM a:1', files: { Dockerfile: '' } }],
  ] as const) {
    it(`is refused with ${what}`, () => assert.notEqual(buildComplaint(build), null));
  }

  it('may copy files of folders', () =>
    assert.equal(
      buildComplaint({ dockerfile: 'FROM a:1', files: { 'a/b.c/d': '', '.x': '', 'a..b': '' } }),
      null,
    ));
});
