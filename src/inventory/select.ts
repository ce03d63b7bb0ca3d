import { closest } from '../lib/closest.js';
import type { Host } from '../model/host.js';
import type { Complaint } from './complaint.js';

/** The hosts that `--limit` names, in the order of the inventory, or what is wrong with the flag. */
export type Selection =
  | { readonly ok: true; readonly hosts: readonly Host[] }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/**
 * Picks hosts by a comma list of names of hosts and groups; `!name` leaves out. A list of nothing but `!name`
 * starts from all hosts.
 */
export function select(
  hosts: readonly Host[],
  groups: readonly string[],
  limit: string | undefined,
): Selection {
  if (limit === undefined) return { ok: true, hosts };
  const place = { is: 'whole', of: `--limit ${limit}` } as const;
  const known = new Set([...hosts.map(({ name }) => name), ...groups]);
  const terms = limit.split(',').map((term) => term.trim());
  const complaints = terms
    .map((term) => term.replace(/^!/, ''))
    .filter((name) => !known.has(name))
    .map((name) => ({ place, ...unknownName(name, known) }));
  if (complaints.length > 0) return { ok: false, complaints };
  const wanted = terms.filter((term) => !term.startsWith('!'));
  const unwanted = terms.filter((term) => term.startsWith('!')).map((term) => term.slice(1));
  const matches = (host: Host, names: readonly string[]): boolean =>
    names.some((name) => host.name === name || host.groups.includes(name));
  const chosen = hosts.filter(
    (host) => (wanted.length === 0 || matches(host, wanted)) && !matches(host, unwanted),
  );
  if (chosen.length === 0) return { ok: false, complaints: [{ place, message: 'leaves no host' }] };
  return { ok: true, hosts: chosen };
}

function unknownName(name: string, known: ReadonlySet<string>): { message: string; help?: string } {
  if (name === '') return { message: 'has an empty name in it' };
  const guesses = closest(name, known);
  const message = `"${name}" is neither a host nor a group`;
  if (guesses.length > 0) return { message, help: `did you mean ${guesses.join(' or ')}?` };
  const some = [...known].slice(0, 10);
  return {
    message,
    help: `known: ${some.join(', ')}${known.size > some.length ? ` and ${known.size - some.length} more` : ''}`,
  };
}
