import type { Duplex } from 'node:stream';
import type { Endpoint } from '../shell/http-request.js';
import type { Channels } from './channels.js';
import { inTime } from './deadline.js';
import type { Finding } from './finding.js';
import { type Channel, channelRefusal, discard, type Link } from './link.js';
import { openRelay } from './relay.js';
import { wireOf } from './wire.js';

/** Opens a TCP connection from the host to an endpoint. */
export type Dialler = (to: Endpoint, signal: AbortSignal) => Promise<Duplex>;

/** Dials from the host, in one of two ways. */
export interface Tunnel {
  /**
   * Through SSH.
   *
   * @throws {@link ForwardingOff}; an Error with the host's words when nothing answers
   */
  readonly forward: Dialler;
  /**
   * Through bash, at the price of one of the host's few sessions.
   *
   * @throws Failed when the host cannot be made to dial at all; an Error with the host's words when nothing answers
   */
  readonly relay: Dialler;
  /** Forwarding has turned out to be forbidden. */
  relayed(): boolean;
}

/** The host forbids forwarding. Nothing was sent: what was to go through can go through a relay instead. */
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
    forward: async (to, signal) => {
      if (relayed) throw new ForwardingOff();
      try {
        return wireOf(await forward(link, to, signal), link);
      } catch (error) {
        const refusal = channelRefusal(error);
        if (refusal === null) throw new Error(link.lost() ?? (error as Error).message, { cause: error });
        if (refusal.code !== 1) throw new Error(refusal.said.toLowerCase(), { cause: error });
        tellOnce();
        throw new ForwardingOff();
      }
    },
    relay: (to, signal) => openRelay({ link, channels, label, to, signal }),
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
