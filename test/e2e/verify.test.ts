import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { exportPKCS8, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { after, before, describe, it } from 'mocha';
import { awaitBosh } from '../lab/alterations.js';
import { openBosh } from '../lab/bosh.js';
import { type Host, must, startHost } from '../lab/host.js';
import { differencesBetween, takeState } from '../lab/state.js';
import { openWebSocket } from '../lab/websocket.js';
import type { SignIn } from '../lab/xmpp.js';
import { cliArguments, type CliRun } from '../support/cli.js';
import { canaries, type Fleet, fleetOf } from '../support/fleet.js';
import { type LabKeycloak, labKeycloak } from '../support/lab-keycloak.js';

const realm = 'jitsi-realm';
const isLong = process.env['ORCHESTRATE_LONG'] === '1';
const [rounds, many] = isLong ? [50, 50] : [5, 5];

describe('the proof of a sign-in', () => {
  let host: Host;
  let fleet: Fleet;
  let keycloak: LabKeycloak;

  before(async function () {
    this.timeout(600_000);
    host = await startHost({ docker: 'keycloak-loaded' });
    fleet = await fleetOf({ 'meet-1': host });
    keycloak = labKeycloak(host);
  });
  after(async function () {
    this.timeout(60_000);
    await fleet[Symbol.asyncDispose]();
    await host.dispose();
  });

  it('fails on a stock host, and says what is missing', async () => {
    const run = await fleet.run(['verify', '--json']);
    assert.equal(run.code, 1, run.stdout);
    assert.match(failureOf(run).what, /the discovery document is not there/);
  }).timeout(60_000);

  it('is made by apply with a user of its own where the inventory names none, and that user is gone afterwards', async () => {
    const nobody = await fleetOf({ 'meet-1': host }, { proof: '' });
    const applied = await nobody.run(['apply', '--yes', '--json']);
    assert.equal(applied.code, 0, applied.stdout.slice(-4000));
    assert.match(noteOf(applied), /^orchestrate-proof signed in and out/);
    const people = await keycloak.get<readonly { username: string }[]>(`${realm}/users`);
    assert.deepEqual(
      people.map(({ username }) => username),
      ['alice'],
    );
    assert.equal(await must(host, 'ls /var/lib/orchestrate/owed'), '');
    const verified = await nobody.run(['verify', '--json']);
    assert.equal(verified.code, 0, verified.stdout);
    assert.ok(verified.events.some((event) => event.type === 'finding' && /no user/.test(event.text)));
    await nobody[Symbol.asyncDispose]();
  }).timeout(600_000);

  it(`holds ${rounds} times out of ${rounds}, and leaves no trace`, async () => {
    const was = { state: await takeState(host), trace: await traceOf() };
    const ms: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const run = await fleet.run(['verify', '--json']);
      assert.equal(run.code, 0, run.stdout.slice(-3000));
      assert.match(noteOf(run), /guest waited for the host of a room.*opened by focus-stand-in@/);
      ms.push(proofOf(run).ms);
    }
    ms.sort((a, b) => a - b);
    console.log(`      ${rounds} proofs: min ${ms[0]} ms, median ${ms[rounds >> 1]} ms, max ${ms.at(-1)} ms`);
    assert.deepEqual(await traceOf(), was.trace);
    assert.deepEqual(differencesBetween(was.state, await takeState(host)), []);
  }).timeout(rounds * 20_000);

  it('is shown to the world as well, and says so apart', async () => {
    const env = {
      NODE_OPTIONS: `--import=${new URL('../support/resolve-lab.mjs', import.meta.url).href}`,
      ORCHESTRATE_TEST_DNS: `${host.domain}=${await addressOf(host)}`,
    };
    const run = await fleet.run(['verify', '--from-outside', '--json'], { env });
    assert.equal(run.code, 0, run.stdout.slice(-3000));
    assert.match(noteOf(run), /; from outside: alice signed in and out/);
    const lost = await fleet.run(['verify', '--from-outside', '--json'], {
      env: { ...env, ORCHESTRATE_TEST_DNS: `${host.domain}=127.0.0.1` },
    });
    assert.equal(lost.code, 1);
    assert.match(failureOf(lost).what, /from outside, .* gets no answer/);
  }).timeout(60_000);

  it('is made again and again while it is watched, until somebody stops it', async () => {
    const child = spawn(
      process.execPath,
      cliArguments(['verify', '--watch', '100ms', '--json', '-i', fleet.inventory]),
      {
        env: { PATH: process.env['PATH'] ?? '', HOME: fleet.folder, ...canaries },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const proofs: string[] = [];
    let last = '';
    for await (const line of createInterface(child.stdout)) {
      last = line;
      if (!line.includes('"host-done"')) continue;
      proofs.push(line);
      if (proofs.length === 2) child.kill('SIGTERM');
    }
    const [code] = child.exitCode === null ? ((await once(child, 'close')) as [number]) : [child.exitCode];
    assert.equal(code, 0);
    assert.ok(proofs.length >= 2);
    assert.equal((JSON.parse(last) as { type: string }).type, 'summary');
  }).timeout(90_000);

  it(`is made for ${many} hosts side by side, with a line for each`, async () => {
    const names = Array.from({ length: many }, (_, index) => `meet-${index + 1}`);
    const wide = await fleetOf(Object.fromEntries(names.map((name) => [name, host])));
    const startedAt = performance.now();
    const run = await wide.run(['verify', '--quiet', '--forks', '10']);
    assert.equal(run.code, 0, run.stdout.slice(-3000) + run.stderr.slice(-2000));
    console.log(`      ${many} hosts in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    const plain = await wide.run(['verify', '--forks', '10', '--limit', names.slice(0, 5).join()]);
    for (const name of names.slice(0, 5))
      assert.equal(
        plain.stdout.split('\n').filter((line) => /unchanged/.test(line) && line.includes(` ${name} `))
          .length,
        1,
        plain.stdout,
      );
    await wide[Symbol.asyncDispose]();
  }).timeout(many * 15_000);

  it('says what it means for Jigasi, and waits for a Jicofo that is not well yet', async () => {
    await must(host, neighbours);
    const running = fleet.run(['verify', '--json'], {
      onStdout: (text) => {
        if (text.includes('waiting for Jicofo')) void host.exec('touch /run/jicofo-is-well');
      },
    });
    const run = await running;
    assert.equal(run.code, 0, run.stdout.slice(-3000));
    assert.match(run.stdout, /waiting for Jicofo and the bridge/);
    assert.ok(
      run.events.some((event) => event.type === 'finding' && /Jigasi.*ANONYMOUS_AUTH=false/.test(event.text)),
    );
    await must(
      host,
      'systemctl stop jicofo; rm /etc/systemd/system/jicofo.service /etc/systemd/system/jigasi.service; systemctl daemon-reload',
    );
  }).timeout(60_000);

  it('is not fooled by a Prosody that was only reloaded', async () => {
    await must(
      host,
      `set -e
       file=$(readlink -f /etc/prosody/conf.d/${host.domain}.cfg.lua)
       cp -a "$file" /root/edited
       sed -i '/VirtualHost "${host.domain}"/,/VirtualHost "guest/s/authentication = "token"/authentication = "jitsi-anonymous"/' "$file"
       systemctl restart prosody
       ${awaitBosh}
       cp -a /root/edited "$file"; rm /root/edited
       systemctl reload prosody`,
    );
    const run = await fleet.run(['verify', '--json']);
    assert.equal(run.code, 1, run.stdout);
    const failure = failureOf(run);
    assert.match(failure.what, /Prosody lets people in who bring/);
    assert.match(failure.next, /restart Prosody/);
    await must(host, `systemctl restart prosody; ${awaitBosh}`);
    assert.equal((await fleet.run(['verify'])).code, 0);
  }).timeout(120_000);

  describe('with a key of our own among those of the realm', () => {
    let sign: (claims: JWTPayload) => Promise<string>;
    let key = '';

    before(async function () {
      this.timeout(60_000);
      const { privateKey } = await generateKeyPair('RS256', { extractable: true });
      const { id } = await keycloak.get<{ id: string }>(realm);
      await keycloak.post(`${realm}/components`, {
        ...{ name: 'lab', providerId: 'rsa', providerType: 'org.keycloak.keys.KeyProvider', parentId: id },
        config: { priority: ['1'], privateKey: [await exportPKCS8(privateKey)], algorithm: ['RS256'] },
      });
      const [made] = await keycloak.get<readonly { id: string }[]>(`${realm}/components?name=lab`);
      key = made?.id ?? '';
      const { keys } = await keycloak.get<{ keys: readonly { kid: string; providerId: string }[] }>(
        `${realm}/keys`,
      );
      const kid = keys.find(({ providerId }) => providerId === key)?.kid ?? '';
      assert.notEqual(kid, '');
      await must(host, `systemctl restart prosody; ${awaitBosh}`);
      const now = Math.floor(Date.now() / 1000);
      sign = (claims) =>
        new SignJWT({
          ...{
            iss: `https://${host.domain}/realms/${realm}`,
            aud: 'account',
            sub: 'f0e1',
            iat: now,
            exp: now + 300,
          },
          ...claims,
        })
          .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
          .sign(privateKey);
    });
    after(async function () {
      this.timeout(60_000);
      await keycloak.remove(`${realm}/components/${key}`);
      await must(host, `systemctl restart prosody; ${awaitBosh}`);
    });

    const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
    const trials: readonly (readonly [what: string, claims: () => JWTPayload])[] = [
      ['that expired', () => ({ exp: inSeconds(-60) })],
      ['that is not valid yet', () => ({ nbf: inSeconds(120) })],
      ['for another audience', () => ({ aud: 'another' })],
      ['of another issuer', () => ({ iss: 'https://elsewhere.example/realms/jitsi-realm' })],
      ['of another realm', () => ({ iss: `https://${host.domain}/realms/master` })],
    ];

    it('takes a right token of that key, both ways', async () => {
      const token = await sign({});
      assert.deepEqual(await both(token), [{ is: 'accepted' }, { is: 'accepted' }]);
    }).timeout(30_000);

    for (const [what, claims] of trials) {
      it(`refuses a well-signed token ${what}, both ways`, async () => {
        const answers = await both(await sign(claims()));
        assert.ok(
          answers.every(({ is }) => is === 'refused'),
          JSON.stringify(answers),
        );
      }).timeout(30_000);
    }
  });

  const both = (token: string): Promise<readonly SignIn[]> =>
    Promise.all(
      [openBosh, openWebSocket].map(async (open) => {
        await using session = await open(host, host.domain, token);
        return await session.signIn();
      }),
    );

  /** What a proof might leave behind: people, their sessions, rooms. */
  const traceOf = async (): Promise<unknown> => ({
    people: await keycloak.get(`${realm}/users`),
    sessions: await keycloak.get(`${realm}/client-session-stats`),
    rooms: await must(
      host,
      `prosodyctl shell muc list conference.${host.domain}; prosodyctl shell muc list lobby.${host.domain}`,
    ),
    owed: await must(host, 'ls /var/lib/orchestrate/owed'),
  });
});

