import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { look } from '../../src/model/look.js';
import { all, ask } from '../../src/probe/probe.js';
import type { Reply } from '../../src/shell/batch.js';
import { sh } from '../../src/shell/sh.js';
import { localHost } from '../support/local-http-remote.js';

const text = ({ code, stdout, stderr }: Reply): readonly [number, string, string] => [
  code,
  Buffer.from(stdout).toString(),
  Buffer.from(stderr).toString(),
];

describe('a look in the middle of a change', () => {
  it('asks all of a round in one script, and keeps the answers apart', async () => {
    const host = localHost({ PW: "it's secret" }, '/nonexistent');
    const seen = await look(
      all({
        ends: ask(sh`echo a; exit 3`, text),
        open: ask(sh`printf 'no newline'`, text),
        complains: ask(sh`echo said; echo wrong >&2`, text),
        secret: ask(sh`printf %s ${{ secret: 'PW' }}`, text),
        reads: ask(sh`cat`, text),
        sets: ask(sh`x=1; cd /; false`, text),
        after: ask(sh`y=${'$x'}; printf %s "[$x]$y"`, text),
      }),
      host,
    );
    assert.deepEqual(seen, {
      ends: [3, 'a\n', ''],
      open: [0, 'no newline', ''],
      complains: [0, 'said\n', 'wrong\n'],
      secret: [0, "it's secret", ''],
      reads: [0, '', ''],
      sets: [1, '', ''],
      after: [0, '[]$x', ''],
    });
    assert.equal(host.wire.length, 1);
  });
});
