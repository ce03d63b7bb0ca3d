import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { makeAccount } from '../support/account.js';
import { failureIn, hostAt, needsRealSshd, runScript, shownEnd, transportAt } from '../support/ssh-rig.js';
import { shared } from '../support/shared.js';
import { startSshd } from '../support/sshd.js';

describe('a session on a real sshd', function () {
  this.timeout(20_000);
  before(needsRealSshd);
  const sshd = shared(() => startSshd({ config: ['MaxSessions 2'] }));
  const account = shared(() => makeAccount({ shell: '/bin/bash' }));
  const connect = () =>
    transportAt(sshd().home).transport.connect(hostAt({ port: sshd().port, user: account().name }));

  it('runs a script and tells its exit code and both outputs', async () => {
    await using session = await connect();
    const ended = await runScript(session, 'echo out; echo err >&2; exit 3\n');
    assert.deepEqual(shownEnd(ended), {
      is: 'exit',
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
    });
    assert.deepEqual(session.figures(), { handshakes: 1, roundTrips: 1 });
  });

  it('tells by which signal a script died', async () => {
    await using session = await connect();
    const ended = await runScript(session, 'echo before; kill -TERM $$\n');
    assert.deepEqual(shownEnd(ended), {
      is: 'signal',
      signal: 'SIGTERM',
      stdout: 'before\n',
      stderr: '',
      truncated: false,
    });
  });

  it('carries every byte in both directions', async () => {
    await using session = await connect();
    const bytes = Buffer.from(
      Array.from({ length: 256 }, (_, index) => index).filter((byte) => byte !== 0 && byte !== 0x27),
    );
    const script = Buffer.concat([Buffer.from("printf %s '"), bytes, Buffer.from("'\n")]);
    const ended = await session.script(script, { timeoutMs: 10_000 });
    assert.ok(ended.is === 'exit');
    assert.deepEqual(Buffer.from(ended.stdout), bytes);
  });

  it('takes a script of several megabytes', async () => {
    await using session = await connect();
    const comment = `# ${'x'.repeat(5_000_000)}\n`;
    assert.deepEqual(shownEnd(await runScript(session, `${comment}echo done\n`)), {
      is: 'exit',
      code: 0,
      stdout: 'done\n',
      stderr: '',
      truncated: false,
    });
  });

  it('keeps the head and the tail of an output that is too long', async () => {
    await using session = await connect();
    const script = 'i=0; while [ $i -lt 3000 ]; do printf "%09d\\n" $i; i=$((i+1)); done\n';
    const ended = await session.script(Buffer.from(script), { timeoutMs: 10_000, capBytes: 100 });
    assert.ok(ended.is === 'exit');
    const numbers = Array.from({ length: 3000 }, (_, index) => `${String(index).padStart(9, '0')}\n`);
    const expected = [...numbers.slice(0, 5), ...numbers.slice(-5)].join('');
    assert.equal(Buffer.from(ended.stdout).toString(), expected);
    assert.equal(ended.truncated, true);
  });

  it('hands over lines while the script still runs', async () => {
    await using session = await connect();
    const lines: string[] = [];
    const ended = session.script(
      Buffer.from('echo één; printf "no end" >&2; read -r x </dev/null; exec sleep 0.3\n'),
      {
        timeoutMs: 10_000,
        onLine: (line) => void lines.push(line),
      },
    );
    while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(await Promise.race([ended, Promise.resolve('still running')]), 'still running');
    await ended;
    assert.deepEqual(lines, ['één', 'no end']);
  });

  it('waits out MaxSessions when many scripts run at once', async () => {
    await using session = await connect();
    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, index) => runScript(session, `sleep 0.05; echo ${index}\n`)),
    );
    assert.deepEqual(
      ends.map((ended) => (ended.is === 'exit' ? Buffer.from(ended.stdout).toString() : ended.is)),
      Array.from({ length: 20 }, (_, index) => `${index}\n`),
    );
    // Never more than eight are on their way at a time.
    const { roundTrips } = session.figures();
    assert.ok(roundTrips >= 3 && roundTrips <= 20, `${roundTrips} round trips`);
  });

  it('does not know the outcome when the time is up', async () => {
    await using session = await connect();
    const ended = await session.script(Buffer.from('exec sleep 5\n'), { timeoutMs: 300 });
    assert.deepEqual(ended, { is: 'unknown', because: 'no end within 0.3 s' });
    assert.equal(shownEnd(await runScript(session, 'echo alive\n'))['stdout' as never], 'alive\n');
  });

  it('does not know the outcome when it is interrupted', async () => {
    await using session = await connect();
    const abort = new AbortController();
    const ended = session.script(Buffer.from('echo up; exec sleep 5\n'), {
      timeoutMs: 10_000,
      signal: abort.signal,
      onLine: () => abort.abort(),
    });
    assert.deepEqual(await ended, { is: 'unknown', because: 'interrupted' });
  });

  it('starts nothing once it is interrupted', async () => {
    await using session = await connect();
    const failure = await failureIn(
      session.script(Buffer.from('exit 0\n'), { timeoutMs: 100, signal: AbortSignal.abort() }),
    );
    assert.deepEqual(failure, {
      reason: 'interrupted',
      what: `no command could be started on meet-1 (127.0.0.1 port ${sshd().port}): interrupted`,
      evidence: [],
      next: 'nothing was done by it; run the same command again',
      transient: false,
    });
  });

  it('does not know the outcome when the connection dies in the middle, and starts nothing afterwards', async () => {
    await using session = await connect();
    // $PPID is the process of sshd that serves this connection.
    const ended = await runScript(session, 'echo "$PPID"; kill -KILL "$PPID"; exec sleep 5\n');
    const because = 'because' in ended ? ended.because : '';
    // A kernel that closes a socket of which not all was read says so with a reset.
    assert.match(because, /^the (host closed the connection|connection was reset)$/);
    assert.deepEqual(ended, { is: 'unknown', because });
    assert.deepEqual(await failureIn(runScript(session, 'exit 0\n')), {
      reason: 'unreachable',
      what: `no command could be started on meet-1 (127.0.0.1 port ${sshd().port}): ${because}`,
      evidence: [],
      next: 'nothing was done by it; run the same command again',
      transient: true,
    });
  });

  it('opens no listening port on this machine', async () => {
    // Only sockets that this process holds: others on the machine come and go.
    const inodes = () => {
      const own = new Set(
        readdirSync('/proc/self/fd').map((fd) => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`);
          } catch {
            return '';
          }
        }),
      );
      return ['/proc/self/net/tcp', '/proc/self/net/tcp6'].flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .map((line) => line.trim().split(/\s+/))
          .filter((cells) => cells[3] === '0A' && own.has(`socket:[${cells[9] ?? ''}]`)),
      ).length;
    };
    const before = inodes();
    await using session = await connect();
    await runScript(session, 'exit 0\n');
    await failureIn(
      session.http({ is: 'http', to: { address: '127.0.0.1', port: 1 }, method: 'GET', path: '/' }),
    );
    assert.equal(inodes(), before);
  });

  it('leaves nothing of a script in any command line', async () => {
    await using session = await connect();
    const secret = randomBytes(8).toString('hex');
    const ended = await runScript(
      session,
      `: ${secret}; for p in /proc/[0-9]*/cmdline; do cat "$p" 2>/dev/null | tr '\\0' ' '; echo; done\n`,
    );
    assert.ok(ended.is === 'exit');
    const lines = Buffer.from(ended.stdout).toString();
    assert.match(lines, /^sh -c sh -s|^sh -s/m);
    assert.ok(!lines.includes(secret));
  });
});
