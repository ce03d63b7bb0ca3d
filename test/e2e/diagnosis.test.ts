import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { runFolder } from '../../src/journal/file.js';
import type { Cause } from '../../src/model/failure.js';
import { readJournal } from '../../src/model/journal.js';
import { type Host, must, startHost } from '../lab/host.js';
import { type Fault, type FaultyHost, faultyHost } from '../support/fault.js';
import { faults, longFaults } from '../support/faults.js';
import { summaryOf } from '../support/cli.js';
import { canaries, type Fleet, fleetOf } from '../support/fleet.js';

const isLong = process.env['ORCHESTRATE_LONG'] === '1';

describe('a fault of the sign-in on a real host', () => {
  let host: Host;
  let fleet: Fleet;
  let faulty: FaultyHost;

  before(async function () {
    this.timeout(900_000);
    host = await startHost({ docker: 'keycloak-loaded' });
    console.log(`      real Jitsi plugin: ${host.jitsi === 'stand-in' ? 'not run' : 'run'}`);
    if (!isLong) console.log(`      SHORTENED: ORCHESTRATE_LONG=1 plants ${longFaults.length} more`);
    fleet = await fleetOf({ 'meet-1': host });
    const run = await fleet.run(['apply', '--yes']);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    faulty = await faultyHost(host);
  });
  after(async function () {
    this.timeout(60_000);
    await fleet[Symbol.asyncDispose]();
    await host.dispose();
  });

  /** The chain of the one failure of a `verify --json`. */
  const causesOf = async (): Promise<readonly Cause[]> => {
    const run = await fleet.run(['verify', '--json']);
    assert.equal(run.code, 1, run.stdout.slice(-3000) + run.stderr);
    assertNoSecret(run.stdout + run.stderr);
    const [failed, ...others] = run.events.filter((event) => event.type === 'task-failed');
    assert.ok(failed?.type === 'task-failed' && others.length === 0, run.stdout.slice(-3000));
    return failed.failure.causes ?? [];
  };

  for (const fault of isLong ? [...faults, ...longFaults] : faults) {
    const recipe = fault.recipe === undefined ? '' : ` (recipe ${fault.recipe})`;
    it(`${fault.cause}: ${fault.title}${recipe}`, async () => {
      await faulty.plant(fault);
      try {
        assertChain(await causesOf(), fault);
      } finally {
        await faulty.heal(fault);
      }
    }).timeout(120_000);
  }

  it('is told with its chain to a person, whose terminal shows the place and the edit', async () => {
    const fault = faults.find(({ cause }) => cause === 'issuer-scheme');
    assert.ok(fault !== undefined);
    await faulty.plant(fault);
    try {
      const run = await fleet.run(['verify']);
      assert.equal(run.code, 1);
      assert.match(run.stdout, /seen: Prosody refuses the token \[issuer-refused\]/);
      assert.match(
        run.stdout,
        /because: .* \[issuer-scheme\]\n +at \/etc\/prosody\/conf\.avail\/\S+\.cfg\.lua:\d+\n/,
      );
      assert.match(run.stdout, /next: write asap_accepted_issuers = \{ "https:/);
    } finally {
      await faulty.heal(fault);
    }
  }).timeout(60_000);

  it('is told by a run that fails because of it, and kept in the journals here and there', async () => {
    const plugin = '/usr/share/jitsi-meet/prosody-plugins/mod_muc_wait_for_host.lua';
    const planted: Fault = {
      title: 'a module does not load, and there is something to change',
      cause: 'module-not-loaded',
      where: /:\d+$/,
      plant: `cp -a ${plugin} /root/good/; sed -i '1i error("planted")' ${plugin}; sed -i '/allow_empty_token/s/false/true/' $P`,
      heal: `cp -a /root/good/mod_muc_wait_for_host.lua ${plugin}`,
      reads: 'prosody',
    };
    await faulty.plant(planted);
    try {
      const run = await fleet.run(['apply', '--yes', '--json']);
      assert.equal(run.code, 1, run.stdout.slice(-3000));
      assertNoSecret(run.stdout + run.stderr);
      const failed = run.events.find((event) => event.type === 'task-failed');
      assert.ok(failed?.type === 'task-failed');
      assert.ok(failed.failure.causes !== undefined, JSON.stringify(failed));
      assertChain(failed.failure.causes, planted);
      const summary = summaryOf(run);
      assert.equal(summary.hosts['meet-1']?.outcome, 'rolled-back');
      const there = await must(host, `cat /var/lib/orchestrate/runs/${summary.run}/journal`);
      const here = await readFile(join(runFolder(fleet.inventory, summary.run), 'journal'), 'utf8');
      for (const text of [there, here]) {
        const end = readJournal(text).find((record) => record.is === 'end');
        assert.ok(end?.is === 'end');
        assertChain(end.failures?.[0]?.causes ?? [], planted);
        assertNoSecret(text);
      }
    } finally {
      await faulty.heal(planted);
    }
  }).timeout(120_000);

  it('leaves a host whose sign-in works again, each taken back', async () => {
    const run = await fleet.run(['verify']);
    assert.equal(run.code, 0, run.stdout);
    assert.doesNotMatch(run.stdout, /because:/);
  }).timeout(60_000);
});

/** From what was seen to the root, which says where it is and how it is mended. */
function assertChain(causes: readonly Cause[], { cause, where }: Fault): void {
  const shown = JSON.stringify(causes, null, 1);
  const [seen] = causes;
  const root = causes.at(-1);
  assert.ok(causes.length >= 2 && seen !== undefined && root !== undefined, shown);
  assert.equal(root.name, cause, shown);
  assert.match(root.where, where, shown);
  assert.notEqual(root.fix ?? '', '', shown);
  assert.ok(
    causes.slice(0, -1).every(({ fix }) => fix === undefined),
    shown,
  );
}

function assertNoSecret(output: string): void {
  for (const value of Object.values(canaries)) assert.ok(!output.includes(value), 'a secret was printed');
  assert.doesNotMatch(output, /eyJ[\w-]{20,}\.eyJ/, 'a token was printed');
}
