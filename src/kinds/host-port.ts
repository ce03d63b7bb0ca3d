import { askPublishers, type Publisher, publishers } from '../dialects/docker/engine.js';
import { isInTheWay, type Listener, listeners, readListeners } from '../dialects/linux.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { all, ask, map } from '../probe/probe.js';

/** A TCP port that something new will listen on. */
export interface HostPort {
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** The container of ours that may have it already. */
  readonly container?: string;
}

/** The port is free, or our container has it. */
export const hostPort: CheckKind<HostPort> = {
  shape: 'check',
  name: 'host.port',
  probe: (props) =>
    map(
      all({
        found: ask(readListeners(props.port), listeners),
        containers: ask(askPublishers(props.port), publishers),
      }),
      ({ found, containers }) => verdict(props, found, containers),
    ),
};

function verdict(
  { port, address = '127.0.0.1', container }: HostPort,
  found: readonly Listener[] | null,
  containers: readonly Publisher[],
): Verdict {
  const theirs = containers.find(({ name, ours }) => name !== container || !ours);
  // Docker's own proxy listens for a container: the container is the one to name.
  const other = found?.find((each) => isInTheWay(each, address) && each.program !== 'docker-proxy');
  if (theirs !== undefined)
    return taken(port, `the container ${theirs.name}${theirs.ours ? '' : ', which is not ours'}`);
  if (other !== undefined && containers.length === 0)
    return taken(port, other.process ?? 'a process without a name');
  if (containers.length > 0) return { ok: true, note: `port ${port} is ours already` };
  const proxy = found?.find((each) => isInTheWay(each, address));
  if (proxy !== undefined) return taken(port, proxy.process ?? 'a process without a name');
  return found === null
    ? { ok: true, note: `\`ss\` is missing: nobody looked whether port ${port} is free` }
    : { ok: true };
}

const taken = (port: number, by: string): Verdict => ({
  ok: false,
  because: `port ${port} is taken by ${by}`,
  next: `stop it, or choose another port; look with \`ss -ltnp sport = :${port}\``,
  hopeless: true,
});
