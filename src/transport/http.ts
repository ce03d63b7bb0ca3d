import { type Dispatcher, Pool } from 'undici';
import { Failed } from '../model/failure.js';
import type { Endpoint, HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { Vault } from '../shell/secret.js';
import { bearer } from './bearer.js';
import { capture } from './capture.js';
import { deadline } from './deadline.js';
import { authority, dial, hostHeader } from './dial.js';
import type { Exchange } from './exchange.js';
import { bodyOf } from './http-body.js';
import { noAnswer, reasonOf } from './no-answer.js';
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

/** What the client is made of: the way to the host, and the vault that holds the secrets of bodies and logins. */
export type HttpClientParts = Pick<TunnelParts, 'label'> & { readonly tunnel: Tunnel; readonly vault: Vault };

/** Opens the client of one host. */
export function httpClient({ label, vault, tunnel }: HttpClientParts): HttpClient {
  const pools = new Map<string, Pool>();

  const poolFor = (to: Endpoint): Pool => {
    const key = JSON.stringify([
      to.address,
      to.port,
      to.tls?.serverName,
      to.tls?.ca,
      to.from,
      tunnel.relayed(),
    ]);
    const pool = pools.get(key) ?? openPool(to, tunnel);
    pools.set(key, pool);
    return pool;
  };
  const exchange: Exchange = async (request, signal, extra = {}) => {
    const body = bodyOf(request.body, vault);
    const headers = {
      host: hostHeader(request.to),
      ...body.headers,
      ...lowerCase(request.headers),
      ...extra,
    };
    const ask = (): Promise<Dispatcher.ResponseData> =>
      poolFor(request.to).request({
        method: request.method,
        path: request.path,
        headers,
        body: body.bytes,
        signal,
      });
    return read(
      await ask().catch((error: unknown) => {
        // The pool for relays has bounds of its own.
        if (error instanceof ForwardingOff) return ask();
        throw error;
      }),
    );
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
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

function openPool(to: Endpoint, tunnel: Tunnel): Pool {
  const relayed = tunnel.relayed();
  const idleMs = relayed ? keepAliveMs.relayed : keepAliveMs.forwarded;
  return new Pool(`http${to.tls === undefined ? '' : 's'}://${authority(to.address)}:${to.port}`, {
    connections: relayed ? 1 : connectionsAtOnce,
    pipelining: 1,
    // Each request has one deadline of its own, dialling included.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    keepAliveTimeoutThreshold: 0,
    connect: (_options, done) => {
      dial(to, tunnel).then(
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
