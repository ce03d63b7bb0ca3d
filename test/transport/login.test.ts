import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeAccount } from '../support/account.js';
import { shared } from '../support/shared.js';
import { freePort, makeKey, startSshd } from '../support/sshd.js';
import { failureIn, hostAt, needsRealSshd, runScript, shownEnd, transportAt } from '../support/ssh-rig.js';

const run = promisify(execFile);

/** `SHA256:…` of a key file. */
const fingerprintOf = async (path: string): Promise<string> =>
  (await run('ssh-keygen', ['-lf', path])).stdout.split(' ')[1] ?? '';

/** A home folder without keys, which knows the server. */
async function emptyHome(knownHosts: string) {
  const home = await mkdtemp(join(tmpdir(), 'orchestrate-client-'));
  await mkdir(join(home, '.ssh'), { mode: 0o700 });
  await copyFile(knownHosts, join(home, '.ssh', 'known_hosts'));
  return { home, [Symbol.asyncDispose]: () => rm(home, { recursive: true }) };
}

/** An ssh-agent of our own. */
async function startAgent(socket: string): Promise<AsyncDisposable> {
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => agent.stdout.once('data', resolve));
  const ended = new Promise((resolve) => agent.once('exit', resolve));
  return {
    async [Symbol.asyncDispose]() {
      agent.kill();
      await ended;
    },
  };
}

