import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { type Host, must, startHost } from '../lab/host.js';
import { differencesBetween, takeState } from '../lab/state.js';
import { summaryOf } from '../support/cli.js';
import { canaries, type Fleet, fleetOf } from '../support/fleet.js';
import { watchCommandLines } from '../support/command-lines.js';

describe('the flagship on a stock Jitsi host', () => {
  let host: Host;
  let fleet: Fleet;
  let stock: Awaited<ReturnType<typeof takeState>>;
  let firstRun = '';

  before(async function () {
    this.timeout(600_000);
    host = await startHost({ docker: 'keycloak-loaded' });
    console.log(`      real Jitsi plugin: ${host.jitsi === 'stand-in' ? 'not run' : 'run'}`);
    fleet = await fleetOf({ 'meet-1': host });
    stock = await takeState(host);
  });
  after(async function () {
    this.timeout(60_000);
    await fleet[Symbol.asyncDispose]();
    await host.dispose();
  });

  it('finds the missing Lua modules before anything is touched, and says how to mend them', async () => {
    const plain = await fleetOf({ 'meet-1': host }, { vars: '  prosody: { mendLua: false }' });
    const run = await plain.run(['apply', '--yes', '--json']);
    assert.equal(run.code, 1, run.stdout);
    const failure = run.events.find((event) => event.type === 'task-failed');
    assert.ok(failure?.type === 'task-failed');
    assert.match(failure.failure.what, /cannot load basexx, inspect/);
    assert.match(failure.failure.next, /mendLua: true/);
    assert.deepEqual(differencesBetween(stock, await takeState(host)), []);
    await plain[Symbol.asyncDispose]();
  }).timeout(60_000);

  it('plans without changing anything', async () => {
    const run = await fleet.run(['plan', '--exit-code', '--json']);
    assert.equal(run.code, 10, run.stdout + run.stderr);
    assert.deepEqual(differencesBetween(stock, await takeState(host)), []);
  }).timeout(60_000);

  it('takes the host to a proven sign-in', async () => {
    const lines = watchCommandLines();
    const run = await fleet.run(['apply', '--yes', '--json']);
    const seen = await lines.stop();
    assert.equal(run.code, 0, run.stdout.slice(-6000) + run.stderr);
    const summary = summaryOf(run);
    firstRun = summary.run;
    assert.equal(summary.hosts['meet-1']?.outcome, 'done');
    const proof = run.events.find((event) => event.type === 'task-done' && event.task.includes('sign-in'));
    assert.ok(proof, 'the proof ran');
    const figures = run.events.find((event) => event.type === 'figures');
    assert.ok(figures?.type === 'figures');
    assert.equal(figures.handshakes, 1);
    console.log(`      ${figures.ms / 1000} s, 1 handshake, ${figures.roundTrips['meet-1']} round trips`);
    for (const value of Object.values(canaries)) {
      assert.ok(!seen.some((line) => line.includes(value)), 'a secret stood in an argument list');
      assert.ok(!run.stdout.includes(value) && !run.stderr.includes(value), 'a secret was printed');
    }
  }).timeout(300_000);

  it('has nothing to do the second time, and leaves everything as it is', async () => {
    const was = await takeState(host);
    const run = await fleet.run(['apply', '--yes', '--json']);
    assert.equal(run.code, 0, run.stdout.slice(-3000));
    assert.equal(summaryOf(run).changed, 0);
    assert.deepEqual(differencesBetween(was, await takeState(host)), []);
    const figures = run.events.find((event) => event.type === 'figures');
    assert.ok(
      figures?.type === 'figures' && (figures.roundTrips['meet-1'] ?? 9) <= 4,
      JSON.stringify(figures),
    );
  }).timeout(60_000);

  it('is in sync, and says so', async () => {
    assert.equal((await fleet.run(['drift'])).code, 0);
    const verified = await fleet.run(['verify', '--json']);
    assert.equal(verified.code, 0, verified.stdout);
  }).timeout(60_000);

  it('names what somebody changed in Keycloak and in Prosody, and mends just that', async () => {
    await must(host, keycloakAdmin('update realms/jitsi-realm -s bruteForceProtected=false'));
    await must(
      host,
      `sed -i 's/allow_empty_token = false/allow_empty_token = true/' /etc/prosody/conf.avail/${host.domain}.cfg.lua`,
    );
    const found = await fleet.run(['drift', '--json']);
    assert.equal(found.code, 10, found.stdout.slice(-3000));
    const drifted = found.events.filter(
      (event) => event.type === 'task-planned' && event.plan.is === 'change',
    );
    const text = JSON.stringify(drifted);
    assert.equal(drifted.length, 2, text);
    assert.match(text, /bruteForceProtected/);
    assert.match(text, /allow_empty_token/);
    const mended = await fleet.run(['apply', '--yes', '--json']);
    assert.equal(mended.code, 0, mended.stdout.slice(-3000));
    const changed = mended.events.flatMap((event) =>
      event.type === 'task-done' && event.changed ? [event.task] : [],
    );
    assert.deepEqual(changed.sort(), [
      'meet-1/file.patch:hosts',
      'meet-1/keycloak.realm:jitsi-realm',
      'meet-1/service.restart:prosody',
    ]);
  }).timeout(120_000);

  it('rolls the first run back to the stock host; the volume stays and is named', async () => {
    const run = await fleet.run(['rollback', firstRun, '--yes', '--json']);
    assert.equal(run.code, 0, run.stdout.slice(-4000) + run.stderr);
    assert.deepEqual(differencesBetween(stock, await takeState(host)), [
      'new: volume keycloak_data (present)',
    ]);
    assert.ok(
      run.events.some((event) => event.type === 'finding' && event.text.includes('docker.volume:keycloak')),
    );
  }).timeout(120_000);

  it('applies again on the data that stayed', async () => {
    const run = await fleet.run(['apply', '--yes', '--json']);
    assert.equal(run.code, 0, run.stdout.slice(-4000));
  }).timeout(300_000);

  /** Keycloak's own command line, inside its container: a witness beside our client. */
  const keycloakAdmin = (command: string): string => `umask 077
cat >/run/admin-password <<'END'
${canaries.KEYCLOAK_ADMIN_PASSWORD}
END
docker exec -i keycloak sh -c 'read -r p; /opt/keycloak/bin/kcadm.sh config credentials --config /tmp/kcadm --server http://127.0.0.1:8080 --realm master --user admin --password "$p" && /opt/keycloak/bin/kcadm.sh ${command} --config /tmp/kcadm; rm -f /tmp/kcadm' </run/admin-password
rm /run/admin-password`;
});
