import { randomBytes } from 'node:crypto';
import type { Ended, ExecOptions, Session } from '../engine/ports.js';
import type { StreamCommand } from '../model/kind.js';
import type { HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { Vault } from '../shell/secret.js';
import type { WebSocketLine, WebSocketRequest } from '../shell/web-socket.js';
import { openChannels } from './channels.js';
import { commandLine } from './command-lines.js';
import { deadline } from './deadline.js';
import { evidenceLines } from './evidence.js';
import { follow } from './exec.js';
import type { Finding } from './finding.js';
import type { HttpClient } from './http.js';
import type { Link } from './link.js';
import { countRoundTrips } from './round-trips.js';
import { type NoShell, shellFailure, sudoRefusal } from './shell-failure.js';
import { openTunnel } from './tunnel.js';
import { feed, openLocalFile } from './upload.js';

/** What a session is made of. */
export interface SessionParts {
  readonly link: Link;
  /** The host's name in the inventory. */
  readonly host: string;
  /** The host for messages, with its address. */
  readonly label: string;
  readonly user: string;
  /** sudo stands in front of every command. */
  readonly sudo: boolean;
  readonly vault: Vault;
  readonly onFinding: (finding: Finding) => void;
}

/** The session over an open link. */
export function openSession(parts: SessionParts): Session {
  const { link, label, user, sudo, vault } = parts;
  const channels = openChannels(link, label);
  const tunnel = openTunnel({ ...parts, channels });
  const trips = countRoundTrips();
  let http: Promise<HttpClient> | null = null;

  /** undici costs 80 ms to load: only runs that speak HTTP pay for it. */
  const client = async (): Promise<HttpClient> => {
    const { httpClient } = await import('./http.js');
    return httpClient({ label, trips, tunnel, vault });
  };

  return {
    async script(script: Uint8Array, options: ExecOptions): Promise<Ended> {
      using limit = deadline(options.timeoutMs, options.signal);
      let answered = trips.begin();
      const opened = await channels.exec(commandLine('sh -s', sudo), limit.signal, () => {
        answered = trips.begin();
      });
      if (opened.is === 'unknown') return opened;
      const mark = randomBytes(16).toString('hex');
      opened.channel.end(Buffer.concat([sayMark(mark), script]));
      const followed = await follow(opened.channel, { ...options, link, mark, signal: limit.signal });
      answered();
      if (followed.ended.is === 'unknown' || followed.marked) return followed.ended;
      throw shellFailure(noShell(followed.ended, followed.noise));
    },

    async stream(command: StreamCommand, localPath: string, options) {
      await using file = await openLocalFile(localPath);
      using limit = deadline(options.timeoutMs, options.signal);
      let answered = trips.begin();
      const opened = await channels.exec(commandLine(command, sudo), limit.signal, () => {
        answered = trips.begin();
      });
      if (opened.is === 'unknown') return opened;
      const following = follow(opened.channel, { ...options, link, mark: null, signal: limit.signal });
      const [{ ended }] = await Promise.all([
        following,
        feed(opened.channel, file, {
          signal: limit.signal,
          onSent(sent) {
            limit.extend();
            options.onBytes?.(sent, file.size);
          },
        }),
      ]);
      answered();
      const refusal = ended.is === 'unknown' ? null : sudoRefusal(noShell(ended, ended.stderr));
      if (refusal !== null) throw refusal;
      return ended;
    },

    async http(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
      http ??= client();
      return (await http).send(request, signal);
    },

    async webSocket(request: WebSocketRequest, signal?: AbortSignal): Promise<WebSocketLine> {
      const { openWebSocket } = await import('./web-socket.js');
      return openWebSocket(request, { label, vault, tunnel }, signal);
    },

    isOpen: () => link.lost() === null,
    figures: () => ({ handshakes: 1, roundTrips: trips.count() }),

    async [Symbol.asyncDispose]() {
      await (await http)?.close();
      await link.close();
    },
  };

  function noShell(ended: Exclude<Ended, { is: 'unknown' }>, said: Uint8Array): NoShell {
    const text = Buffer.from(said).toString('utf8');
    return { label, user, sudo, ended, said: text, evidence: evidenceLines(text, vault, 5) };
  }
}

/** The first line of every script: it says, on both streams, that our shell runs and that what follows is ours. */
const sayMark = (mark: string): Buffer =>
  Buffer.from(`printf '\\n%s\\n' ${mark}; printf '\\n%s\\n' ${mark} >&2\n`);
