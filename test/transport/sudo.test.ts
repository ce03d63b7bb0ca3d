import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAccount } from '../support/account.js';
import { shared } from '../support/shared.js';
import { startSshd } from '../support/sshd.js';
import { failureIn, hostAt, needsRealSshd, runScript, shownEnd, transportAt } from '../support/ssh-rig.js';

describe('sudo on a real host', function () {
  this.timeout(20_000);
  before(needsRealSshd);
  const sshd = shared(() => startSshd());
  const label = () => `meet-1 (127.0.0.1 port ${sshd().port})`;
  const connect = (user: string, become = true) =>
    transportAt(sshd().home).transport.connect(hostAt({ port: sshd().port, user }, become));
  const refusal = async (sudoers?: readonly string[]) => {
    await using account = await makeAccount({
      shell: '/bin/bash',
      ...(sudoers === undefined ? {} : { sudoers }),
    });
    await using session = await connect(account.name);
    const failure = await failureIn(runScript(session, 'exit 0\n'));
    assert.equal(session.figures().roundTrips, 1);
    return { failure, user: account.name };
  };

  it('makes a script root, in one round trip, and leaves the exit code alone', async () => {
    await using account = await makeAccount({ sudoers: ['USER ALL=(root) NOPASSWD: ALL'] });
    await using session = await connect(account.name);
    assert.deepEqual(shownEnd(await runScript(session, 'id -u; exit 1\n')), {
      is: 'exit',
      code: 1,
      stdout: '0\n',
      stderr: '',
      truncated: false,
    });
    assert.deepEqual(session.figures(), { handshakes: 1, roundTrips: 1 });
  });

  it('is not used by root, nor where nobody becomes root', async () => {
    await using account = await makeAccount();
    await using plain = await connect(account.name, false);
    await using root = await connect('root');
    const ids = await Promise.all(
      [plain, root].map((session) => runScript(session, 'id -un; echo "${SUDO_USER-none}"\n')),
    );
    assert.deepEqual(
      ids.map((ended) => (ended.is === 'exit' ? Buffer.from(ended.stdout).toString() : ended.is)),
      [`${account.name}\nnone\n`, 'root\nnone\n'],
    );
  });

  it('that asks for a password is said so with the line that mends it', async () => {
    const { failure, user } = await refusal(['USER ALL=(root) ALL']);
    assert.deepEqual(failure, {
      reason: 'unreachable',
      what: `sudo on ${label()} asks ${user} for a password`,
      evidence: ['sudo: a password is required', 'exit code 1'],
      next: `allow it without one by a line in \`visudo -f /etc/sudoers.d/orchestrate\`: ${user} ALL=(root) NOPASSWD: ALL`,
      transient: false,
    });
  });

  it('that does not let the user run a shell is said so', async () => {
    const { failure, user } = await refusal(['USER ALL=(root) NOPASSWD: /usr/bin/true']);
    assert.equal(failure.what, `sudo on ${label()} asks ${user} for a password`);
    const denied = await refusal(['USER ALL=(root) NOPASSWD: ALL, !/usr/bin/sh, !/bin/sh, !/usr/bin/dash']);
    assert.equal(denied.failure.what, `sudo on ${label()} does not let ${denied.user} run a shell as root`);
    assert.match(
      denied.failure.evidence[0] ?? '',
      /^Sorry, user orch-\w+ is not allowed to execute '\/usr\/bin\/sh -s' as root on \S+\.$/,
    );
  });

  it('that wants a terminal is said so', async () => {
    const { failure, user } = await refusal(['Defaults:USER requiretty', 'USER ALL=(root) NOPASSWD: ALL']);
    assert.deepEqual(failure, {
      reason: 'unreachable',
      what: `sudo on ${label()} wants a terminal (requiretty)`,
      evidence: ['sudo: sorry, you must have a tty to run sudo', 'exit code 1'],
      next: `lift that for this user with a line in \`visudo\`: Defaults:${user} !requiretty`,
      transient: false,
    });
  });

  it('that the user is not listed for is said so', async () => {
    const { failure, user } = await refusal();
    assert.equal(failure.what, `sudo on ${label()} asks ${user} for a password`);
  });

  it('that is not there is said so', async () => {
    await using account = await makeAccount({ shell: '/bin/bash', bashrc: 'PATH=/nowhere\n' });
    await using session = await connect(account.name);
    assert.deepEqual(await failureIn(runScript(session, 'exit 0\n')), {
      reason: 'unreachable',
      what: `there is no sudo on ${label()}, and ${account.name} is not root`,
      evidence: ['bash: line 1: sudo: command not found', 'exit code 127'],
      next: 'install sudo there, or log in as root (user: root in the inventory)',
      transient: false,
    });
  });

  it('that fails in a way of its own is shown', async () => {
    await using account = await makeAccount({
      shell: '/bin/bash',
      bashrc: 'sudo() { echo "sudo: the moon is full" >&2; return 9; }\n',
    });
    await using session = await connect(account.name);
    assert.deepEqual(await failureIn(runScript(session, 'exit 0\n')), {
      reason: 'unreachable',
      what: `sudo on ${label()} did not start a shell for ${account.name}`,
      evidence: ['sudo: the moon is full', 'exit code 9'],
      next: `find out on the machine, as ${account.name}, why \`echo true | sudo -n -- sh -s\` fails`,
      transient: false,
    });
  });

  it('stands in front of streamed commands too', async () => {
    await using account = await makeAccount({ shell: '/bin/bash' });
    await using session = await connect(account.name);
    const folder = await mkdtemp(join(tmpdir(), 'orchestrate-upload-'));
    await writeFile(join(folder, 'image.tar'), Buffer.alloc(3_000_000));
    const failure = await failureIn(
      session.stream('docker load', join(folder, 'image.tar'), { timeoutMs: 10_000 }),
    );
    await rm(folder, { recursive: true });
    assert.equal(failure.what, `sudo on ${label()} asks ${account.name} for a password`);
  });
});

