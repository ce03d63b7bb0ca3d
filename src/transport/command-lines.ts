import { isIPv4, isIPv6 } from 'node:net';
import type { StreamCommand } from '../model/kind.js';

/**
 * Every command line that ever goes to a host. They are constant, hold no data and no character that some login
 * shell (dash, bash, tcsh, fish) reads in its own way; scripts and payloads follow on stdin.
 */
const lines = {
  'sh -s': { plain: 'sh -s', sudo: 'sudo -n -- sh -s' },
  'docker load': { plain: 'docker load', sudo: 'sudo -n -- docker load' },
} as const satisfies Record<'sh -s' | StreamCommand, { readonly plain: string; readonly sudo: string }>;

/** A command line as it goes to the host, with sudo in front where the login is not root. */
export const commandLine = (name: keyof typeof lines, sudo: boolean): string =>
  lines[name][sudo ? 'sudo' : 'plain'];

/** What the relay prints, on a line of its own, when it is connected. */
export const relayMark = 'orchestrate-relay-is-up';

/**
 * Copies both ways between the channel and a TCP port of the host, by bash's `/dev/tcp`. One direction's end ends
 * both. No `$!`, because tcsh expands `!` inside single quotes too.
 */
const relay =
  'exec 3<>/dev/tcp/$1/$2 4<&0 || exit 69; ' +
  `echo; echo ${relayMark}; ` +
  'cat <&3 & cat <&4 >&3 & wait -n; kill $(jobs -p) 2>/dev/null; wait';

/**
 * The relay's command line. Address and port are the only data in any command line, and both are checked to be
 * nothing but digits, letters a to f, dots and colons.
 *
 * @returns null when the address is a name: only an IP address may go into a command line
 */
export function relayLine(address: string, port: number): string | null {
  const isAddress = isIPv4(address) || (isIPv6(address) && /^[0-9a-fA-F:.]+$/.test(address));
  if (!isAddress || !Number.isInteger(port) || port < 1 || port > 65535) return null;
  return `bash -c '${relay}' relay ${address} ${port}`;
}
