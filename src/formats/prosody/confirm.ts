import type { Change } from './change.js';
import type { ProsodyFile, SectionName } from './model.js';
import { optionKey, optionsSeen, sameSeen } from './seen.js';

const sectionsOf = ({ stretches }: ProsodyFile): string[] =>
  stretches.map(({ section }) => JSON.stringify(section));

/**
 * Compares a file before and after a change with what the change was to do.
 *
 * @throws Error when anything else has changed, or the wanted has not: a bug of ours, and nothing has been written.
 */
export function confirm(before: ProsodyFile, after: ProsodyFile, { wanted, newSection }: Change): void {
  const expected = new Map(optionsSeen(before));
  if (newSection) expected.set(optionKey(newSection, ''), { is: 'value', value: true, at: 0 });
  for (const { section, option, value } of wanted) {
    if (value === undefined) expected.delete(optionKey(section, option));
    else expected.set(optionKey(section, option), { is: 'value', value, at: 0 });
  }
  const found = optionsSeen(after);
  const wrong: string[] = [];
  for (const [key, seen] of expected) if (!sameSeen(seen, found.get(key))) wrong.push(key);
  for (const key of found.keys()) if (!expected.has(key)) wrong.push(key);
  if (wrong.length > 0) {
    throw new Error(`an edit of a Prosody file would have left ${wrong.join(', ')} wrong`);
  }
  confirmSections(before, after, newSection);
}

function confirmSections(before: ProsodyFile, after: ProsodyFile, added: SectionName | undefined): void {
  const found = sectionsOf(after);
  if (added) {
    const at = found.indexOf(JSON.stringify(added));
    // One in table form is followed by a stretch of global options that was not there before.
    found.splice(at, after.stretches[at]?.table ? 2 : 1);
  }
  if (found.join() !== sectionsOf(before).join()) {
    throw new Error('an edit of a Prosody file would have moved a section');
  }
  const isCertain =
    after.hazards.length === before.hazards.length && after.conditional.length === before.conditional.length;
  if (!isCertain) {
    throw new Error('an edit of a Prosody file would have made its code uncertain');
  }
}