describe('a streamed file', function () {
  this.timeout(20_000);
  before(needsRealSshd);
  const sshd = shared(() => startSshd());
  const folder = shared(async () => {
    const path = await mkdtemp(join(tmpdir(), 'orchestrate-upload-'));
    await writeFile(join(path, 'image.tar'), Buffer.alloc(20_000_000, 'x'));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
  });
  /** An account for which `docker` is a function of its shell. */
  const docker = (body: string) =>
    makeAccount({ shell: '/bin/bash', bashrc: `docker() { echo "$*"; ${body}; }\n` });
  const connect = (user: string) =>
    transportAt(sshd().home).transport.connect(hostAt({ port: sshd().port, user }));

  it('arrives whole in the stdin of a constant command, with its progress', async () => {
    await using account = await docker('wc -c');
    await using session = await connect(account.name);
    const progress: [number, number][] = [];
    const ended = await session.stream('docker load', join(folder().path, 'image.tar'), {
      timeoutMs: 10_000,
      onBytes: (sent, total) => void progress.push([sent, total]),
    });
    assert.deepEqual(shownEnd(ended), {
      is: 'exit',
      code: 0,
      stdout: 'load\n20000000\n',
      stderr: '',
      truncated: false,
    });
    assert.deepEqual(progress.at(-1), [20_000_000, 20_000_000]);
    assert.ok(progress.length > 10);
  });

  it('ends with the command when that reads no more', async () => {
    await using account = await docker('echo no space >&2; return 1');
    await using session = await connect(account.name);
    const ended = await session.stream('docker load', join(folder().path, 'image.tar'), {
      timeoutMs: 10_000,
    });
    assert.deepEqual(shownEnd(ended), {
      is: 'exit',
      code: 1,
      stdout: 'load\n',
      stderr: 'no space\n',
      truncated: false,
    });
  });

  it('may take longer than its time limit as long as bytes move, and not when they stand still', async () => {
    await using slow = await docker(
      'head -c 6000000 >/dev/null; sleep 0.4; head -c 6000000 >/dev/null; sleep 0.4; wc -c',
    );
    await using session = await connect(slow.name);
    const path = join(folder().path, 'image.tar');
    assert.equal((await session.stream('docker load', path, { timeoutMs: 700 })).is, 'exit');
    await using stuck = await docker('sleep 5');
    await using other = await connect(stuck.name);
    assert.deepEqual(await other.stream('docker load', path, { timeoutMs: 300 }), {
      is: 'unknown',
      because: 'no end within 0.3 s',
    });
  });

  it('that is not there is said so before anything starts', async () => {
    await using account = await docker('cat');
    await using session = await connect(account.name);
    assert.deepEqual(
      await failureIn(session.stream('docker load', '/nowhere/image.tar', { timeoutMs: 1000 })),
      {
        reason: 'configuration',
        what: 'the file /nowhere/image.tar cannot be read',
        evidence: ["ENOENT: no such file or directory, open '/nowhere/image.tar'"],
        next: 'correct its path in the inventory, or make it readable',
        transient: false,
      },
    );
    assert.equal(session.figures().roundTrips, 0);
  });
});
