import assert from 'node:assert/strict';
import { markIn, startFakeServer } from '../support/ssh-server.js';
import { failureIn, hostAt, runScript, shownEnd, transportAt } from '../support/ssh-rig.js';
import type { FakeCommand, FakeServer } from '../support/ssh-server.js';
import type { TransportOptions } from '../../src/transport/transport.js';

const connect = (server: FakeServer, options: Partial<TransportOptions> = {}) =>
  transportAt(server.home, options).transport.connect(hostAt({ port: server.port, user: 'root' }));

/** A server whose commands first show the mark, as a shell does, and then do one thing. */
const serverThat = (act: (command: FakeCommand) => unknown) =>
  startFakeServer(async (command) => {
    const mark = markIn(await command.script());
    command.channel.stderr.write(`\n${mark}\n`);
    command.channel.write(`\n${mark}\n`);
    act(command);
  });

describe('a command on a faulty host', function () {
  this.timeout(20_000);
  it('that died by a signal says which', async () => {
    await using server = await serverThat(({ channel }) => {
      channel.write('partial');
      channel.exit('KILL', false, 'out of memory');
      channel.end();
    });
    await using session = await connect(server);
    assert.deepEqual(shownEnd(await runScript(session, 'x\n')), {
      is: 'signal',
      signal: 'SIGKILL',
      stdout: 'partial',
      stderr: '',
      truncated: false,
    });
  });

  it('whose end is never told has an unknown outcome', async () => {
    await using server = await serverThat(({ channel }) => channel.close());
    await using session = await connect(server);
    assert.deepEqual(await runScript(session, 'x\n'), {
      is: 'unknown',
      because: 'the host closed the channel without saying how the command ended',
    });
  });

  it('whose connection is reset has an unknown outcome, and the process lives on', async () => {
    await using server = await startFakeServer(async (command) => {
      await command.script();
      command.socket.resetAndDestroy();
    });
    await using session = await connect(server);
    assert.deepEqual(await runScript(session, 'x\n'), { is: 'unknown', because: 'the connection was reset' });
  });

  it('whose connection is closed has an unknown outcome, and so have all others on it', async () => {
    await using server = await serverThat(({ socket }) => socket.destroy());
    await using session = await connect(server);
    const unknown = { is: 'unknown', because: 'the host closed the connection' };
    assert.deepEqual(await Promise.all([runScript(session, 'x\n'), runScript(session, 'y\n')]), [
      unknown,
      unknown,
    ]);
  });

  it('whose exit code came but whose output was cut off has an unknown outcome', async () => {
    await using server = await serverThat(({ channel, socket }) => {
      channel.write('half of the out');
      channel.exit(0);
      setImmediate(() => socket.end());
    });
    await using session = await connect(server);
    assert.deepEqual(await runScript(session, 'x\n'), {
      is: 'unknown',
      because: 'the host closed the connection',
    });
  });

  it('on a host that falls silent has an unknown outcome once the keepalive is missed', async () => {
    await using server = await serverThat(({ socket }) => {
      socket.pause();
      socket.removeAllListeners('data');
    });
    await using session = await connect(server, { keepaliveMs: 50 });
    assert.deepEqual(await runScript(session, 'x\n'), {
      is: 'unknown',
      because: 'no sign of life for 0.2 s',
    });
  });

  it('loses no byte when its output comes byte by byte', async () => {
    const text = 'één\nzwei\n三\n'.repeat(20);
    await using server = await serverThat(async ({ channel }) => {
      for (const byte of Buffer.from(text)) {
        channel.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      channel.exit(0);
      channel.end();
    });
    await using session = await connect(server);
    const lines: string[] = [];
    const ended = await session.script(Buffer.from('x\n'), {
      timeoutMs: 10_000,
      onLine: (line) => void lines.push(line),
    });
    assert.equal(ended.is === 'exit' && Buffer.from(ended.stdout).toString(), text);
    assert.deepEqual(lines, text.trimEnd().split('\n'));
  });

  it('cannot flood the memory', async () => {
    await using server = await serverThat(({ channel }) => {
      const chunk = Buffer.alloc(1_000_000, 'x');
      const more = (left: number): void => {
        if (left === 0) {
          channel.exit(0);
          channel.end();
        } else if (channel.write(chunk)) setImmediate(more, left - 1);
        else channel.once('drain', () => more(left - 1));
      };
      more(40);
    });
    await using session = await connect(server);
    const ended = await runScript(session, 'x\n');
    assert.ok(ended.is === 'exit');
    assert.deepEqual([ended.stdout.length, ended.truncated], [4 * 1024 * 1024, true]);
  });
});

describe('a connection to a faulty host', function () {
  this.timeout(20_000);
  it('that dies while it is idle is known as lost, and the process lives on', async () => {
    let cut = (): void => undefined;
    await using server = await serverThat(({ channel, socket }) => {
      cut = () => socket.resetAndDestroy();
      channel.exit(0);
      channel.end();
    });
    await using session = await connect(server);
    await runScript(session, 'x\n');
    cut();
    while (server.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
    const failure = await failureIn(runScript(session, 'y\n'));
    assert.equal(
      failure.what,
      `no command could be started on meet-1 (127.0.0.1 port ${server.port}): the connection was reset`,
    );
  });

  it('whose host key is swapped between two logins is refused, whatever is accepted as new', async () => {
    await using server = await serverThat(({ channel }) => {
      channel.exit(0);
      channel.end();
    });
    const { transport } = transportAt(server.home, { acceptNewHostKeys: true });
    const host = hostAt({ port: server.port, user: 'root' });
    await (await transport.connect(host))[Symbol.asyncDispose]();
    server.swapHostKey();
    const failure = await failureIn(transport.connect(host));
    assert.equal(failure.what, `the host key of meet-1 (127.0.0.1 port ${server.port}) has changed`);
    assert.equal(failure.transient, false);
  });

  it('sends nothing but constant command lines', async () => {
    const lines: string[] = [];
    await using server = await serverThat(({ channel, commandLine }) => {
      lines.push(commandLine);
      channel.exit(0);
      channel.end();
    });
    await using session = await connect(server);
    await runScript(session, "echo 'anything; $(at all)'\n");
    await runScript(session, 'something else\n');
    assert.deepEqual(lines, ['sh -s', 'sh -s']);
  });

  it('closes when its session is disposed of', async () => {
    await using server = await serverThat(() => undefined);
    const session = await connect(server);
    assert.equal(server.connections(), 1);
    await session[Symbol.asyncDispose]();
    while (server.connections() > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
