import { type Dispatcher, Pool } from 'undici';
import { Failed } from '../model/failure.js';
import type { Endpoint, HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { Vault } from '../shell/secret.js';
import { bearer } from './bearer.js';
import { capture } from './capture.js';
import { deadline } from './deadline.js';
import { authority, dial, hostHeader, wayTo } from './dial.js';
import type { Exchange } from './exchange.js';
import { type Gate, openGate } from './gate.js';
import { bodyOf } from './http-body.js';
import { noAnswer, reasonOf } from './no-answer.js';
import type { RoundTrips } from './round-trips.js';
import { ForwardingOff, type Tunnel, type TunnelParts } from './tunnel.js';

/** Connections to one endpoint at once. Each is one SSH channel. */
const connectionsAtOnce = 3;

/** Idle connections are kept this long; through the relay each takes one of the host's few sessions. */
const keepAliveMs = { forwarded: 20_000, relayed: 500 };

const defaultTimeoutMs = 10_000;
const bodyCapBytes = 4 * 1024 * 1024;

/** Asks from the host. */
export interface HttpClient {
  /**
   * @throws Failed `command-failed`, transient, when there is no answer; `refused` when the login of `request.auth`
   *   is wrong; `interrupted`
   */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** What a client is made of: the way to the host, and the vault that holds the secrets of bodies and logins. */
export interface HttpParts extends Pick<TunnelParts, 'label'> {
  readonly tunnel: Tunnel;
  readonly vault: Vault;
  readonly trips: RoundTrips;
}

/** Opens the client of one host. */
export function httpClient({ label, trips, tunnel, vault }: HttpParts): HttpClient {
  const lines = new Map<string, Line>();

  const lineTo = (to: Endpoint): Line => {
    const { address, port, tls, from } = to;
    const key = JSON.stringify([address, port, tls?.serverName, tls?.ca, from, tunnel.relayed()]);
    const line = lines.get(key) ?? openLine(to, tunnel);
    lines.set(key, line);
    return line;
  };
  const exchange: Exchange = async (request, signal, extra = {}) => {
    const body = bodyOf(request.body, vault);
    const headers = {
      host: hostHeader(request.to),
      ...body.headers,
      ...lowerCase(request.headers),
      ...extra,
    };
    const { method, path } = request;
    const ask = async (): Promise<HttpResponse> => {
      const { pool, gate } = lineTo(request.to);
      const leave = await gate.enter(signal);
      const answered = trips.begin();
      try {
        return await read(await pool.request({ method, path, headers, body: body.bytes, signal }));
      } finally {
        answered();
        leave();
      }
    };
    return ask().catch((error: unknown) => {
      // The line for relays has bounds of its own.
      if (error instanceof ForwardingOff) return ask();
      throw error;
    });
  };
  const signed = bearer({ exchange, vault, label });

  return {
    async send(request, signal) {
      using limit = deadline(request.timeoutMs ?? defaultTimeoutMs, signal);
      try {
        return await (request.auth === undefined
          ? exchange(request, limit.signal)
          : signed(request, request.auth, limit.signal));
      } catch (error) {
        throw error instanceof Failed
          ? error
          : noAnswer(reasonOf(error, limit.signal), {
              label,
              vault,
              to: request.to,
              doing: `${request.method} ${pathOf(request)}`,
            });
      }
    },
    async close() {
      await Promise.all([...lines.values()].map(({ pool }) => pool.destroy()));
    },
  };
}

/** The connections to one endpoint, and the gate before them: one request a connection at a time. */
interface Line {
  readonly pool: Pool;
  readonly gate: Gate;
}

function openLine(to: Endpoint, tunnel: Tunnel): Line {
  const connections = tunnel.relayed() ? 1 : connectionsAtOnce;
  return { pool: openPool(to, { tunnel, connections }), gate: openGate(connections) };
}

function openPool(
  to: Endpoint,
  { tunnel, connections }: { readonly tunnel: Tunnel; readonly connections: number },
): Pool {
  const relayed = tunnel.relayed();
  // Fixed for the pool: one that forwards must not fill up with relays when forwarding turns out to be forbidden.
  const way = wayTo(to, tunnel);
  const idleMs = relayed ? keepAliveMs.relayed : keepAliveMs.forwarded;
  return new Pool(`http${to.tls === undefined ? '' : 's'}://${authority(to.address)}:${to.port}`, {
    connections,
    pipelining: 1,
    // Each request has one deadline of its own, dialling included.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    keepAliveTimeoutThreshold: 0,
    connect: (_options, done) => {
      dial(to, way).then(
        (socket) => done(null, socket as never),
        (error: unknown) => done(error as Error, null),
      );
    },
  });
}

const lowerCase = (headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function read(response: Dispatcher.ResponseData): Promise<HttpResponse> {
  const kept = capture(2 * bodyCapBytes);
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    kept.add(chunk.subarray(0, bodyCapBytes - size));
    size += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (size > bodyCapBytes) break;
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return { status: response.statusCode, headers, body: kept.bytes(), truncated: size > bodyCapBytes };
}

/** Without the query: it may hold a token. */
const pathOf = ({ path }: HttpRequest): string => path.split('?')[0] ?? '';
