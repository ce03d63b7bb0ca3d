import type { Duplex } from 'node:stream';
import { Failed } from '../model/failure.js';
import type { Endpoint } from '../shell/http-request.js';
import type { Channels } from './channels.js';
import { relayLine, relayMark } from './command-lines.js';
import { type Channel, discard, type Link } from './link.js';
import { preamble } from './preamble.js';
import { wireOf } from './wire.js';

/** Where a relay goes and through what. */
export interface RelayParts {
  readonly link: Link;
  readonly channels: Channels;
  readonly label: string;
  readonly to: Endpoint;
  readonly signal: AbortSignal;
}

/**
 * A TCP connection from the host through bash, for hosts whose sshd forbids forwarding.
 *
 * @throws Failed when the address is a name, or there is no bash; an Error with bash's words when nothing answers
 */
export async function openRelay({ link, channels, label, to, signal }: RelayParts): Promise<Duplex> {
  const line = relayLine(to.address, to.port);
  if (line === null) throw cannotRelay(label, to, 'only an IP address can be dialled another way');
  const opened = await channels.exec(line, signal);
  if (opened.is === 'unknown') throw new Error(opened.because);
  const failure = await connected(opened.channel, signal);
  if (failure === null) return wireOf(opened.channel, link);
  discard(opened.channel);
  if (/not found|no such file/i.test(failure))
    throw cannotRelay(label, to, 'there is no bash to dial another way');
  throw new Error(failure);
}

/** Waits until bash is connected; what its login shell said before is noise. Resolves to null, or to bash's words. */
function connected(channel: Channel, signal: AbortSignal): Promise<string | null> {
  const before = preamble(relayMark);
  const said: Buffer[] = [];
  return new Promise((resolve) => {
    const settle = (failure: string | null): void => {
      channel.removeListener('data', onData).pause();
      channel.stderr.removeListener('data', onError);
      channel.removeListener('close', onClose);
      signal.removeEventListener('abort', onAbort);
      resolve(failure);
    };
    const onData = (chunk: Buffer): void => {
      const rest = before.after(chunk);
      if (!before.found()) return;
      settle(null);
      if (rest.length > 0) channel.unshift(rest);
    };
    const onError = (chunk: Buffer): void => void said.push(chunk);
    const onClose = (): void => settle(wordsOf(Buffer.concat(said).toString()));
    const onAbort = (): void => settle((signal.reason as Error).message);
    channel.on('data', onData);
    channel.stderr.on('data', onError);
    channel.once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** `bash: connect: Connection refused` → `connection refused`. */
function wordsOf(said: string): string {
  const connect = /connect: (.+)/.exec(said)?.[1];
  return connect?.toLowerCase() ?? (said.trim() === '' ? 'the relay ended' : said.trim().slice(0, 200));
}

const cannotRelay = (label: string, to: Endpoint, because: string): Failed =>
  new Failed({
    reason: 'command-failed',
    what: `${to.address}:${to.port} cannot be asked from ${label}: sshd there forbids TCP forwarding, and ${because}`,
    next: 'set `AllowTcpForwarding local` in its sshd_config and reload sshd',
  });
