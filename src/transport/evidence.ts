import type { Vault } from '../shell/secret.js';

/** Control characters, and those that turn the direction of text: a terminal must never get them from a host. */
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const longestLine = 500;

/** The last lines of what a host said, fit to be shown: no secrets, no control characters, no empty lines. */
export function evidenceLines(said: Uint8Array | string, vault: Vault, last = 10): readonly string[] {
  const text = typeof said === 'string' ? said : Buffer.from(said).toString('utf8');
  return vault
    .scrub(text)
    .split('\n')
    .map((line) => line.replaceAll('\t', ' ').replace(unprintable, '').trimEnd().slice(0, longestLine))
    .filter((line) => line !== '')
    .slice(-last);
}

/** What one line of a host's say, fit to be shown. */
export const evidenceLine = (said: Uint8Array | string, vault: Vault): string =>
  evidenceLines(said, vault, 1)[0] ?? '';
