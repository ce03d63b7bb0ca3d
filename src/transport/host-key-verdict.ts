import type { KnownHost, Standing } from './known-hosts.js';

/** What a host key is to us. */
export type HostKeyVerdict =
  | { readonly is: 'trusted' }
  | { readonly is: 'revoked'; readonly entry: KnownHost }
  | { readonly is: 'changed'; readonly known: readonly KnownHost[] }
  | { readonly is: 'unknown' };

/** Judges one key, as OpenSSH's `check_host_key` does. */
export function verdictOn(key: Buffer, { exact, plain, revoked }: Standing): HostKeyVerdict {
  const entry = revoked.find((one) => one.key.equals(key));
  if (entry !== undefined) return { is: 'revoked', entry };
  if ([...exact, ...plain].some((one) => one.key.equals(key))) return { is: 'trusted' };
  return exact.length > 0 ? { is: 'changed', known: exact } : { is: 'unknown' };
}
