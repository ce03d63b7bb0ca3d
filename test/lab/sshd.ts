import { ensureEngine } from './engine.js';
import { type Machine, type MachineOptions, startMachine } from './machine.js';
import { MachineContainer } from './machine-container.js';
import { type Say, sayOnStderr } from './progress.js';
import { ensureSshdImage } from './sshd-image.js';

/** Starts the smallest machine (sshd, sudo, the lab's users: up in a second), after making its image where it is missing. */
export async function startSshd(options: MachineOptions = {}, say: Say = sayOnStderr): Promise<Machine> {
  await ensureEngine(say);
  return startMachine(new MachineContainer(await ensureSshdImage(say), [22]), options);
}
