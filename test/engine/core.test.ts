import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { file } from '../../src/kinds/file.js';
import type { CheckKind, ReactionKind } from '../../src/model/kind.js';
import { ask } from '../../src/probe/probe.js';
import { sh } from '../../src/shell/sh.js';
import type { Graph } from '../../src/model/graph.js';
import type { Machine } from '../lab/machine.js';
import { startSshd } from '../lab/sshd.js';
import { engineRig, hostOn, testGraph } from '../support/engine-rig.js';

/** Notes each firing in a file: shows what the "service" had read when it was restarted. */
const noteContent: ReactionKind<{ from: string; into: string }> = {
  shape: 'reaction',
  name: 'test.note',
  fire: async ({ from, into }, remote) => {
    await remote.must(sh`cat -- ${from} >>${into} 2>/dev/null || echo none >>${into}`, { what: 'noting' });
  },
};

/** Fails or passes by a file on the host. */
const fileExists: CheckKind<{ path: string }> = {
  shape: 'check',
  name: 'test.exists',
  probe: ({ path }) =>
    ask(sh`[ -e ${path} ]`, ({ code }) =>
      code === 0 ? { ok: true } : { ok: false, because: `${path} is not there` },
    ),
};

describe('the engine on a real sshd', () => {
  let machine: Machine;

  before(async function () {
    this.timeout(300_000);
    machine = await startSshd();
  });
  after(() => machine.dispose());
  beforeEach(() =>
    machine.exec(
      'rm -rf /var/lib/orchestrate /srv/*; printf "old\\n" >/srv/a; chmod 640 /srv/a; chown admin:nogroup /srv/a',
    ),
  );

  const twoFiles = (user = 'admin', text = 'new\n'): Graph =>
    testGraph([hostOn(machine, 'm1', user)], ({ hosts: [host] }) => {
      const a = host!.task('a', file, { path: '/srv/a', content: text });
      const b = host!.task('b', file, { path: '/srv/b', content: 'b\n', mode: '0600' }, { after: [a] });
      host!.task('note', noteContent, { from: '/srv/a', into: '/srv/note' }, { on: [a, b] });
    });

  const look = async (): Promise<string> =>
    (
      await machine.exec(
        'cd /srv; for f in *; do stat -c "%n %a %U:%G" "$f"; cat "$f"; done; ls -A /srv | grep orchestrate; ls /var/lib/orchestrate/owed 2>/dev/null; cat /var/lib/orchestrate/open 2>/dev/null',
      )
    ).stdout;

  it('plans without touching anything, and shows the diff', async () => {
    const rig = engineRig();
    const was = await look();
    const plan = await rig.plan(twoFiles());
    assert.deepEqual(
      plan.planned.map(({ decision }) => decision.is),
      ['change', 'change', 'owed'],
    );
    const change = plan.planned[0]!.decision;
    assert.ok(change.is === 'change' && change.differences[0]?.is === 'text');
    assert.match(change.differences[0].unified, /^-old\n\+new$/m);
    assert.equal(await look(), was);
    assert.equal((await machine.exec('[ -e /var/lib/orchestrate ]')).code, 1);
  }).timeout(20_000);

  for (const user of ['root', 'admin']) {
    it(`applies as ${user}, keeps owner and mode, reacts once, and then has nothing to do`, async () => {
      const rig = engineRig();
      const results = await rig.apply(twoFiles(user));
      assert.deepEqual(
        [...results.values()].map(({ outcome, changed }) => [outcome, changed]),
        [['done', 3]],
      );
      assert.equal(await look(), 'a 640 admin:nogroup\nnew\nb 600 root:root\nb\nnote 600 root:root\nnew\n');
      const again = await rig.apply(twoFiles(user));
      assert.deepEqual(
        [...again.values()].map(({ outcome, changed }) => [outcome, changed]),
        [['unchanged', 0]],
      );
    }).timeout(20_000);
  }

  it('rolls the last run back from the journal on the host, with the reaction after it', async () => {
    const rig = engineRig();
    const was = await look();
    await rig.apply(twoFiles());
    const { plan, results } = await rig.rollback(twoFiles());
    assert.equal(plan.run, 'run-1');
    assert.deepEqual(
      [...results.values()].map(({ outcome, failures }) => [outcome, failures]),
      [['done', []]],
    );
    assert.equal(await look(), `${was}note 600 root:root\nnew\nold\n`);
    const nothing = await rig.rollback(twoFiles());
    assert.equal(nothing.plan.run, null);
  }).timeout(20_000);

  it('does not overwrite what somebody changed after the run', async () => {
    const rig = engineRig();
    await rig.apply(twoFiles());
    await machine.exec('echo mine >/srv/a');
    const was = await look();
    const { results } = await rig.rollback(twoFiles());
    const [result] = results.values();
    assert.equal(result?.outcome, 'needs-a-person');
    assert.equal(result.failures[0]?.what, 'm1/file:a is no longer as run run-1 left it');
    assert.equal(await look(), was);
  }).timeout(20_000);

  it('puts everything back when a later task fails, and leaves a service alone that never saw the change', async () => {
    const rig = engineRig();
    const was = await look();
    const failing = testGraph([hostOn(machine, 'm1', 'admin')], ({ hosts: [host] }) => {
      const a = host!.task('a', file, { path: '/srv/a', content: 'new\n' });
      const gate = host!.task('gate', fileExists, { path: '/srv/never' }, { after: [a], withinMs: 800 });
      host!.task('note', noteContent, { from: '/srv/a', into: '/srv/note' }, { on: [a], after: [gate] });
    });
    const [result] = (await rig.apply(failing)).values();
    assert.equal(result?.outcome, 'rolled-back');
    assert.equal(result.failures[0]?.what, 'm1/test.exists:gate: /srv/never is not there');
    assert.equal(await look(), was);
    assert.ok(
      rig.events.some((event) => event.type === 'task-attempt'),
      'each attempt is told',
    );
  }).timeout(20_000);

  it('restarts a service again when it had seen the change that is put back', async () => {
    const rig = engineRig();
    const failing = testGraph([hostOn(machine, 'm1', 'admin')], ({ hosts: [host] }) => {
      const a = host!.task('a', file, { path: '/srv/a', content: 'new\n' });
      const note = host!.task('note', noteContent, { from: '/srv/a', into: '/srv/note' }, { on: [a] });
      host!.task('gate', fileExists, { path: '/srv/never' }, { after: [note], withinMs: 300 });
    });
    const [result] = (await rig.apply(failing)).values();
    assert.equal(result?.outcome, 'rolled-back');
    assert.equal(await look(), 'a 640 admin:nogroup\nold\nnote 600 root:root\nnew\nold\n');
  }).timeout(20_000);

  it('stops when a file was changed after the plan was shown', async () => {
    const rig = engineRig();
    const [result] = (
      await rig.apply(twoFiles(), {
        between: async () => {
          await machine.exec('echo other >/srv/a');
        },
      })
    ).values();
    assert.equal(result?.failures[0]?.reason, 'plan-drifted');
    assert.match(await look(), /^a 640 admin:nogroup\nother\n$/m);
  }).timeout(20_000);

  it('pays what an earlier run left owing', async () => {
    const rig = engineRig();
    const stuck = testGraph([hostOn(machine, 'm1', 'admin')], ({ hosts: [host] }) => {
      const a = host!.task('a', file, { path: '/srv/a', content: 'new\n' });
      const gate = host!.task('gate', fileExists, { path: '/srv/gate' }, { after: [a], withinMs: 300 });
      host!.task('note', noteContent, { from: '/srv/a', into: '/srv/note' }, { on: [a], after: [gate] });
    });
    const [kept] = (await rig.apply(stuck, { onFailure: 'stop' })).values();
    assert.equal(kept?.outcome, 'needs-a-person');
    await machine.exec('touch /srv/gate');
    const [paid] = (await rig.apply(stuck)).values();
    assert.deepEqual([paid?.outcome, paid?.changed], ['done', 1]);
    assert.match(await look(), /note 600 root:root\nnew\n/);
  }).timeout(20_000);

  it('needs one handshake and one round trip to find nothing to do', async () => {
    const rig = engineRig();
    await rig.apply(twoFiles());
    const plan = await rig.plan(twoFiles());
    const [session] = plan.sessions.values();
    assert.deepEqual(session?.figures(), { handshakes: 1, roundTrips: 1 });
  }).timeout(20_000);
});
