import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { file } from '../../src/kinds/file.js';
import { filePatch } from '../../src/kinds/file-patch.js';
import type { Graph } from '../../src/model/graph.js';
import type { TaskRef } from '../../src/model/task.js';
import type { Machine } from '../lab/machine.js';
import { must } from '../lab/host.js';
import { startSshd } from '../lab/sshd.js';
import { engineRig, hostOn, testGraph } from '../support/engine-rig.js';

const page = "var config = {\n    hosts: { domain: 'a' },\n    a: 1\n};\n";

describe('a file on a real machine', () => {
  let machine: Machine;
  /** With next to no room for the journal. */
  let cramped: Machine;

  before(async function () {
    this.timeout(300_000);
    machine = await startSshd({ tmpfs: { '/srv/small': 'size=48k' } });
    cramped = await startSshd({ tmpfs: { '/var/lib/orchestrate': 'size=48k' } });
  });
  after(() => Promise.all([machine.dispose(), cramped.dispose()]));
  beforeEach(async () => {
    await must(machine, 'rm -rf /srv/small/*; mkdir -p /srv/meta; cd /srv/meta; rm -f *');
  });

  /** One file after the other. */
  const graphOf = (on: Machine, ...files: readonly (readonly [path: string, content: string])[]): Graph =>
    testGraph([hostOn(on, 'm1', 'admin')], ({ hosts: [host] }) => {
      const before: TaskRef[] = [];
      for (const [path, content] of files)
        before.push(host!.task(path, file, { path, content }, { after: before.slice(-1) }));
    });

  /** Everything about two files but their bytes. */
  const marks = 'cd /srv/meta; stat -c "%n %a %U:%G" *; getfacl -n *; getfattr --absolute-names -d -m - *';

  it('keeps ACLs, extended attributes, owner, mode and links, edited or laid whole, and rolled back', async () => {
    await must(
      machine,
      `cd /srv/meta; printf '%s' "${page}" >page.js; echo old >whole; ln -s page.js link.js
      chown admin:nogroup page.js whole; chmod 640 page.js; chmod 2750 whole
      setfacl -m u:nobody:r,g:daemon:rw,m::rw page.js; setfacl -m u:daemon:rwx whole
      setfattr -n user.origin -v 'kept by hand' page.js; setfattr -n user.tag -v 0x00ff10 whole`,
    );
    const was = await must(machine, `${marks}; sha256sum *`);
    assert.match(was, /user:65534:r--[^]*user\.origin="kept by hand"/, 'this file system keeps them');
    const graph = testGraph([hostOn(machine, 'm1', 'admin')], ({ hosts: [host] }) => {
      host!.task('page', filePatch, {
        path: '/srv/meta/link.js',
        edit: { format: 'jitsi-config', edits: [{ is: 'set', path: 'a', value: 2 }] },
      });
      host!.task('whole', file, { path: '/srv/meta/whole', content: 'new\n' });
    });
    const rig = engineRig();
    const [applied] = (await rig.apply(graph)).values();
    assert.deepEqual([applied?.outcome, applied?.changed], ['done', 2], JSON.stringify(applied));
    assert.equal(
      await must(machine, marks),
      was.slice(0, was.lastIndexOf('\n', was.search(/^[0-9a-f]{64} /m)) + 1),
    );
    assert.match(await must(machine, 'cat /srv/meta/page.js /srv/meta/whole'), /a: 2[^]*new/);
    const [back] = (await rig.rollback(graph)).results.values();
    assert.equal(back?.outcome, 'done', JSON.stringify(back));
    assert.equal(await must(machine, `${marks}; sha256sum *`), was);
  }).timeout(30_000);

  const long = `${'x'.repeat(63)}\n`.repeat(1024);

  it('stays as it was where its disk is full', async () => {
    await must(machine, 'echo old >/srv/small/a');
    const graph = graphOf(machine, ['/srv/first', 'made first\n'], ['/srv/small/a', long]);
    const [result] = (await engineRig().apply(graph)).values();
    assert.equal(result?.outcome, 'rolled-back', JSON.stringify(result));
    assert.match(
      JSON.stringify(result.failures),
      /No space left on device[^]*make room on this file system; the file is as it was/,
    );
    assert.equal(await must(machine, 'cd /srv/small; ls -A; cat a; [ ! -e /srv/first ]'), 'a\nold\n');
  }).timeout(30_000);

  for (const before of [[], [['/srv/first', 'made first\n'] as const]]) {
    it(`is not touched where the journal's disk is full, ${before.length} changes into a run`, async () => {
      await must(cramped, 'rm -rf /var/lib/orchestrate/* /srv/meta; mkdir /srv/meta; echo old >/srv/meta/a');
      const graph = graphOf(cramped, ...before, ['/srv/meta/a', long]);
      const [result] = (await engineRig().apply(graph)).values();
      assert.equal(result?.outcome, before.length === 0 ? 'failed' : 'rolled-back', JSON.stringify(result));
      assert.match(JSON.stringify(result.failures), /writing the journal on m1 failed[^]*its disk has room/);
      assert.equal(await must(cramped, 'cat /srv/meta/a; [ ! -e /srv/first ]'), 'old\n');
      const left = await must(
        cramped,
        'cd /var/lib/orchestrate; find . -type f -name "open*"; ls -A owed 2>/dev/null || :',
      );
      assert.equal(left, '', 'nothing is in progress, nothing is owed');
      if (before.length === 0) assert.equal(await must(cramped, 'ls -A /var/lib/orchestrate'), '');
      const [next] = (await engineRig().apply(graphOf(cramped, ['/srv/meta/a', 'short\n']))).values();
      assert.equal(next?.outcome, 'done', JSON.stringify(next));
    }).timeout(30_000);
  }
});
