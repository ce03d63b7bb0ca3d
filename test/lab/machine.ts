import { type Finished, need, run } from './command.js';
import { awaitGreeting } from './greeting.js';
import type { User } from './login.js';
import { type LoginKey, makeLoginKey, pinHost } from './login-key.js';
import { type MachineContainer, ownLabels } from './machine-container.js';

/** A running machine of the lab that one can log in to. */
export interface Machine extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Opens every user of {@link User}. */
  readonly privateKeyPath: string;
  /** A known_hosts file that pins exactly this machine's keys. */
  readonly knownHostsPath: string;
  /** The engine's name for the machine's container. */
  readonly container: string;
  /** Runs a shell script in the machine, beside SSH; as root unless told. Never throws on its exit code. */
  exec(script: string, user?: User): Promise<Finished>;
  /** The port on the loopback address that leads to a port of the machine. */
  mapped(port: number): number;
  /** Removes the container, its volumes and its key. */
  dispose(): Promise<void>;
}

/** How long a machine lives, and where its key lies. */
export interface MachineOptions {
  /** The folder for the key and known_hosts; a fresh temporary one when left out. */
  readonly keyFolder?: string;
  /** It stays when this process ends, until clean.ts is asked to remove what is kept for this folder. */
  readonly keptFor?: string;
  /** More lines for sshd, such as `AllowTcpForwarding no`. */
  readonly sshd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Volumes that go with the machine. */
  readonly volumes?: readonly string[];
  /** Small file systems in memory, by their folder: such as `size=64k`. */
  readonly tmpfs?: Readonly<Record<string, string>>;
}

/** Starts a container that answers SSH on port 22 and lets a fresh key in. */
export async function startMachine(
  container: MachineContainer,
  options: MachineOptions = {},
): Promise<Machine> {
  const key = await makeLoginKey(options.keyFolder);
  container.withLabels(await ownLabels(options.keptFor));
  container.withTmpFs(options.tmpfs ?? {});
  container.withEnvironment({
    ...options.environment,
    LAB_AUTHORIZED_KEY: key.publicKey,
    LAB_SSHD: options.sshd ?? '',
  });
  const started = await container.start().catch(async (error: unknown) => {
    await key.dispose();
    throw error;
  });
  const mapped = (port: number): number => started.getMappedPort(port);
  const machine = machineOf(started.getId(), key, { volumes: options.volumes ?? [], mapped });
  try {
    await awaitGreeting(machine.address, machine.port);
    const hostKeys = await need([
      'docker',
      'exec',
      machine.container,
      'sh',
      '-c',
      'cat /etc/ssh/ssh_host_*_key.pub',
    ]);
    await pinHost(key.knownHostsPath, machine, hostKeys);
    return machine;
  } catch (error) {
    await machine.dispose();
    throw error;
  }
}

interface Belongings {
  readonly volumes: readonly string[];
  readonly mapped: (port: number) => number;
}

function machineOf(id: string, key: LoginKey, { volumes, mapped }: Belongings): Machine {
  const dispose = async (): Promise<void> => {
    await need(['docker', 'rm', '--force', '--volumes', id]);
    if (volumes.length > 0) await need(['docker', 'volume', 'rm', '--force', ...volumes]);
    await key.dispose();
  };
  return {
    address: '127.0.0.1',
    port: mapped(22),
    privateKeyPath: key.privateKeyPath,
    knownHostsPath: key.knownHostsPath,
    container: id,
    exec: (script, user = 'root') =>
      run(['docker', 'exec', '-i', '--user', user, id, 'sh'], { input: script }),
    mapped,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
