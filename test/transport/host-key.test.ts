import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { shared } from '../support/shared.js';
import { makeKey, startSshd } from '../support/sshd.js';
import { failureIn, hostAt, needsRealSshd, transportAt } from '../support/ssh-rig.js';

const run = promisify(execFile);

/** `SHA256:…` of a public key file, as people see it. */
async function fingerprintOf(publicKey: string): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-lf', publicKey]);
  return stdout.split(' ')[1] ?? '';
}

describe('host keys of a real sshd', function () {
  this.timeout(20_000);
  before(needsRealSshd);
  const sshd = shared(() => startSshd({ unknown: true }));
  const file = () => join(sshd().home, '.ssh', 'known_hosts');
  const label = () => `meet-1 (127.0.0.1 port ${sshd().port})`;
  const name = () => `[127.0.0.1]:${sshd().port}`;
  const knowing = (text: string) => writeFile(file(), text);
  const connect = (acceptNewHostKeys = false) => {
    const { transport, findings } = transportAt(sshd().home, { acceptNewHostKeys });
    return { findings, session: transport.connect(hostAt({ port: sshd().port })) };
  };
  const mayConnect = async (): Promise<void> => {
    await (await connect().session)[Symbol.asyncDispose]();
  };
  const otherKey = shared(async () => {
    const path = join(sshd().folder, 'other');
    await makeKey(path, 'ed25519');
    return {
      path: `${path}.pub`,
      line: (await readFile(`${path}.pub`, 'utf8')).trim(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  });

  it('are trusted under [host]:port, under a hash of it, under a pattern, and among several keys', async () => {
    for (const line of [
      `${name()} ${sshd().hostKey}`,
      `other,[127.0.0.*]:${sshd().port} ${sshd().hostKey}`,
      `# a comment\r\n\nbroken line\n${name()} ${otherKey().line}\n${name()} ${sshd().hostKey.trim()} a comment\r\n`,
    ]) {
      await knowing(line);
      await mayConnect();
    }
    await knowing(`${name()} ${sshd().hostKey}`);
    await run('ssh-keygen', ['-q', '-H', '-f', file()]);
    assert.match(await readFile(file(), 'utf8'), /\|1\|/);
    await mayConnect();
  });

  it('are trusted under the plain name too, as OpenSSH does, and another plain key is no contradiction', async () => {
    await knowing(`127.0.0.1 ${sshd().hostKey}`);
    await mayConnect();
    await knowing(`127.0.0.1 ${otherKey().line}\n`);
    assert.match((await failureIn(connect().session)).what, /is not known$/);
  });

  it('are refused when they are not known, with the fingerprint and the way on', async () => {
    await knowing(`!${name()},[127.*]:* ${sshd().hostKey}`);
    const shown = await fingerprintOf(join(sshd().folder, 'host.pub'));
    assert.deepEqual(await failureIn(connect().session), {
      reason: 'unreachable',
      what: `the host key of ${label()} is not known`,
      evidence: [
        `shown: ED25519 ${shown}`,
        `not in: ${file()}, ${file()}2, /etc/ssh/ssh_known_hosts, /etc/ssh/ssh_known_hosts2`,
      ],
      next:
        'compare it with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on the machine itself, then ' +
        `\`ssh-keyscan -p ${sshd().port} 127.0.0.1 >> ${file()}\`, or run once with --accept-new-host-keys`,
      transient: false,
    });
  });

  it('are refused when they have changed, with both fingerprints, the line and the remedy', async () => {
    await knowing(`# one\n${name()} ${otherKey().line}\n`);
    const [known, shown] = await Promise.all([
      fingerprintOf(otherKey().path),
      fingerprintOf(join(sshd().folder, 'host.pub')),
    ]);
    for (const acceptNew of [false, true]) {
      assert.deepEqual(await failureIn(connect(acceptNew).session), {
        reason: 'unreachable',
        what: `the host key of ${label()} has changed`,
        evidence: [`known: ED25519 ${known} (${file()}:2)`, `shown: ED25519 ${shown}`],
        next:
          'find out why (the machine was set up anew, or somebody is in between); only if the shown key is what ' +
          '`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on the machine itself: ' +
          `\`ssh-keygen -f '${file()}' -R '${name()}'\`, then \`ssh-keyscan -p ${sshd().port} 127.0.0.1 >> ${file()}\``,
        transient: false,
      });
    }
    assert.equal(await readFile(file(), 'utf8'), `# one\n${name()} ${otherKey().line}\n`);
  });

  it('are refused when the host has lost the known type of key', async () => {
    await makeKey(join(sshd().folder, 'rsa'), 'rsa');
    const rsa = (await readFile(join(sshd().folder, 'rsa.pub'), 'utf8')).trim();
    await knowing(`${name()} ${rsa}\n`);
    const failure = await failureIn(connect(true).session);
    assert.equal(failure.what, `${label()} has no host key of a type by which it is known`);
    assert.deepEqual(failure.evidence, [
      `known: RSA ${await fingerprintOf(join(sshd().folder, 'rsa.pub'))} (${file()}:1)`,
      'Handshake failed: no matching host key format',
    ]);
    assert.equal(failure.transient, false);
  });

  it('are refused when they are revoked, even if they are trusted elsewhere', async () => {
    await knowing(`${name()} ${sshd().hostKey}@revoked * ${sshd().hostKey}`);
    const shown = await fingerprintOf(join(sshd().folder, 'host.pub'));
    assert.deepEqual(await failureIn(connect(true).session), {
      reason: 'unreachable',
      what: `${label()} shows a host key that is revoked`,
      evidence: [`shown:   ED25519 ${shown}`, `revoked: ED25519 ${shown} (${file()}:2)`],
      next: 'do not log in: somebody may hold that key; give the machine a new host key, then make it known',
      transient: false,
    });
  });

  it('are refused with a clear word when only a certificate authority vouches for them', async () => {
    await knowing(`@cert-authority * ${otherKey().line}\n`);
    assert.deepEqual(await failureIn(connect(true).session), {
      reason: 'unreachable',
      what: `the host key of ${label()} is vouched for by a certificate authority, which orchestrate cannot check`,
      evidence: [`@cert-authority ED25519 ${await fingerprintOf(otherKey().path)} (${file()}:1)`],
      next: `add the machine's own key beside it: \`ssh-keyscan -p ${sshd().port} 127.0.0.1 >> ${file()}\``,
      transient: false,
    });
    await appendFile(file(), `${name()} ${sshd().hostKey}`);
    await mayConnect();
  });

  it('are refused when the file cannot be read', async () => {
    await rm(file());
    await mkdir(file());
    assert.deepEqual(await failureIn(connect(true).session), {
      reason: 'unreachable',
      what: `the known hosts in ${file()} cannot be read`,
      evidence: ['EISDIR: illegal operation on a directory, read'],
      next: 'make the file readable: without it no host key can be trusted',
      transient: false,
    });
    await rm(file(), { recursive: true });
  });

  it('are recorded once with --accept-new-host-keys, whole lines only, and trusted by ssh itself', async () => {
    await knowing('# no line ending');
    const { findings, session } = connect(true);
    await (await session)[Symbol.asyncDispose]();
    const shown = await fingerprintOf(join(sshd().folder, 'host.pub'));
    assert.deepEqual(findings, [
      {
        host: 'meet-1',
        code: 'host-key-pinned',
        what: `the host key of ${label()} was not known and is trusted from now on: ED25519 ${shown}, recorded in ${file()}`,
        next: 'compare it with what `ssh-keygen -lf` prints for the key files in /etc/ssh on the machine itself',
      },
    ]);
    const [type, key] = sshd().hostKey.split(' ');
    const text = await readFile(file(), 'utf8');
    assert.match(text, /^# no line ending\n\|1\|[^\n]+\n$/);
    assert.ok(text.endsWith(` ${String(type)} ${String(key)}\n`));
    const again = connect(true);
    await (await again.session)[Symbol.asyncDispose]();
    assert.deepEqual([again.findings, await readFile(file(), 'utf8')], [[], text]);
    await run('ssh', [
      ...['-F', 'none', '-i', join(sshd().home, '.ssh', 'id_ed25519'), '-p', String(sshd().port)],
      ...['-o', `UserKnownHostsFile=${file()}`, '-o', 'StrictHostKeyChecking=yes', '127.0.0.1', 'exit 0'],
    ]);
  });

  it('are recorded in the file that the inventory names, made private', async () => {
    const other = join(sshd().home, 'fresh', 'known');
    const { transport } = transportAt(sshd().home, { acceptNewHostKeys: true });
    await (await transport.connect(hostAt({ port: sshd().port, knownHosts: '~/fresh/known' })))[
      Symbol.asyncDispose
    ]();
    assert.equal((await stat(other)).mode & 0o777, 0o600);
    assert.equal((await stat(join(sshd().home, 'fresh'))).mode & 0o777, 0o700);
  });
});

describe('a host with several types of host keys', function () {
  this.timeout(20_000);
  before(needsRealSshd);
  const rsa = shared(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrate-key-'));
    await makeKey(join(folder, 'rsa'), 'rsa');
    return { path: join(folder, 'rsa'), [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  });
  const sshd = shared(() => startSshd({ config: [`HostKey ${rsa().path}`], unknown: true }));

  it('is not taken for changed when it is known by its RSA key only', async () => {
    const known = join(sshd().home, '.ssh', 'known_hosts');
    await writeFile(known, `[127.0.0.1]:${sshd().port} ${await readFile(`${rsa().path}.pub`, 'utf8')}`);
    const { transport } = transportAt(sshd().home);
    await (await transport.connect(hostAt({ port: sshd().port })))[Symbol.asyncDispose]();
  });
});
