import { type LuaValue, sameValue, worthOf } from '../lua/value.js';
import type { Change } from './change.js';
import type { ProsodyFile, SectionName } from './model.js';

type Seen =
  | { readonly is: 'value'; readonly value: LuaValue }
  | { readonly is: 'code'; readonly code: string };

const keyOf = (section: SectionName, option: string): string => JSON.stringify([section, option]);

/** Every option of every section with the value that Prosody would end up with. */
function optionsSeen({ chunk, stretches }: ProsodyFile): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const { section, options } of stretches) {
    for (const { option, value, start, end } of options) {
      const worth = value && worthOf(chunk.text, value);
      const code = value ? chunk.text.slice(value.start, value.end) : chunk.text.slice(start, end);
      seen.set(
        keyOf(section, option),
        worth?.is === 'known' ? { is: 'value', value: worth.value } : { is: 'code', code },
      );
    }
  }
  return seen;
}

function sameSeen(left: Seen | undefined, right: Seen | undefined): boolean {
  if (left?.is === 'value' && right?.is === 'value') return sameValue(left.value, right.value);
  if (left?.is === 'code' && right?.is === 'code') return left.code === right.code;
  return left === right;
}

const sectionsOf = ({ stretches }: ProsodyFile): string[] =>
  stretches.map(({ section }) => JSON.stringify(section));

/**
 * Compares a file before and after a change with what the change was to do.
 *
 * @throws Error when anything else has changed, or the wanted has not: a bug of ours, and nothing has been written.
 */
export function confirm(before: ProsodyFile, after: ProsodyFile, { wanted, newSection }: Change): void {
  const expected = optionsSeen(before);
  for (const { section, option, value } of wanted) {
    if (value === undefined) expected.delete(keyOf(section, option));
    else expected.set(keyOf(section, option), { is: 'value', value });
  }
  const found = optionsSeen(after);
  const wrong = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (key) => !sameSeen(expected.get(key), found.get(key)),
  );
  if (wrong.length > 0)
    throw new Error(`an edit of a Prosody file would have left ${wrong.join(', ')} wrong`);
  confirmSections(before, after, newSection);
}

function confirmSections(before: ProsodyFile, after: ProsodyFile, added: SectionName | undefined): void {
  const found = sectionsOf(after);
  if (added) {
    const at = found.indexOf(JSON.stringify(added));
    // One in table form is followed by a stretch of global options that was not there before.
    found.splice(at, after.stretches[at]?.table ? 2 : 1);
  }
  if (found.join() !== sectionsOf(before).join())
    throw new Error('an edit of a Prosody file would have moved a section');
  if (
    after.hazards.length > before.hazards.length ||
    after.conditional.length !== before.conditional.length
  ) {
    throw new Error('an edit of a Prosody file would have made its code uncertain');
  }
}