/** A Jicofo that becomes well when it is told to, and a Jigasi without an account, as units of the host. */
const neighbours = `
  cat >/usr/local/bin/jicofo-of-the-lab <<'PERL'
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 8888, Listen => 5, ReuseAddr => 1) or die $!;
while (my $client = $server->accept) {
  while (my $line = <$client>) { last if $line =~ /^\\r?$/ }
  my $status = -e '/run/jicofo-is-well' ? '200 OK' : '500 Not well';
  print $client "HTTP/1.1 $status\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n";
  close $client;
}
PERL
  printf '[Service]\\nExecStart=/usr/bin/perl /usr/local/bin/jicofo-of-the-lab\\n' >/etc/systemd/system/jicofo.service
  printf '[Service]\\nExecStart=/bin/true\\n' >/etc/systemd/system/jigasi.service
  systemctl daemon-reload
  systemctl start jicofo`;

/** The address under which the machine's own network knows it; its nested engine has bridges of its own. */
const addressOf = async (host: Host): Promise<string> =>
  (await must(host, "ip -4 -o address show dev eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'")).trim();

function failureOf(run: CliRun) {
  const failed = run.events.find((event) => event.type === 'task-failed');
  assert.ok(failed?.type === 'task-failed', run.stdout);
  return failed.failure;
}

function proofOf(run: CliRun) {
  const done = run.events.find((event) => event.type === 'task-done' && event.proof === true);
  assert.ok(done?.type === 'task-done', run.stdout.slice(-3000));
  return done;
}

const noteOf = (run: CliRun): string => proofOf(run).note ?? '';
