import { printable } from '../lib/printable.js';
import type { Reply } from '../shell/batch.js';
import { type Sh, sh } from '../shell/sh.js';

/** Reads the memory of the host. */
export const readMemory: Sh = sh`cat /proc/meminfo`;

/** Bytes that can be given to a new program without swapping; null when the kernel does not say. */
export function availableMemory(reply: Reply): number | null {
  const kibibytes = /^MemAvailable:\s+(\d{1,15}) kB$/m.exec(text(reply))?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** Asks who listens on a TCP port. Names of processes are for root only. */
export const readListeners = (port: number): Sh => sh`ss -Hltnp ${['sport', '=', `:${port}`]}`;

/** One socket that listens. */
export interface Listener {
  readonly address: string;
  /** `name (pid 123)`; null when the kernel holds it, or another network namespace. */
  readonly process: string | null;
  readonly program: string | null;
}

/** What {@link readListeners} printed; null when `ss` is not there. */
export function listeners(reply: Reply): readonly Listener[] | null {
  if (reply.code !== 0) return null;
  return text(reply)
    .split('\n')
    .flatMap((line): Listener[] => {
      const address = /^LISTEN\s+\d+\s+\d+\s+(\S+):\d+\s/.exec(line)?.[1];
      if (address === undefined) return [];
      const [, program, pid] = /users:\(\("([^"]*)",pid=(\d+)/.exec(line) ?? [];
      if (program === undefined || pid === undefined) return [{ address, process: null, program: null }];
      return [{ address, process: `${printable(program)} (pid ${pid})`, program }];
    });
}

/**
 * Whether a listener is in the way of one on an IPv4 address: it holds that address, or all of them. `ss` writes `*`
 * for a socket of both families; `[::]` is one of IPv6 alone.
 */
export const isInTheWay = ({ address }: Listener, of: string): boolean =>
  of === '0.0.0.0' || ['0.0.0.0', '*', of, `[::ffff:${of}]`].includes(address.replace(/%.*$/, ''));

/** Asks how much room there is at a path, or where it would be made. */
export const readRoom = (path: string): Sh =>
  sh`at=${path}; while [ ! -e "$at" ]; do at=$(dirname "$at"); done; df -Pk "$at"`;

/** Bytes of room, and the mount point; null when `df` printed something else. Source: POSIX, `df -P`. */
export function room(reply: Reply): { readonly bytes: number; readonly mount: string } | null {
  const [, kibibytes, mount] = /\s(\d{1,15})\s+\d+%\s+(\/.*)$/m.exec(text(reply)) ?? [];
  if (reply.code !== 0 || kibibytes === undefined || mount === undefined) return null;
  return { bytes: Number(kibibytes) * 1024, mount: printable(mount) };
}

/** Reads the host's clock. */
export const readClock: Sh = sh`date +%s`;

/** Milliseconds since 1970, to the second; null when `date` printed something else. */
export function clockMs(reply: Reply): number | null {
  const seconds = /^(\d{1,12})\s*$/.exec(text(reply))?.[1];
  return reply.code !== 0 || seconds === undefined ? null : Number(seconds) * 1000;
}

/** A size for a person. */
export const shownSize = (bytes: number): string =>
  bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`;

const text = (reply: Reply): string => Buffer.from(reply.stdout).toString('utf8');
