import { readdir, readFile } from 'node:fs/promises';
import type { Machine } from '../lab/machine.js';

/** Samples the argument lists of all processes, here and on a machine, until it is stopped. */
export interface Watch {
  /** Everything that was seen. */
  stop(): Promise<readonly string[]>;
}

const everyMs = 200;

/** Starts to watch. The machine's processes are this machine's as well: its container shares the kernel. */
export function watchCommandLines(_machine: Machine): Watch {
  const seen = new Set<string>();
  const sample = async (): Promise<void> => {
    for (const pid of await readdir('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (line !== '') seen.add(line.replaceAll('\0', ' '));
    }
  };
  let last = sample();
  const timer = setInterval(() => {
    last = last.then(sample);
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
      return [...seen];
    },
  };
}
