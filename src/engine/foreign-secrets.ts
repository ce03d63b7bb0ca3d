import { Failed } from '../model/failure.js';
import type { Intent } from '../model/journal.js';

/** The names of the secrets in any JSON-like value. */
export function secretNames(value: unknown): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return new Set();
  const own = (value as { secret?: unknown }).secret;
  if (typeof own === 'string' && Object.keys(value).length === 1) return new Set([own]);
  return new Set(Object.values(value).flatMap((item) => [...secretNames(item)]));
}

/**
 * A host's journal comes from the host: it may not ask for a secret that the inventory does not give to this host.
 *
 * @throws Failed `refused`
 */
export function refuseForeignSecrets(intent: Intent, allowed: ReadonlySet<string>): void {
  const asked = [...secretNames([intent.id, intent.from, intent.to])].filter((name) => !allowed.has(name));
  if (asked.length === 0) return;
  throw new Failed({
    reason: 'refused',
    what: `the journal on the host asks for secrets that the inventory does not give to it: ${asked.join(', ')}`,
    evidence: [`in the record of ${intent.task}, run ${intent.run}`],
    next: 'add the secret to the variables of this host if it belongs there; otherwise find out who wrote to /var/lib/orchestrate',
  });
}
