import { type LuaValue, sameValue, worthOf } from '../lua/value.js';
import type { ProsodyFile, SectionName } from './model.js';

/** What an option has in the end, and where: a value, or code whose value only a run can tell. */
export type Seen = { readonly at: number } & (
  | { readonly is: 'value'; readonly value: LuaValue }
  | { readonly is: 'code'; readonly code: string }
);

/** The options of a file by {@link optionKey}. */
export type SeenOptions = ReadonlyMap<string, Seen>;

/**
 * A section and one of its options as one key. The option `` stands for the section itself. A component's module is
 * no part of it: Prosody merges sections of one name, and the module of the last one counts.
 */
export const optionKey = (section: SectionName, option: string): string => keysIn(section)(option);

/** The keys of one section's options. */
function keysIn(section: SectionName): (option: string) => string {
  const start = JSON.stringify([section.is, 'name' in section ? section.name : '']).slice(0, -1);
  return (option) => `${start},${JSON.stringify(option)}]`;
}

/** A file is asked twice: as what an edit leaves, and as what the next one starts from. */
const seenBefore = new WeakMap<ProsodyFile, SeenOptions>();

/** Every section and option of a file with the value that Prosody would end up with. */
export function optionsSeen(file: ProsodyFile): SeenOptions {
  const found = seenBefore.get(file) ?? readSeen(file);
  seenBefore.set(file, found);
  return found;
}

function readSeen({ chunk, stretches }: ProsodyFile): SeenOptions {
  const seen = new Map<string, Seen>();
  for (const { section, header, options } of stretches) {
    const keyOf = keysIn(section);
    seen.set(keyOf(''), { is: 'value', value: true, at: header?.start ?? 0 });
    for (const { option, value, start, end } of options) {
      const worth = value && worthOf(chunk.text, value);
      const code = value ? chunk.text.slice(value.start, value.end) : chunk.text.slice(start, end);
      seen.set(
        keyOf(option),
        worth?.is === 'known'
          ? { is: 'value', value: worth.value, at: start }
          : { is: 'code', code, at: start },
      );
    }
  }
  return seen;
}

/** Whether two options have the same value, or are the same code. */
export function sameSeen(left: Seen | undefined, right: Seen | undefined): boolean {
  if (left?.is === 'value' && right?.is === 'value') return sameValue(left.value, right.value);
  if (left?.is === 'code' && right?.is === 'code') return left.code === right.code;
  return left === undefined && right === undefined;
}
