import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { Endpoint } from '../shell/http-request.js';
import { deadline } from './deadline.js';
import type { Dialler, Tunnel } from './tunnel.js';

const timeoutMs = 10_000;

/**
 * A connection to an endpoint, with TLS where the endpoint asks for it. Dialling is bounded by itself: several
 * requests may wait for the same connection.
 *
 * @throws ForwardingOff; an Error with the words of the host or of TLS when nothing answers
 */
export async function dial(to: Endpoint, way: Dialler): Promise<Duplex> {
  using limit = deadline(timeoutMs);
  const wire = await way(to, limit.signal);
  return to.tls === undefined ? wire : await secured(wire, to.tls, limit.signal);
}

/** How an endpoint is dialled, as far as is known now. */
export function wayTo(to: Endpoint, tunnel: Tunnel): Dialler {
  if (to.from === 'controller') return directly;
  return tunnel.relayed() ? tunnel.relay : tunnel.forward;
}

const directly: Dialler = async ({ address, port }, signal) => {
  const socket = connectTcp({ host: address, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  }
};

function secured(
  wire: Duplex,
  { serverName, ca }: NonNullable<Endpoint['tls']>,
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => void wire.destroy(signal.reason as Error);
    signal.addEventListener('abort', giveUp, { once: true });
    const socket = connectTls({
      socket: wire,
      // An address may not be a server name; the certificate is then checked against it as the host.
      ...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
      // A server's own certificate, also one that an authority signed, is enough when it is named.
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca], allowPartialTrustChain: true }),
      ALPNProtocols: ['http/1.1'],
    });
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', giveUp);
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** An address as it stands in a URL. */
export const authority = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address);

/** What `Host` says where nobody sets it. */
export function hostHeader({ address, port, tls }: Endpoint): string {
  const name = authority(tls?.serverName ?? address);
  return port === (tls === undefined ? 80 : 443) ? name : `${name}:${port}`;
}
