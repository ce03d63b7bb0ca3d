import type { Pattern } from './pattern.js';

/** At most this many examples of one pattern are made. */
const most = 24;

/**
 * Some texts that a pattern is likely to match: every choice once, repeats as short as allowed and a little longer.
 *
 * Conditions without width are ignored, so a caller tests each text before it trusts one.
 */
export function examplesOf(pattern: Pattern): readonly string[] {
  switch (pattern.is) {
    case 'byte':
      return [exampleByte(pattern.set)];
    case 'place':
    case 'look':
      return [''];
    case 'choice':
      return few(pattern.options.flatMap(examplesOf));
    case 'sequence':
      return pattern.parts.reduce<readonly string[]>((heads, part) => joined(heads, examplesOf(part)), ['']);
    case 'repeat': {
      const part = examplesOf(pattern.part);
      const counts = [pattern.least, Math.min(pattern.most, Math.max(pattern.least, 2))];
      return few(
        [...new Set(counts)].flatMap((count) => part.map((text) => text.repeat(Math.min(count, 16)))),
      );
    }
  }
}

const few = (texts: readonly string[]): readonly string[] => [...new Set(texts)].slice(0, most);

/** Heads and tails side by side, the shorter list repeated: not every pair, but every one of both. */
const joined = (heads: readonly string[], tails: readonly string[]): readonly string[] =>
  Array.from(
    { length: Math.min(most, Math.max(heads.length, tails.length)) },
    (_, index) => (heads[index % heads.length] ?? '') + (tails[index % tails.length] ?? ''),
  );

/** The bytes that read best in a path, best first. */
const plainBytes = Array.from(Buffer.from('xaA1/._-'));

/** The plainest member of a set: a letter where there is one, else any printable character, else whatever is in it. */
function exampleByte(set: Uint8Array): string {
  const plain = plainBytes.find((code) => set[code] === 1);
  const printable = plain ?? set.findIndex((member, code) => member === 1 && code > 32 && code < 127);
  const code = printable === -1 ? set.indexOf(1) : printable;
  return code === -1 ? '' : String.fromCharCode(code);
}
