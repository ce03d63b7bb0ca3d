import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Machine } from '../lab/machine.js';
import { startSshd } from '../lab/sshd.js';
import { orchestrate, summaryOf } from '../support/cli.js';

describe('the small graph', () => {
  let machine: Machine;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    machine = await startSshd();
    folder = await mkdtemp(join(tmpdir(), 'orchestrate-motd-'));
    await writeFile(
      join(folder, 'hosts.yml'),
      `graph: ${join(import.meta.dirname, '../../tasks/motd.ts')}
vars: { motd: Hello }
hosts:
  a: { address: 127.0.0.1, port: ${machine.port}, user: admin, identityFile: ${machine.privateKeyPath}, knownHosts: ${machine.knownHostsPath} }
`,
    );
  });
  after(async () => {
    await machine.dispose();
    await rm(folder, { recursive: true });
  });

  const run = (...args: readonly string[]) =>
    orchestrate([...args, '--json', '-i', 'hosts.yml'], { cwd: folder });
  const motd = async (): Promise<string> => (await machine.exec('cat /etc/motd')).stdout;

  it('is carried out exactly as the saved plan, or not at all', async () => {
    assert.equal((await run('plan', '--out', 'plan.json')).code, 0);
    await machine.exec('echo somebody >/etc/motd');
    const strayed = await run('apply', '--yes', '--plan', 'plan.json');
    assert.equal(strayed.code, 5, strayed.stdout);
    assert.match(await motd(), /somebody/);
    assert.equal((await run('plan', '--out', 'plan.json')).code, 0);
    const done = await run('apply', '--yes', '--plan', 'plan.json', '--prove');
    assert.equal(done.code, 0, done.stdout);
    assert.equal(summaryOf(done).changed, 1);
    assert.match(await motd(), /^Hello$/m);
  }).timeout(60_000);

  it('keeps a link a link, and puts the file behind it back', async () => {
    await machine.exec(
      'mv /etc/motd /srv/real; chmod 640 /srv/real; chown admin:nogroup /srv/real; ln -s /srv/real /etc/motd; echo old >/srv/real',
    );
    assert.equal((await run('apply', '--yes')).code, 0);
    const look = 'readlink /etc/motd; stat -c "%a %U:%G" /srv/real; cat /srv/real';
    assert.equal((await machine.exec(look)).stdout, '/srv/real\n640 admin:nogroup\nHello\n');
    assert.equal((await run('rollback', '--yes')).code, 0);
    assert.equal((await machine.exec(look)).stdout, '/srv/real\n640 admin:nogroup\nold\n');
  }).timeout(60_000);
});
