import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { alterations } from '../lab/alterations.js';
import { type Host, must, startHost } from '../lab/host.js';
import { differencesBetween, takeState } from '../lab/state.js';
import { summaryOf } from '../support/cli.js';
import { type Fleet, fleetOf } from '../support/fleet.js';

/** A way to break one step: what is done to the host before, and taken back after; what the error must say. */
interface Break {
  readonly title: string;
  readonly spoil: string;
  readonly mend: string;
  readonly says: RegExp;
  /** The run changed something before it came to this step. */
  readonly undone: boolean;
  readonly args?: readonly string[];
}

const prosodyFile = '/etc/prosody/conf.avail/$(hostname).cfg.lua';

const breaks: readonly Break[] = [
  {
    title: 'nginx was broken before',
    spoil: "echo 'server { this is not nginx; }' >/etc/nginx/conf.d/broken.conf",
    mend: 'rm /etc/nginx/conf.d/broken.conf',
    says: /nginx configuration is already broken/,
    undone: false,
  },
  {
    title: 'the Prosody file is not understood',
    // Valid for Prosody: which sections there are depends on a condition.
    spoil: `cp -a ${prosodyFile} /run/kept; printf '\\nif os.time() > 0 then VirtualHost "extra.example.test" end\\n' >>${prosodyFile}`,
    mend: `cp -a /run/kept ${prosodyFile}`,
    says: /\.cfg\.lua:\d+:\d+: /,
    undone: false,
  },
  {
    title: 'the port is taken',
    spoil: alterations['port-taken'],
    mend: 'systemctl stop squatter',
    says: /18080/,
    undone: false,
  },
  {
    title: 'Docker is stopped',
    spoil: 'systemctl stop docker.socket docker.service',
    mend: 'systemctl start docker',
    says: /Docker is installed, but its engine does not answer/,
    undone: false,
  },
  {
    title: 'the image is missing and no registry answers',
    spoil:
      'docker tag quay.io/keycloak/keycloak:26.7.3 kept:1; docker rmi quay.io/keycloak/keycloak:26.7.3 >/dev/null',
    mend: 'docker tag kept:1 quay.io/keycloak/keycloak:26.7.3; docker rmi kept:1 >/dev/null',
    says: /could not be pulled/,
    undone: true,
  },
  {
    title: 'Keycloak has too little memory to come up',
    spoil: ':',
    mend: ':',
    says: /http\.healthy:keycloak/,
    undone: true,
    args: ['--set', 'keycloak.memory=64m'],
  },
  {
    title: 'Prosody cannot be restarted',
    spoil: `mkdir -p /etc/systemd/system/prosody.service.d
      printf '[Service]\\nExecStartPre=/bin/sh -c "! grep -q asap_accepted_issuers.*realms ${prosodyFile}"\\n' >/etc/systemd/system/prosody.service.d/spoil.conf
      systemctl daemon-reload`,
    mend: 'rm -r /etc/systemd/system/prosody.service.d; systemctl daemon-reload',
    says: /systemctl restart prosody failed/,
    undone: true,
  },
  {
    title: 'the proof fails',
    spoil: `cp -a /usr/share/jitsi-meet/prosody-plugins/token/util.lib.lua /run/kept
      sed -i '1a error("planted: this plugin does not load")' /usr/share/jitsi-meet/prosody-plugins/token/util.lib.lua`,
    mend: 'cp -a /run/kept /usr/share/jitsi-meet/prosody-plugins/token/util.lib.lua',
    says: /bosh\.offers:prosody|jitsi\.sign-in/,
    undone: true,
  },
];

describe('a run that fails puts the host back', () => {
  let host: Host;
  let fleet: Fleet;

  before(async function () {
    this.timeout(600_000);
    host = await startHost({ docker: 'keycloak-loaded' });
    fleet = await fleetOf({ 'meet-1': host });
  });
  after(async function () {
    this.timeout(60_000);
    await fleet[Symbol.asyncDispose]();
    await host.dispose();
  });

  for (const one of breaks) {
    it(`when ${one.title}`, async () => {
      await must(host, one.spoil);
      try {
        const was = await takeState(host);
        const run = await fleet.run(['apply', '--yes', '--json', ...(one.args ?? [])]);
        assert.equal(run.code, 1, run.stdout.slice(-4000) + run.stderr);
        assert.equal(summaryOf(run).hosts['meet-1']?.outcome, one.undone ? 'rolled-back' : 'failed');
        const failures = run.events.filter((event) => event.type === 'task-failed');
        assert.equal(failures.length, 1, JSON.stringify(failures));
        const [failed] = failures;
        assert.ok(failed?.type === 'task-failed' && failed.host === 'meet-1');
        assert.match(`${failed.failure.what} ${failed.task}`, one.says);
        assert.notEqual(failed.failure.next, '');
        assert.deepEqual(differencesBetween(was, await takeState(host)), []);
      } finally {
        await must(host, one.mend);
      }
    }).timeout(240_000);
  }

  it("when the admin's password is not the one that Keycloak's data was made with", async () => {
    assert.equal((await fleet.run(['apply', '--yes'])).code, 0);
    assert.equal((await fleet.run(['rollback', '--yes'])).code, 0);
    const was = await takeState(host);
    const env = { KEYCLOAK_ADMIN_PASSWORD: 'quite-another-one' };
    const run = await fleet.run(['apply', '--yes', '--json'], { env });
    assert.equal(run.code, 1, run.stdout.slice(-4000));
    assert.equal(summaryOf(run).hosts['meet-1']?.outcome, 'rolled-back');
    const failed = run.events.find((event) => event.type === 'task-failed');
    assert.ok(failed?.type === 'task-failed');
    assert.match(failed.failure.what, /admin/);
    const attempts = run.events.filter(
      (event) => event.type === 'task-attempt' && event.task.includes('keycloak.realm'),
    );
    assert.deepEqual(attempts, [], 'a wrong password is tried once');
    assert.deepEqual(differencesBetween(was, await takeState(host)), []);
    await must(host, 'docker volume rm keycloak_data >/dev/null');
  }).timeout(300_000);

  it('and leaves the other host of the inventory alone: the good one is done, the bad one as before', async () => {
    await using bad = await startHost({ domain: 'other.example.test' });
    await must(bad, "echo 'server { this is not nginx; }' >/etc/nginx/conf.d/broken.conf");
    await using both = await fleetOf({ good: host, bad });
    const was = await takeState(bad);
    const run = await both.run(['apply', '--yes', '--json']);
    assert.equal(run.code, 1, run.stdout.slice(-4000) + run.stderr);
    const { hosts } = summaryOf(run);
    assert.deepEqual([hosts['good']?.outcome, hosts['bad']?.outcome], ['done', 'failed']);
    assert.deepEqual(differencesBetween(was, await takeState(bad)), []);
  }).timeout(300_000);
});
