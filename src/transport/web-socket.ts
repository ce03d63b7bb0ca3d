import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import type { Vault } from '../shell/secret.js';
import type { WebSocketLine, WebSocketRequest } from '../shell/web-socket.js';
import { deadline } from './deadline.js';
import { dial, hostHeader, wayTo } from './dial.js';
import { evidenceLine } from './evidence.js';
import { noAnswer, reasonOf } from './no-answer.js';
import { ForwardingOff, type Tunnel } from './tunnel.js';

const messageCapBytes = 1024 * 1024;
/** Messages that nobody has read yet; more end the line. */
const unreadCap = 1000;
const defaultTimeoutMs = 10_000;

/** What a line is opened with. */
export interface WebSocketParts {
  readonly label: string;
  readonly tunnel: Tunnel;
  readonly vault: Vault;
}

/**
 * Opens a WebSocket from the host.
 *
 * @throws Failed `command-failed`, transient, when nothing answers or the answer is not one of a WebSocket;
 *   `interrupted`
 */
export async function openWebSocket(
  request: WebSocketRequest,
  { label, tunnel, vault }: WebSocketParts,
  signal?: AbortSignal,
): Promise<WebSocketLine> {
  using limit = deadline(request.timeoutMs ?? defaultTimeoutMs, signal);
  try {
    const ask = (): Promise<Duplex> => dial(request.to, wayTo(request.to, tunnel));
    const wire = await ask().catch((error: unknown) => {
      if (error instanceof ForwardingOff) return ask();
      throw error;
    });
    const socket = over(wire, request);
    const line = lineOf(socket, vault);
    try {
      await once(socket, 'open', { signal: limit.signal });
    } catch (error) {
      socket.terminate();
      throw error;
    }
    return line;
  } catch (error) {
    const doing = `WebSocket ${request.path.split('?')[0] ?? ''}`;
    throw noAnswer(reasonOf(error, limit.signal), { label, vault, to: request.to, doing });
  }
}

/** The wire has its TLS already, so the handshake is made in the clear on it. */
function over(wire: Duplex, { to, path, headers, protocol }: WebSocketRequest): WebSocket {
  return new WebSocket(`ws://${hostHeader(to)}${path}`, protocol, {
    createConnection: () => wire as never,
    headers: { host: hostHeader(to), ...headers },
    maxPayload: messageCapBytes,
    perMessageDeflate: false,
    followRedirects: false,
  });
}

function lineOf(socket: WebSocket, vault: Vault): WebSocketLine {
  const unread: string[] = [];
  const state: { ended: string | null; wake: () => void } = { ended: null, wake: () => undefined };
  const end = (because: string): void => {
    state.ended ??= because;
    state.wake();
  };
  socket.on('message', (data, isBinary) => {
    if (isBinary || unread.length >= unreadCap) {
      socket.terminate();
      return;
    }
    unread.push((data as Buffer).toString('utf8'));
    state.wake();
  });
  socket.on('close', (code, reason) =>
    end(evidenceLine(`closed ${code} ${reason.toString()}`.trim(), vault)),
  );
  socket.on('error', (error) => end(evidenceLine(error.message, vault)));
  return {
    send(text) {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    async next(withinMs) {
      if (unread.length === 0 && state.ended === null) await woken(state, withinMs);
      return unread.shift() ?? null;
    },
    ended: () => (unread.length > 0 ? null : state.ended),
    async [Symbol.asyncDispose]() {
      if (state.ended === null) {
        socket.close();
        await woken(state, 1000);
      }
      socket.terminate();
    },
  };
}

/** Until something has arrived or ended, or the time is up. */
function woken(state: { wake: () => void }, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    state.wake = () => {
      clearTimeout(timer);
      state.wake = () => undefined;
      resolve();
    };
  });
}
