import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { type Host, must, startHost } from '../lab/host.js';
import { differencesBetween, takeState } from '../lab/state.js';
import { type CliRun, summaryOf } from '../support/cli.js';
import { canaries, type Fleet, fleetOf } from '../support/fleet.js';
import { watchCommandLines } from '../support/command-lines.js';
import { leaksIn, leaksOnMachine, leaksUnder } from '../support/leaks.js';
import { planted, plantSecrets } from '../support/planted-secrets.js';

/** Ours, and those that stood in the host's files before us. */
const secrets = [...Object.values(canaries), ...planted.map(({ value }) => value)];

describe('the flagship on a stock Jitsi host', () => {
  let host: Host;
  let fleet: Fleet;
  let stock: Awaited<ReturnType<typeof takeState>>;
  let firstRun = '';

  before(async function () {
    this.timeout(600_000);
    host = await startHost({ docker: 'keycloak-loaded' });
    console.log(`      real Jitsi plugin: ${host.jitsi === 'stand-in' ? 'not run' : 'run'}`);
    await plantSecrets(host);
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
    const run = await orchestrate(['plan', '--exit-code', '--json']);
    assert.equal(run.code, 10, run.stdout + run.stderr);
    assert.deepEqual(differencesBetween(stock, await takeState(host)), []);
    // There is no Keycloak to read from yet.
    assert.ok(roundTripsOf(run) <= 3, `${roundTripsOf(run)} round trips`);
  }).timeout(60_000);

  it('shows beside its edits that there are secrets, and not which', async () => {
    const { stdout } = await orchestrate(['plan']);
    // So near that the diffs hold their lines: that no run prints a secret would prove nothing otherwise.
    const unseen = planted.filter(({ name }) => !new RegExp(`^ {6} .*${name}\\b`, 'm').test(stdout));
    assert.deepEqual(
      unseen.map(({ name }) => name),
      [],
      stdout,
    );
  }).timeout(60_000);

  it('takes the host to a proven sign-in', async () => {
    const lines = watchCommandLines();
    const run = await orchestrate(['apply', '--yes', '--json']);
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
    assert.ok(
      seen.some((line) => line.startsWith('sh -s')),
      'no command line of the host was seen',
    );
    assert.deepEqual(leaksIn(seen.join('\n'), secrets), []);
  }).timeout(600_000);

  it('keeps secrets out of its journals and of the logs, but for the copies of the files themselves', async () => {
    assert.deepEqual(await leaksUnder(fleet.folder, secrets), []);
    const kept = await leaksOnMachine(host, ['/var/lib/orchestrate', '/tmp', '/run/user'], secrets);
    const isCopy = (path: string): boolean => path.startsWith(`/var/lib/orchestrate/runs/${firstRun}/blobs/`);
    assert.deepEqual(
      kept.filter((path) => !isCopy(path)),
      [],
    );
    // What was in the files before and after: needed to put them back. Ours is in none of them.
    assert.equal(kept.length, 6, kept.join('\n'));
    assert.deepEqual(await leaksOnMachine(host, ['/var/lib/orchestrate'], Object.values(canaries)), []);
    const open = await must(host, 'find /var/lib/orchestrate -perm /077');
    assert.equal(open, '', 'others may look in');
  }).timeout(60_000);

  it('has nothing to do the second time, and leaves everything as it is', async () => {
    const was = await takeState(host);
    const run = await orchestrate(['apply', '--yes', '--json']);
    assert.equal(run.code, 0, run.stdout.slice(-3000));
    assert.equal(summaryOf(run).changed, 0);
    assert.deepEqual(differencesBetween(was, await takeState(host)), []);
    console.log(`      ${roundTripsOf(run)} round trips, HTTP counted`);
    assert.ok(roundTripsOf(run) <= 4, `${roundTripsOf(run)} round trips`);
  }).timeout(60_000);

  it('is in sync, and says so', async () => {
    assert.equal((await orchestrate(['drift'])).code, 0);
    const verified = await orchestrate(['verify', '--json']);
    assert.equal(verified.code, 0, verified.stdout);
  }).timeout(60_000);

  it('names what somebody changed in Keycloak and in Prosody, and mends just that', async () => {
    await must(host, keycloakAdmin('update realms/jitsi-realm -s bruteForceProtected=false'));
    await must(
      host,
      `sed -i 's/allow_empty_token = false/allow_empty_token = true/' /etc/prosody/conf.avail/${host.domain}.cfg.lua`,
    );
    const found = await orchestrate(['drift', '--json']);
    assert.equal(found.code, 10, found.stdout.slice(-3000));
    const drifted = found.events.filter(
      (event) => event.type === 'task-planned' && event.plan.is === 'change',
    );
    const text = JSON.stringify(drifted);
    assert.equal(drifted.length, 2, text);
    assert.match(text, /bruteForceProtected/);
    assert.match(text, /allow_empty_token/);
    const mended = await orchestrate(['apply', '--yes', '--json']);
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
    const run = await orchestrate(['rollback', firstRun, '--yes', '--json']);
    assert.equal(run.code, 0, run.stdout.slice(-4000) + run.stderr);
    assert.deepEqual(differencesBetween(stock, await takeState(host)), [
      'new: volume keycloak_data (present)',
    ]);
    assert.ok(
      run.events.some((event) => event.type === 'finding' && event.text.includes('docker.volume:keycloak')),
    );
  }).timeout(120_000);

  it('applies again on the data that stayed', async () => {
    const run = await orchestrate(['apply', '--yes', '--json']);
    assert.equal(run.code, 0, run.stdout.slice(-4000));
  }).timeout(600_000);

  /** Whatever is run here prints no secret. */
  const orchestrate = async (args: readonly string[]): Promise<CliRun> => {
    const run = await fleet.run(args);
    assert.deepEqual(leaksIn(run.stdout + run.stderr, secrets), []);
    return run;
  };

  const roundTripsOf = (run: CliRun): number => {
    const figures = run.events.find((event) => event.type === 'figures');
    assert.ok(figures?.type === 'figures', run.stdout);
    return figures.roundTrips['meet-1'] ?? Number.NaN;
  };

  /** Keycloak's own command line, inside its container: a witness beside our client. */
  const keycloakAdmin = (command: string): string => `umask 077
cat >/run/admin-password <<'END'
${canaries.KEYCLOAK_ADMIN_PASSWORD}
END
docker exec -i keycloak sh -c 'read -r p; /opt/keycloak/bin/kcadm.sh config credentials --config /tmp/kcadm --server http://127.0.0.1:8080 --realm master --user admin --password "$p" && /opt/keycloak/bin/kcadm.sh ${command} --config /tmp/kcadm; rm -f /tmp/kcadm' </run/admin-password
rm /run/admin-password`;
});
