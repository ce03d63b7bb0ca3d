import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { clean } from './clean.js';
import { type Finished, need, run } from './command.js';
import { labLabel } from './docker.js';
import type { User } from './login.js';
import type { Machine } from './machine.js';
import { ownerLabel } from './machine-container.js';
import { startSshd } from './sshd.js';

describe('the smallest machine', () => {
  let machine: Machine;

  before(async function () {
    this.timeout(300_000);
    machine = await startSshd({ sshd: 'AllowTcpForwarding no' });
  });

  after(async function () {
    this.timeout(60_000);
    await machine.dispose();
  });

  it('lets root and admin become root, and nosudo in only as itself', async () => {
    assert.equal((await logIn('root', 'id -u')).stdout, '0\n');
    assert.equal((await logIn('admin', 'sudo -n id -u')).stdout, '0\n');
    const refused = await logIn('nosudo', 'id -un; sudo -n id -u');
    assert.equal(refused.stdout, 'nosudo\n');
    assert.match(refused.stderr, /password is required/);
  }).timeout(20_000);

  it('is known by exactly the host keys that its known_hosts file pins', async () => {
    const stranger = await logIn('root', 'true', '/dev/null');
    assert.equal(stranger.code, 255);
    assert.match(stranger.stderr, /Host key verification failed/);
    assert.equal((await logIn('root', 'true')).code, 0);
  }).timeout(20_000);

  it('takes more settings for sshd', async () => {
    const { stdout } = await machine.exec('sshd -T');
    assert.match(stdout, /^allowtcpforwarding no$/m);
  });

  it('is left alone by the clean-up, which removes what belongs to no living process', async () => {
    const labels = ['--label', labLabel, '--label', `${ownerLabel}=${process.pid}@1`];
    const image = (await need(['docker', 'inspect', '--format', '{{.Image}}', machine.container])).trim();
    const orphan = (await need(['docker', 'run', '--detach', ...labels, image, 'sleep', 'infinity'])).trim();
    const { containers } = await clean('leftovers');
    assert.ok(containers.some((id) => orphan.startsWith(id)));
    assert.notEqual((await run(['docker', 'inspect', orphan])).code, 0);
    assert.ok(!containers.some((id) => machine.container.startsWith(id)));
    assert.equal((await machine.exec('true')).code, 0);
  }).timeout(60_000);

  it('that is kept stays, until what is kept for the same folder is removed', async () => {
    const kept = await startSshd({ keptFor: '/nowhere/mine' });
    await clean('leftovers');
    await clean({ keptFor: '/nowhere/other' });
    assert.equal((await kept.exec('true')).code, 0);
    const { containers } = await clean({ keptFor: '/nowhere/mine' });
    assert.deepEqual(
      containers.map((id) => kept.container.startsWith(id)),
      [true],
    );
    await kept.dispose();
  }).timeout(60_000);

  function logIn(user: User, command: string, knownHosts = machine.knownHostsPath): Promise<Finished> {
    const trust = ['-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'StrictHostKeyChecking=yes'];
    const key = [
      '-F',
      'none',
      '-i',
      machine.privateKeyPath,
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'BatchMode=yes',
    ];
    return run(['ssh', ...key, ...trust, '-p', String(machine.port), `${user}@${machine.address}`, command]);
  }
});
