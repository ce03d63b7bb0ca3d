/**
 * The name of a secret. Its value never enters a task, a plan or a journal: only the last step before the wire
 * asks the {@link Vault} for it. Printing it prints the name.
 */
export interface SecretRef {
  readonly secret: string;
}

/** Holds the values of secrets and knows how to keep them out of every output. */
export interface Vault {
  /** The value. Throws when the name is unknown. */
  reveal(ref: SecretRef): string;
  /** Learns a value that came up during the run, such as an access token. */
  learn(value: string): void;
  /** The text with every known value, also in its encoded forms, replaced by `•••`. */
  scrub(text: string): string;
}

/** Names a secret of the inventory. */
export const secret = (name: string): SecretRef => ({ secret: name });

/** Whether a value is a {@link SecretRef}. */
export const isSecretRef = (value: unknown): value is SecretRef =>
  typeof value === 'object' && value !== null && typeof (value as { secret?: unknown }).secret === 'string';
