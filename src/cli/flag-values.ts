/** What the values of flags are: each reader refuses what it does not understand. */
import { InvalidArgumentError } from 'commander';

/** A whole number from 1 to 9999. */
export function wholeNumber(text: string): number {
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
  return number;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `10m`, `1.5h` as ms. */
export function duration(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Math.round(Number(amount) * (unitMs[unit] ?? 0));
  // Longer than this, Node's timers fire at once.
  if (ms < 1 || ms > 2_147_483_647)
    throw new InvalidArgumentError('It must be a time such as 90s, 10m or 1h.');
  return ms;
}

/** One `key=value` more. */
export function setting(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('It must be of the form key.path=value.');
  return [...before, text];
}

/** One comma list of names more. */
export function nameList(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('It must be a comma list of names.');
  return [...before, ...names];
}

/** Any text but an empty one. */
export function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

/** A file; of several the last one counts. */
export const oneFile = (text: string): readonly string[] => [notEmpty(text)];

/** One file more. */
export const fileToo = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  notEmpty(text),
];

/** The name of a run. */
export function runName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the name of a run, as apply printed it.');
}
