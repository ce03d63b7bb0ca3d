import { connect, type Socket } from 'node:net';
import { NodeSSH } from 'node-ssh';
import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import type { Credentials } from './credentials.js';
import { deadline, Interrupted, seconds } from './deadline.js';
import type { Gate } from './gate.js';
import type { HostKeyJudge } from './host-key.js';
import type { Channel, Link } from './link.js';
import type { SshTarget } from './ssh-target.js';

/** A dead peer is noticed after this many silent intervals and one more. */
const keepaliveCount = 3;

/** A host that has not even answered the TCP connection after this long no longer keeps others waiting in line. */
const patienceMs = 1_000;

/** How far a connection came, for the words of its failure. */
export interface Progress {
  stage: 'dialling' | 'connected' | 'greeted' | 'secured' | 'ready';
  /** What the peer sent first: `SSH-2.0-…`, or something else. */
  firstBytes: Buffer;
  /** What the host accepts, as it says after the first refusal. */
  methodsLeft: readonly string[];
  /** A first factor was accepted and another is wanted. */
  partly: boolean;
  /** Labels of the keys that were offered. */
  readonly offered: string[];
}

/** All that is needed to connect. */
export interface Dial {
  readonly target: SshTarget;
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly credentials: Credentials;
  readonly hostKey: HostKeyJudge;
  /** Bounds the logins under way over all hosts: sshd drops connections at `MaxStartups`. */
  readonly gate: Gate;
}

/** Thrown by {@link openLink}: ssh2's error, and how far it came. */
export class LinkFailure extends Error {
  override readonly name = 'LinkFailure';
  readonly progress: Progress;

  constructor(cause: Error, progress: Progress) {
    super(cause.message, { cause });
    this.progress = progress;
  }
}

/**
 * Connects and logs in, once.
 *
 * @throws LinkFailure
 */
export async function openLink(dial: Dial, signal?: AbortSignal): Promise<Link> {
  const progress: Progress = {
    stage: 'dialling',
    firstBytes: Buffer.alloc(0),
    methodsLeft: [],
    partly: false,
    offered: [],
  };
  const leave = await dial.gate.enter(signal).catch(() => {
    throw new LinkFailure(new Interrupted('interrupted'), progress);
  });
  const patience = setTimeout(leave, patienceMs);
  const socket = dialSocket(dial);
  const interrupt = (): void => void socket.destroy(new Interrupted('interrupted'));
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const ssh = new NodeSSH();
    const ready = ssh.connect(configOf(dial, socket, progress));
    // node-ssh makes the client before it waits for anything, and drops its own 'error' listener when it is ready.
    const client = ssh.connection;
    if (client === null) throw new Error('node-ssh made no connection');
    const life = watch(client);
    note(client, socket, progress, () => clearTimeout(patience));
    await ready;
    progress.stage = 'ready';
    return linkOf({ client, socket, life, keepaliveMs: dial.keepaliveMs });
  } catch (error) {
    socket.destroy();
    throw new LinkFailure(
      socket.errored instanceof Interrupted ? socket.errored : (error as Error),
      progress,
    );
  } finally {
    clearTimeout(patience);
    signal?.removeEventListener('abort', interrupt);
    leave();
  }
}

function dialSocket({ target, connectTimeoutMs }: Dial): Socket {
  const socket = connect({
    host: target.address,
    port: target.port,
    // Node's default gives each of several addresses 250 ms: too little for a far host.
    autoSelectFamilyAttemptTimeout: Math.max(1_000, Math.floor(connectTimeoutMs / 3)),
  });
  socket.setNoDelay(true);
  socket.setMaxListeners(0);
  return socket;
}

function configOf(dial: Dial, socket: Socket, progress: Progress): Parameters<NodeSSH['connect']>[0] {
  const { hostKey, target } = dial;
  return {
    sock: socket,
    username: target.user,
    readyTimeout: dial.connectTimeoutMs,
    keepaliveInterval: dial.keepaliveMs,
    keepaliveCountMax: keepaliveCount,
    hostVerifier: (key: Buffer) => hostKey.accepts(key),
    algorithms: { serverHostKey: [...hostKey.algorithms] as ServerHostKeyAlgorithm[] },
    authHandler: offerInTurn(dial, progress),
  };
}

/** Offers the keys one after another, without the round trip of a first empty attempt. */
function offerInTurn(dial: Dial, progress: Progress): NonNullable<ConnectConfig['authHandler']> {
  const offers = dial.credentials.offers.values();
  const next = (methodsLeft: readonly string[] | null, partly: boolean | null): object | false => {
    progress.methodsLeft = methodsLeft ?? progress.methodsLeft;
    progress.partly = partly === true;
    if (progress.partly || (methodsLeft !== null && !methodsLeft.includes('publickey'))) return false;
    const offer = offers.next();
    if (offer.done === true) return false;
    progress.offered.push(offer.value.label);
    return { ...offer.value.method, username: dial.target.user };
  };
  // The types of ssh2 know only the form with a callback; a returned value is taken as well (its client.js, 1.17).
  return next;
}

/** What became of a connection. */
interface Life {
  error: string | null;
  closed: boolean;
}

function watch(client: Client): Life {
  const life: Life = { error: null, closed: false };
  client.setMaxListeners(0);
  client.on('error', (error) => {
    life.error ??= error.message;
  });
  client.on('close', () => {
    life.closed = true;
  });
  return life;
}

function note(client: Client, socket: Socket, progress: Progress, connected: () => void): void {
  socket.once('connect', () => {
    progress.stage = 'connected';
    connected();
  });
  socket.once('data', (chunk: Buffer) => {
    progress.firstBytes = Buffer.from(chunk.subarray(0, 256));
    progress.stage = 'greeted';
  });
  client.once('handshake', () => {
    progress.stage = 'secured';
  });
}

interface Parts {
  readonly client: Client;
  readonly socket: Socket;
  readonly life: Life;
  readonly keepaliveMs: number;
}

function linkOf({ client, socket, life, keepaliveMs }: Parts): Link {
  const lost = (): string | null => {
    if (life.closed || socket.destroyed) return wordsFor(life.error, keepaliveMs);
    return null;
  };
  return {
    exec: (commandLine) =>
      new Promise<Channel>((resolve, reject) => {
        // Debian's sshd takes LC_* from clients: the words of sudo and sh are then English.
        client.exec(commandLine, { env: { LC_ALL: 'C' } }, (error, channel) =>
          error ? reject(error) : resolve(channel),
        );
      }),
    forward: (address, port) =>
      new Promise<Channel>((resolve, reject) => {
        client.forwardOut('127.0.0.1', 0, address, port, (error, channel) =>
          error ? reject(error) : resolve(channel),
        );
      }),
    lost,
    async close() {
      if (life.closed) return;
      using limit = deadline(1_000);
      const closed = new Promise<void>((resolve) => void client.once('close', () => resolve()));
      limit.signal.addEventListener('abort', () => socket.destroy(), { once: true });
      // The goodbye is on its way; the host's own is not waited for.
      socket.once('finish', () => socket.destroy());
      client.end();
      await closed;
    },
  };
}

function wordsFor(error: string | null, keepaliveMs: number): string {
  if (error === null) return 'the host closed the connection';
  if (error === 'Keepalive timeout')
    return `no sign of life for ${seconds(keepaliveMs * (keepaliveCount + 1))}`;
  return error.includes('ECONNRESET') ? 'the connection was reset' : error;
}