describe('a login on a real sshd', function () {
  this.timeout(20_000);
  before(needsRealSshd);
  const sshd = shared(() => startSshd());
  const account = shared(() => makeAccount({ shell: '/bin/bash' }));
  const label = () => `meet-1 (127.0.0.1 port ${sshd().port})`;
  const key = () => join(sshd().home, '.ssh', 'id_ed25519');
  const clientHome = () => emptyHome(join(sshd().home, '.ssh', 'known_hosts'));
  const host = (login: { identityFile?: string } = {}) =>
    hostAt({ port: sshd().port, user: account().name, ...login });
  const logsIn = async (
    home: string,
    options: { identityFile?: string; agent?: string } = {},
  ): Promise<void> => {
    const { agent, ...login } = options;
    const { transport } = transportAt(home, { env: { SSH_AUTH_SOCK: agent } });
    await (await transport.connect(host(login)))[Symbol.asyncDispose]();
  };

  it('uses the key that the inventory names', async () => {
    await using client = await clientHome();
    await logsIn(client.home, { identityFile: key() });
  });

  it('offers RSA keys with SHA-2, and ECDSA keys', async () => {
    for (const type of ['rsa', 'ecdsa']) {
      await using client = await clientHome();
      const path = join(client.home, '.ssh', `id_${type}`);
      await makeKey(path, type);
      const added = (await run('cat', [`${path}.pub`])).stdout;
      await writeFile(join(sshd().folder, 'authorized_keys'), added, { flag: 'a' });
      await logsIn(client.home);
    }
  });

  it('is refused once, with the keys that were offered and what the host takes', async () => {
    await using client = await clientHome();
    const wrong = join(client.home, '.ssh', 'id_ed25519');
    await makeKey(wrong, 'ed25519');
    const locked = join(client.home, '.ssh', 'id_rsa');
    await makeKey(locked, 'ed25519', 'a passphrase');
    const before = (await sshd().log()).split('Connection from').length;
    const failure = await failureIn(transportAt(client.home).transport.connect(host()));
    assert.deepEqual(failure, {
      reason: 'unreachable',
      what: `${label()} refuses the login of ${account().name}`,
      evidence: [
        `offered: ${wrong} (ED25519 ${await fingerprintOf(wrong)})`,
        `not usable: ${locked}: it is encrypted: give it to the agent with \`ssh-add ${locked}\``,
        'the host takes: publickey',
      ],
      next:
        `put one of these public keys into ~${account().name}/.ssh/authorized_keys there, or correct user or ` +
        'identityFile in the inventory; it was tried once, because failed logins can lock this address out',
      transient: false,
    });
    assert.equal((await sshd().log()).split('Connection from').length, before + 1);
  });

  it('takes encrypted keys, and those of no file, from the agent', async () => {
    await using client = await clientHome();
    const socket = join(client.home, 'agent');
    await using agent = await startAgent(socket);
    assert.ok(agent);
    await run('ssh-add', ['-q', key()], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    await logsIn(client.home, { agent: socket });
    const locked = join(client.home, '.ssh', 'locked');
    await copyFile(key(), locked);
    await copyFile(`${key()}.pub`, `${locked}.pub`);
    await chmod(locked, 0o600);
    await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'a passphrase', '-f', locked]);
    await logsIn(client.home, { agent: socket, identityFile: locked });
  });

  it('offers the key that a file names before the other keys of the agent', async () => {
    await using client = await clientHome();
    const socket = join(client.home, 'agent');
    await using agent = await startAgent(socket);
    assert.ok(agent);
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    for (let index = 0; index < 7; index++) {
      const path = join(client.home, `key${index}`);
      await makeKey(path, 'ed25519');
      await run('ssh-add', ['-q', path], { env });
    }
    await run('ssh-add', ['-q', key()], { env });
    await logsIn(client.home, { agent: socket, identityFile: key() });
    const failure = await failureIn(
      transportAt(client.home, { env: { SSH_AUTH_SOCK: socket } }).transport.connect(host()),
    );
    assert.equal(failure.what, `${label()} refuses the login of ${account().name}`);
    assert.equal(failure.evidence.at(-1), 'Too many authentication failures');
    assert.equal(
      failure.next,
      'name the right key with identityFile in the inventory and set IdentitiesOnly yes for the host in ~/.ssh/config',
    );
    await writeFile(join(client.home, '.ssh', 'config'), 'IdentitiesOnly yes\nIdentityFile ~/key0\n');
    const only = await failureIn(
      transportAt(client.home, { env: { SSH_AUTH_SOCK: socket } }).transport.connect(host()),
    );
    assert.deepEqual(only.evidence, [
      `offered: agent key test (ED25519 ${await fingerprintOf(join(client.home, 'key0'))})`,
    ]);
  });

  it('fails before the host is touched when there is no key at all', async () => {
    await using client = await clientHome();
    const ssh = join(client.home, '.ssh');
    await makeKey(join(ssh, 'id_rsa'), 'ed25519', 'a passphrase');
    await makeKey(join(ssh, 'id_ecdsa'), 'ed25519');
    await chmod(join(ssh, 'id_ecdsa'), 0o644);
    const log = await sshd().log();
    const { transport } = transportAt(client.home, { env: { SSH_AUTH_SOCK: join(client.home, 'nothing') } });
    assert.deepEqual(await failureIn(transport.connect(host())), {
      reason: 'unreachable',
      what: `there is no key to log in with on ${label()}`,
      evidence: [
        `the agent at ${client.home}/nothing does not answer: Failed to connect to agent`,
        `${ssh}/id_ecdsa: its mode is 0644, others can read it: chmod 600 ${ssh}/id_ecdsa`,
        `${ssh}/id_rsa: it is encrypted: give it to the agent with \`ssh-add ${ssh}/id_rsa\``,
        `looked for: ${ssh}/id_ed25519, ${ssh}/id_ecdsa, ${ssh}/id_rsa`,
        `agent: ${client.home}/nothing`,
      ],
      next: 'start an agent and `ssh-add` your key, or name one with identityFile in the inventory',
      transient: false,
    });
    assert.equal(await sshd().log(), log);
  });

  it('fails before the host is touched when the named key is absent, encrypted or no key', async () => {
    await using client = await clientHome();
    const path = join(client.home, 'key');
    const attempt = () => failureIn(transportAt(client.home).transport.connect(host({ identityFile: path })));
    assert.deepEqual(await attempt(), {
      reason: 'unreachable',
      what: `the key ${path} for ${label()} is not there`,
      evidence: [],
      next: 'correct identityFile in the inventory',
      transient: false,
    });
    await makeKey(path, 'ed25519', 'a passphrase');
    assert.deepEqual(await attempt(), {
      reason: 'unreachable',
      what: `the key ${path} for ${label()} cannot be used: it is encrypted: give it to the agent with \`ssh-add ${path}\``,
      evidence: [],
      next: 'mend that, or name another key with identityFile in the inventory',
      transient: false,
    });
    await rename(`${path}.pub`, path);
    await chmod(path, 0o600);
    assert.match((await attempt()).what, /cannot be used: it holds no private key$/);
  });

  it('says so when a second factor is wanted', async () => {
    await using other = await startSshd({
      config: [
        'AuthenticationMethods publickey,keyboard-interactive',
        'KbdInteractiveAuthentication yes',
        'UsePAM yes',
      ],
    });
    const failure = await failureIn(
      transportAt(other.home).transport.connect(hostAt({ port: other.port, user: account().name })),
    );
    assert.equal(
      failure.what,
      `meet-1 (127.0.0.1 port ${other.port}) accepted the key of ${account().name} and wants something more`,
    );
    assert.equal(failure.evidence.at(-1), 'the host takes: keyboard-interactive');
    assert.equal(failure.transient, false);
  });

  it('is not disturbed by what the login shell says', async () => {
    await using noisy = await makeAccount({
      shell: '/bin/bash',
      bashrc: 'echo noise; echo more noise >&2; printf "no newline"\n',
    });
    await using session = await transportAt(sshd().home).transport.connect(
      hostAt({ port: sshd().port, user: noisy.name }),
    );
    assert.deepEqual(shownEnd(await runScript(session, 'echo out; echo err >&2\n')), {
      is: 'exit',
      code: 0,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
    });
  });

  for (const shell of ['/bin/dash', '/bin/tcsh', '/usr/bin/fish']) {
    it(`works with the login shell ${shell}`, async function () {
      if (!existsSync(shell)) this.skip();
      await using account = await makeAccount({ shell, sudoers: ['USER ALL=(root) NOPASSWD: ALL'] });
      await using session = await transportAt(sshd().home).transport.connect(
        hostAt({ port: sshd().port, user: account.name }, true),
      );
      const ended = await runScript(session, 'echo "it is!" `id -u` \'$x\'\n');
      assert.equal(ended.is === 'exit' && Buffer.from(ended.stdout).toString(), 'it is! 0 $x\n');
    });
  }

  it('says so when the account has no shell', async () => {
    await using nobody = await makeAccount({ shell: '/usr/sbin/nologin' });
    await using session = await transportAt(sshd().home).transport.connect(
      hostAt({ port: sshd().port, user: nobody.name }),
    );
    assert.deepEqual(await failureIn(runScript(session, 'exit 0\n')), {
      reason: 'unreachable',
      what: `the account ${nobody.name} on ${label()} has no login shell`,
      evidence: ['This account is currently not available.', 'exit code 1'],
      next: `log in as a user with a shell, or give it one: \`chsh -s /bin/sh ${nobody.name}\``,
      transient: false,
    });
  });

  it('says so when another command is forced, one that echoes its input included', async () => {
    await using other = await startSshd({ config: ['ForceCommand echo no commands here; cat'] });
    await using session = await transportAt(other.home).transport.connect(
      hostAt({ port: other.port, user: account().name }),
    );
    const failure = await failureIn(runScript(session, 'exit 0\n'));
    assert.equal(
      failure.what,
      `meet-1 (127.0.0.1 port ${other.port}) did not start a shell for ${account().name}`,
    );
    assert.equal(failure.evidence[0], 'no commands here');
    assert.equal(
      failure.next,
      'look for ForceCommand in sshd_config, command= in authorized_keys, and the login shell in /etc/passwd',
    );
  });

  it('says so when sshd opens no session', async () => {
    await using other = await startSshd({ config: ['MaxSessions 0'] });
    await using session = await transportAt(other.home).transport.connect(
      hostAt({ port: other.port, user: account().name }),
    );
    assert.deepEqual(await failureIn(runScript(session, 'exit 0\n')), {
      reason: 'unreachable',
      what: `the SSH server of meet-1 (127.0.0.1 port ${other.port}) opens no session`,
      evidence: ['open failed'],
      next: 'raise MaxSessions in its sshd_config (it may be 0, or taken up by commands that hang)',
      transient: false,
    });
  });

  it('keeps many logins on one sshd within its MaxStartups', async () => {
    // Some more than the eight: sshd counts a login a moment longer than the client does.
    await using other = await startSshd({ config: ['MaxStartups 14:100:14'] });
    const { transport } = transportAt(other.home);
    const sessions = await Promise.all(
      Array.from({ length: 40 }, () => transport.connect(hostAt({ port: other.port, user: account().name }))),
    );
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  });
});

