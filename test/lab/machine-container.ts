import { GenericContainer, Wait } from 'testcontainers';
import { labLabel } from './docker.js';
import type { Engine } from './engine.js';
import { identityOf } from './process.js';

/** Names the process that started a container or volume, or `kept`; clean.ts removes what belongs to no living process. */
export const ownerLabel = `${labLabel}.owner`;

/** What lasts longer than the process that made it is owned by nobody. */
export const keptOwner = 'kept';

/** Names the folder that a kept thing belongs to. */
export const keptLabel = `${labLabel}.kept`;

/** The labels of a thing that this process makes. What is kept for a folder stays when the process ends. */
export async function ownLabels(keptFor?: string): Promise<Record<string, string>> {
  const owner = keptFor === undefined ? await identityOf(process.pid) : keptOwner;
  return {
    [labLabel]: 'true',
    [ownerLabel]: owner,
    ...(keptFor === undefined ? {} : { [keptLabel]: keptFor }),
  };
}

/** A container that listens on the loopback address only and is cleaned up by label: ryuk's image cannot be had everywhere. */
export class MachineContainer extends GenericContainer {
  constructor(image: string, ports: readonly number[]) {
    super(image);
    this.withExposedPorts(...ports)
      .withAutoCleanup(false)
      .withWaitStrategy(Wait.forSuccessfulCommand('test -s /etc/ssh/ssh_host_ed25519_key.pub'));
  }

  protected override beforeContainerCreated(): Promise<void> {
    const bindings = Object.entries(this.hostConfig.PortBindings as Record<string, readonly object[]>);
    const onLoopback = bindings.map(([port, binding]) => {
      return [port, binding.map((one) => ({ ...one, HostIp: '127.0.0.1' }))] as const;
    });
    this.hostConfig = { ...this.hostConfig, PortBindings: Object.fromEntries(onLoopback) };
    return Promise.resolve();
  }

  /**
   * What systemd and an engine of its own need, short of `--privileged`, which a sandboxed machine refuses for want of
   * CAP_SYS_RESOURCE. On cgroup v2 the container has a hierarchy of its own and its boot script makes it writable.
   */
  withSystemd(engine: Engine): this {
    this.withAddedCapabilities('ALL')
      .withDroppedCapabilities('SYS_RESOURCE')
      .withSecurityOpt('seccomp=unconfined', 'apparmor=unconfined')
      .withTmpFs({ '/run': '', '/run/lock': '' });
    return engine.cgroups === 1 ? this.withMount('/sys/fs/cgroup', '/sys/fs/cgroup') : this;
  }

  /** Mounts a folder of the machine, or a named volume, beside what is mounted already. */
  withMount(source: string, target: string): this {
    this.hostConfig.Binds = [...(this.hostConfig.Binds ?? []), `${source}:${target}:rw`];
    return this;
  }
}
