import { askHeldMemory, heldMemory } from '../dialects/docker/engine.js';
import { availableMemory, readMemory, shownSize } from '../dialects/linux.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { all, ask, known, map } from '../probe/probe.js';

/** Memory that must be free for something new. */
export interface HostMemory {
  readonly neededBytes: number;
  /** What this container of ours holds already counts as free: it is the one that needs it. */
  readonly container?: string;
}

/** There is memory for what is to come. */
export const hostMemory: CheckKind<HostMemory> = {
  shape: 'check',
  name: 'host.memory',
  probe: ({ neededBytes, container }) =>
    map(
      all({
        available: ask(readMemory, availableMemory),
        held: container === undefined ? known(0) : ask(askHeldMemory(container), heldMemory),
      }),
      ({ available, held }) => verdict(neededBytes, available, held),
    ),
};

function verdict(needed: number, available: number | null, held: number): Verdict {
  if (available === null) return { ok: true, note: 'the host does not say how much memory is free' };
  const ours = held === 0 ? '' : `, and ours holds ${shownSize(held)}`;
  if (available + held >= needed) return { ok: true, note: `${shownSize(available)} of memory free${ours}` };
  return {
    ok: false,
    because: `${shownSize(needed)} of memory is needed, ${shownSize(available)} is free${ours}`,
    next: 'give the host more memory, or stop something on it',
    hopeless: true,
  };
}