/** Listens and never accepts: once its queue is full, the kernel leaves the next connection without an answer. */
async function startDeafListener(): Promise<AsyncDisposable & { port: number }> {
  const code =
    '$| = 1; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 1) or die; print $s->sockport, "\\n"; sleep 60';
  const listener = spawn('perl', ['-MIO::Socket::INET', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) =>
    listener.stdout.once('data', (text: Buffer) => resolve(Number(text))),
  );
  const queued = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await new Promise((resolve) => queued[1]?.once('connect', resolve));
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of queued) socket.destroy();
      const ended = new Promise((resolve) => listener.once('exit', resolve));
      listener.kill();
      await ended;
    },
  };
}

describe('a connection', function () {
  this.timeout(20_000);
  const client = shared(async () => {
    const home = await mkdtemp(join(tmpdir(), 'orchestrate-client-'));
    await mkdir(join(home, '.ssh'));
    await makeKey(join(home, '.ssh', 'id_ed25519'), 'ed25519');
    return { home, [Symbol.asyncDispose]: () => rm(home, { recursive: true }) };
  });
  const fails = (login: Parameters<typeof hostAt>[0], signal?: AbortSignal) =>
    failureIn(transportAt(client().home).transport.connect(hostAt(login), signal));
  /** A server that does one thing to each connection. */
  const server = async (
    serve?: (socket: Socket) => void,
  ): Promise<AsyncDisposable & { readonly port: number }> => {
    const tcp: Server = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      serve?.(socket);
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const address = tcp.address();
    return {
      port: typeof address === 'object' && address !== null ? address.port : 0,
      async [Symbol.asyncDispose]() {
        await new Promise((resolve) => tcp.close(resolve));
      },
    };
  };

  it('that is refused says so, and may be tried again', async () => {
    const port = await freePort();
    assert.deepEqual(await fails({ port }), {
      reason: 'unreachable',
      what: `meet-1 (127.0.0.1 port ${port}) refuses the connection: nothing listens there`,
      evidence: [`connect ECONNREFUSED 127.0.0.1:${port}`],
      next: 'check the port in the inventory, and that sshd runs on the machine',
      transient: true,
    });
  });

  it('that gets no answer says so, and mentions a proxy that is not followed', async () => {
    await using deaf = await startDeafListener();
    await writeFile(join(client().home, '.ssh', 'config'), 'ProxyJump bastion\n');
    const failure = await fails({ port: deaf.port, connectTimeoutMs: 300 });
    await rm(join(client().home, '.ssh', 'config'));
    assert.deepEqual(failure, {
      reason: 'unreachable',
      what: `meet-1 (127.0.0.1 port ${deaf.port}) does not answer`,
      evidence: [
        'waited 0.3 s',
        '~/.ssh/config says ProxyJump bastion for this host, which orchestrate does not follow',
      ],
      next: 'check the address in the inventory, that the machine is up, and the firewall on the way',
      transient: true,
    });
  });

  it('to an unknown name says so', async () => {
    const failure = await fails({ address: 'meet.invalid', port: 22 });
    assert.equal(
      failure.what,
      'the name meet.invalid of meet-1 (meet.invalid port 22) is not known to the DNS',
    );
    assert.equal(failure.next, 'correct the address in the inventory, or the DNS entry');
  });

  it('without a banner says so', async () => {
    await using silent = await server();
    assert.deepEqual(await fails({ port: silent.port, connectTimeoutMs: 300 }), {
      reason: 'unreachable',
      what: `meet-1 (127.0.0.1 port ${silent.port}) takes the connection but sends no SSH banner`,
      evidence: ['waited 0.3 s'],
      next: 'check that this port is sshd’s; if it is, sshd is overloaded or a firewall swallows its answer',
      transient: true,
    });
  });

  it('that is dropped before the banner says why that may be', async () => {
    await using closing = await server((socket) => socket.destroy());
    assert.deepEqual(await fails({ port: closing.port }), {
      reason: 'unreachable',
      what: `meet-1 (127.0.0.1 port ${closing.port}) closed the connection before the SSH banner`,
      evidence: ['Connection lost before handshake'],
      next:
        'wait a minute: sshd drops connections when many log in at once (MaxStartups) or after failed logins ' +
        '(PerSourcePenalties); then look for fail2ban and hosts.deny there',
      transient: true,
    });
  });

  it('that is penalised is not tried again', async () => {
    await using penal = await server((socket) => socket.end('Not allowed at this time\r\n'));
    assert.deepEqual(await fails({ port: penal.port }), {
      reason: 'unreachable',
      what: `meet-1 (127.0.0.1 port ${penal.port}) does not let this address log in for a while (PerSourcePenalties)`,
      evidence: ['Not allowed at this time'],
      next: 'wait ten minutes without trying; the reason are failed logins from here before',
      transient: false,
    });
  });

  it('to something else than SSH shows what it said, without its control characters', async () => {
    await using web = await server((socket) =>
      socket.end('HTTP/1.1 400 \u001b]0;title\u0007Bad Request\r\n\r\n'),
    );
    assert.deepEqual(await fails({ port: web.port }), {
      reason: 'unreachable',
      what: `what listens at meet-1 (127.0.0.1 port ${web.port}) does not speak SSH`,
      evidence: ['HTTP/1.1 400 ]0;titleBad Request'],
      next: 'correct the port in the inventory',
      transient: false,
    });
  });

  it('that is interrupted ends at once', async () => {
    await using silent = await server();
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    assert.deepEqual(await fails({ port: silent.port }, abort.signal), {
      reason: 'interrupted',
      what: `connecting to meet-1 (127.0.0.1 port ${silent.port}) was interrupted`,
      evidence: [],
      next: 'nothing was done there; run the same command again',
      transient: false,
    });
  });
});
