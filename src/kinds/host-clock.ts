import { clockMs, readClock } from '../dialects/linux.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { ask } from '../probe/probe.js';

/** How far the host's clock may be from ours. */
export interface HostClock {
  /** The time here, in milliseconds since 1970; asked when the host has answered. */
  readonly nowMs: () => number;
  /** Default 30 000 ms: tokens live for minutes. */
  readonly withinMs?: number;
}

/** The host's clock tells the same time as ours: a token of a wrong time is refused. */
export const hostClock: CheckKind<HostClock> = {
  shape: 'check',
  name: 'host.clock',
  probe: ({ nowMs, withinMs = 30_000 }) =>
    ask(readClock, (reply): Verdict => {
      const theirs = clockMs(reply);
      if (theirs === null) return { ok: true, note: 'the host does not say what time it is' };
      const offMs = theirs - nowMs();
      if (Math.abs(offMs) <= withinMs) return { ok: true };
      const seconds = Math.round(Math.abs(offMs) / 1000);
      return {
        ok: false,
        because: `the clock of the host is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} the one here`,
        evidence: [
          `there: ${new Date(theirs).toISOString()}`,
          `here: ${new Date(theirs - offMs).toISOString()}`,
        ],
        next: 'let the host keep time: timedatectl set-ntp true (and look at the clock here too)',
        hopeless: true,
      };
    }),
};
