import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed } from './command.js';
import { createVolume } from './docker.js';
import { ensureEngine, ensureInotify } from './engine.js';
import { ensureHostImage } from './host-image.js';
import type { JitsiSource } from './jitsi-source.js';
import { LabError } from './lab-error.js';
import { copyLoadedInto } from './loaded-volume.js';
import { type Machine, type MachineOptions, startMachine } from './machine.js';
import { MachineContainer, ownLabels } from './machine-container.js';
import { type Say, sayOnStderr } from './progress.js';
import { type Alteration, alterations } from './alterations.js';

/** A stock Jitsi-like host: systemd with sshd, nginx, Prosody and Docker running, and a site for one domain. */
export interface Host extends Machine {
  readonly domain: string;
  /** On the loopback address: the site's port 443. */
  readonly httpsPort: number;
  /** Whose token plugin runs on it. */
  readonly jitsi: JitsiSource['is'];
}

/** How a host differs from the stock one. */
export interface HostOptions extends Omit<MachineOptions, 'environment' | 'volumes'> {
  /** `meet.example.test` when left out. */
  readonly domain?: string;
  /** What its Docker engine holds from the start; nothing when left out. */
  readonly docker?: 'keycloak-loaded';
  /** What people did to it before; done in this order when it is up. */
  readonly alterations?: readonly Alteration[];
  /** Total memory in bytes, as the host itself sees it. */
  readonly memory?: number;
  readonly say?: Say;
}

const upLimitMs = 90_000;
const askAgainMs = 200;

/** Starts a stock host after making its images where they are missing, and waits until all its services are active. */
export async function startHost(options: HostOptions = {}): Promise<Host> {
  const say = options.say ?? sayOnStderr;
  const engine = await ensureEngine(say);
  await ensureInotify(say);
  const image = await ensureHostImage(say);
  const domain = options.domain ?? 'meet.example.test';
  const volume = await createVolume(undefined, await ownLabels(options.keptFor));
  if (options.docker === 'keycloak-loaded') await copyLoadedInto(volume, image.name, say);
  const container = new MachineContainer(image.name, [22, 443])
    .withSystemd(engine)
    .withMount(volume, '/var/lib/docker')
    .withHostname(domain);
  const environment = {
    LAB_DOMAIN: domain,
    LAB_MEMORY: options.memory === undefined ? '' : String(options.memory),
  };
  const machine = await startMachine(container, { ...options, environment, volumes: [volume] });
  const host = { ...machine, domain, httpsPort: machine.mapped(443), jitsi: image.jitsi };
  try {
    await awaitServices(host);
    for (const alteration of options.alterations ?? []) await must(host, alterations[alteration]);
    return host;
  } catch (error) {
    await host.dispose();
    throw error;
  }
}

/** Runs a script in a machine as root; throws {@link CommandFailed} when it fails, else gives its standard output. */
export async function must(machine: Machine, script: string): Promise<string> {
  const finished = await machine.exec(`set -eu\n${script}`);
  if (finished.code !== 0) throw new CommandFailed(['(in the machine)', script], finished);
  return finished.stdout;
}

const askSite = (domain: string): string =>
  `curl --silent --fail --insecure --output /dev/null https://${domain}/http-bind`;

const services = ['ssh', 'nginx', 'prosody', 'docker'];

/**
 * `systemctl is-system-running --wait` returns at the end of the boot; before systemd listens it fails at once. Prosody
 * is active before it listens, so the site itself has the last word.
 */
async function awaitServices(host: Host): Promise<void> {
  const giveUpAt = performance.now() + upLimitMs;
  for (;;) {
    const state = await host.exec('systemctl is-system-running --wait');
    const active = await host.exec(`systemctl is-active ${services.join(' ')} && ${askSite(host.domain)}`);
    if (/^(running|degraded)/.test(state.stdout) && active.code === 0) return;
    if (performance.now() > giveUpAt)
      throw await notUp(host, `${state.stdout.trim()}, ${active.stdout.replaceAll('\n', ' ')}`);
    await sleep(askAgainMs);
  }
}

async function notUp(host: Host, state: string): Promise<LabError> {
  const failed = await host.exec(
    'systemctl --failed --no-legend --plain; journalctl -p err --no-pager -n 20',
  );
  return new LabError(
    `A host of the lab is not up after ${upLimitMs / 1000} s: ${services.join(', ')} are ${state}\n${failed.stdout}`,
    'look at the lines above; too few inotify instances (sysctl fs.inotify.max_user_instances) are the usual cause.',
  );
}
