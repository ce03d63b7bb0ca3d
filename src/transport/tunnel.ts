import type { Duplex } from 'node:stream';
import type { Endpoint } from '../shell/http-request.js';
import type { Channels } from './channels.js';
import { inTime } from './deadline.js';
import type { Finding } from './finding.js';
import { type Channel, channelRefusal, discard, type Link } from './link.js';
import { openRelay } from './relay.js';
import { wireOf } from './wire.js';

/** Dials from the host. */
export interface Tunnel {
  /**
   * Opens a TCP connection from the host to an endpoint.
   *
   * @throws Failed when the host cannot be made to dial at all; {@link ForwardingOff}; an Error with the host's
   *   words when nothing answers
   */
  dial(to: Endpoint, signal: AbortSignal): Promise<Duplex>;
  /** The host forbids forwarding, so that every connection costs one of its few sessions. */
  relayed(): boolean;
}

/** Forwarding has just turned out to be forbidden. The next dial goes another way, at another price. */
export class ForwardingOff extends Error {
  override readonly name = 'ForwardingOff';
}

/** What a tunnel is made of. */
export interface TunnelParts {
  readonly link: Link;
  readonly channels: Channels;
  readonly host: string;
  readonly label: string;
  readonly onFinding: (finding: Finding) => void;
}

/** Forwards through SSH; where sshd does not allow that, through a relay in bash. */
export function openTunnel({ link, channels, host, label, onFinding }: TunnelParts): Tunnel {
  let relayed = false;
  const tellOnce = (): void => {
    if (!relayed) onFinding(forwardingOff(host, label));
    relayed = true;
  };

  return {
    async dial(to, signal) {
      if (relayed) return openRelay({ link, channels, label, to, signal });
      try {
        return wireOf(await forward(link, to, signal), link);
      } catch (error) {
        const refusal = channelRefusal(error);
        if (refusal === null) throw new Error(link.lost() ?? (error as Error).message, { cause: error });
        if (refusal.code !== 1) throw new Error(refusal.said.toLowerCase(), { cause: error });
        tellOnce();
        throw new ForwardingOff('forwarding is off', { cause: error });
      }
    },
    relayed: () => relayed,
  };
}

/** sshd dials for up to two minutes and cannot be told to stop: whoever does not wait lets the channel go later. */
async function forward(link: Link, to: Endpoint, signal: AbortSignal): Promise<Channel> {
  const opening = link.forward(to.address, to.port);
  const waited = await inTime(opening, signal);
  if (waited.is === 'done') return waited.value;
  opening.then(discard, () => undefined);
  throw waited.because;
}

const forwardingOff = (host: string, label: string): Finding => ({
  host,
  code: 'tcp-forwarding-off',
  what: `sshd on ${label} forbids TCP forwarding; requests to its own services go through bash there instead`,
  next: 'nothing has to be done; `AllowTcpForwarding local` in its sshd_config makes them faster',
});
