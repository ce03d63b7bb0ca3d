import { printable, printableLine } from '../lib/printable.js';
import type { SecretRef, Vault } from '../shell/secret.js';

/** Values shorter than this are never kept as secrets of an inventory: they could not be told from common text. */
export const shortestSecret = 4;

/** What stands in the place of a secret. */
const mask = '•••';

/** Makes the vault of a run out of the secrets of an inventory. */
export function makeVault(secrets: ReadonlyMap<string, string>): Vault {
  const long = finder();
  const short = new Set<string>();
  const learn = (value: string): void => {
    if (value.length >= shortestSecret) formsOf(value).forEach(long.add);
    else if (value.length > 0) short.add(value);
  };
  for (const value of secrets.values()) learn(value);
  return {
    reveal: (ref: SecretRef): string => {
      const value = secrets.get(ref.secret);
      if (value === undefined) throw new Error(`the secret ${ref.secret} is not in the vault`);
      return value;
    },
    learn,
    scrub: (text) => maskAlone(long.mask(text), short),
  };
}

/** A short value is masked only where it stands alone: everywhere else it is more likely a part of a word. */
function maskAlone(text: string, words: ReadonlySet<string>): string {
  if (words.size === 0) return text;
  const any = [...words].map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|');
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any})(?![\\p{L}\\p{N}_])`, 'gu'), mask);
}

interface Finder {
  /** Adds a text of at least {@link shortestSecret} characters. */
  readonly add: (form: string) => void;
  readonly mask: (text: string) => string;
}

/**
 * Finds thousands of texts in one pass, by their first four characters. A regular expression of them takes half a
 * second to compile, and a run learns a new token every minute on every host.
 */
function finder(): Finder {
  const byStart = new Map<string, string[]>();
  /** Marks the first two characters of every form: most positions of a text end here. */
  const gate = new Uint8Array(0x10000);
  const gateAt = (text: string, at: number): number =>
    (Math.imul(text.charCodeAt(at), 31) + text.charCodeAt(at + 1)) & 0xffff;
  const lengthAt = (text: string, at: number): number => {
    if (gate[gateAt(text, at)] === 0) return 0;
    const forms = byStart.get(text.slice(at, at + shortestSecret)) ?? [];
    return forms.reduce(
      (longest, form) => (text.startsWith(form, at) ? Math.max(longest, form.length) : longest),
      0,
    );
  };
  return {
    add: (form) => {
      const start = form.slice(0, shortestSecret);
      const forms = byStart.get(start) ?? [];
      if (forms.includes(form)) return;
      byStart.set(start, [...forms, form]);
      gate[gateAt(form, 0)] = 1;
    },
    mask: (text) => masked(text, lengthAt),
  };
}

/** The text with a mask over every place where `lengthAt` finds something. */
function masked(text: string, lengthAt: (text: string, at: number) => number): string {
  const pieces: string[] = [];
  let shownTo = 0;
  let [from, to] = [-1, -1];
  for (let at = 0; at + shortestSecret <= text.length; at += 1) {
    const length = lengthAt(text, at);
    if (length === 0) continue;
    // What overlaps or touches is one mask: no rest of a secret stays beside another.
    if (at > to) {
      if (from >= 0) pieces.push(text.slice(shownTo, from), mask);
      if (from >= 0) shownTo = to;
      from = at;
    }
    to = Math.max(to, at + length);
  }
  if (from < 0) return text;
  return [...pieces, text.slice(shownTo, from), mask, text.slice(to)].join('');
}

/** The value and every form in which a program may write it. */
function formsOf(value: string): ReadonlySet<string> {
  const forms = new Set([value]);
  const lines = value.split(/\r?\n/).filter((line) => line.length >= 8);
  for (const text of [value, ...lines]) {
    const json = JSON.stringify(text).slice(1, -1);
    const url = encodeURIComponent(Buffer.from(text).toString());
    const strictUrl = url.replace(
      /[!'()*]/g,
      (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    for (const form of [
      text,
      json,
      json.replaceAll('/', '\\/'),
      json.replace(
        /[\u007f-\uffff]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
      ...[url, strictUrl, strictUrl.replaceAll('%20', '+')].flatMap((encoded) => [
        encoded,
        lowerHex(encoded),
      ]),
      text.replaceAll("'", `'\\''`),
      text.replaceAll("'", `'"'"'`),
      text.replace(/["$`\\]/g, '\\$&'),
      printable(text),
      printableLine(text),
      ...base64Forms(text),
    ]) {
      forms.add(form);
    }
  }
  return forms;
}

const lowerHex = (encoded: string): string => encoded.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());

/**
 * The Base64 of the value, also where other bytes come before it, as in `user:password` of HTTP's Basic: of each of
 * the three alignments, the characters that depend on nothing but the value.
 */
function base64Forms(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const forms = [bytes.toString('base64').replace(/=+$/, '')];
  for (const lead of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(lead), bytes]).toString('base64');
    const from = Math.ceil((lead * 8) / 6);
    const to = Math.floor(((lead + bytes.length) * 8) / 6);
    const inner = encoded.slice(from, to);
    if (inner.length >= 8) forms.push(inner);
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
