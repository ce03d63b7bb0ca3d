import type { Vault } from '../../src/shell/secret.js';

/** A vault over a plain object, that remembers what it learnt. */
export function plainVault(
  secrets: Readonly<Record<string, string>> = {},
): Vault & { readonly learnt: string[] } {
  const learnt: string[] = [];
  return {
    learnt,
    reveal({ secret }) {
      const value = secrets[secret];
      if (value === undefined) throw new Error(`no secret ${secret}`);
      return value;
    },
    learn: (value) => void learnt.push(value),
    scrub: (text) =>
      [...Object.values(secrets), ...learnt].reduce((clean, value) => clean.replaceAll(value, '•••'), text),
  };
}
