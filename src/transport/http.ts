import type { Duplex } from 'node:stream';
import { isIP } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { type Dispatcher, Pool } from 'undici';
import { Failed } from '../model/failure.js';
import type { Endpoint, HttpRequest, HttpResponse } from '../shell/http-request.js';
import type { Vault } from '../shell/secret.js';
import { bearer } from './bearer.js';
import { capture } from './capture.js';
import { deadline, Interrupted } from './deadline.js';
import { evidenceLine } from './evidence.js';
import type { Exchange } from './exchange.js';
import { type Gate, openGate } from './gate.js';
import { bodyOf } from './http-body.js';
import type { RoundTrips } from './round-trips.js';
import { type Dialler, ForwardingOff, openTunnel, type Tunnel, type TunnelParts } from './tunnel.js';

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

/** What a client is made of: the tunnel's parts, and the vault that holds the secrets of bodies and logins. */
export interface HttpParts extends TunnelParts {
  readonly vault: Vault;
  readonly trips: RoundTrips;
}

/** Asks through the tunnel that it opens. */
export function httpClient(parts: HttpParts): HttpClient {
  const { label, trips, vault } = parts;
  const tunnel = openTunnel(parts);
  const lines = new Map<string, Line>();

  const lineTo = (to: Endpoint): Line => {
    const key = JSON.stringify([to.address, to.port, to.tls?.serverName, to.tls?.ca, tunnel.relayed()]);
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
          : noAnswer(label, request, reasonOf(error, limit.signal), vault);
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
  const idleMs = relayed ? keepAliveMs.relayed : keepAliveMs.forwarded;
  const way = relayed ? tunnel.relay : tunnel.forward;
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

/** Dialling is bounded by itself: other requests may wait for the same connection. */
async function dial(to: Endpoint, way: Dialler): Promise<Duplex> {
  using limit = deadline(defaultTimeoutMs);
  const wire = await way(to, limit.signal);
  return to.tls === undefined ? wire : await secured(wire, to.tls);
}

function secured(wire: Duplex, { serverName, ca }: NonNullable<Endpoint['tls']>): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: wire,
      // An address may not be a server name; the certificate is then checked against it as the host.
      ...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
      // A server's own certificate, also one that an authority signed, is enough when it is named.
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca], allowPartialTrustChain: true }),
      ALPNProtocols: ['http/1.1'],
    });
    socket.once('secureConnect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

const authority = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address);

function hostHeader({ address, port, tls }: Endpoint): string {
  const name = authority(tls?.serverName ?? address);
  return port === (tls === undefined ? 80 : 443) ? name : `${name}:${port}`;
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

/** Why there was no answer: the deadline's words before those of the socket that it closed. */
const reasonOf = (error: unknown, signal: AbortSignal): Error =>
  signal.aborted ? (signal.reason as Error) : (error as Error);

/** Certificates do not become right by waiting. */
const isCertificate = (error: NodeJS.ErrnoException): boolean =>
  /^(ERR_TLS|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(error.code ?? '');

function noAnswer(label: string, request: HttpRequest, error: Error, vault: Vault): Failed {
  const where = `${request.to.address}:${request.to.port}`;
  if (error instanceof Interrupted) {
    return new Failed({
      reason: 'interrupted',
      what: `the request to ${where} from ${label} was interrupted`,
      next: 'run the same command again',
    });
  }
  return isCertificate(error)
    ? untrusted(label, request, error, vault)
    : new Failed(
        {
          reason: 'command-failed',
          what: `${request.method} ${request.path.split('?')[0] ?? ''} at ${where} on ${label} got no answer`,
          evidence: [evidenceLine(error.message, vault)],
          next: 'check on the machine that the service runs and listens there',
          transient: true,
        },
        { cause: error },
      );
}

function untrusted(label: string, { to }: HttpRequest, error: Error, vault: Vault): Failed {
  // Newer versions of Node add advice for people who start it themselves.
  const said = error.message.replace(/; if the root CA is .*/, '');
  return new Failed(
    {
      reason: 'command-failed',
      what: `${to.address}:${to.port} on ${label} shows a certificate that is not trusted`,
      evidence: [evidenceLine(said, vault)],
      next: `check the certificate for ${to.tls?.serverName ?? to.address}, or name its authority as \`ca\``,
    },
    { cause: error },
  );
}
