import { type LuaValue, sameValue } from '../lua/value.js';
import { type EditOutcome, Refused } from '../outcome.js';
import { positionAt, textOf } from '../source.js';
import { type EditedFile, undoEdits } from '../three-way.js';
import { readProsody } from './read.js';
import { optionsSeen, sameSeen, type Seen } from './seen.js';

interface Versions<T> {
  readonly before: T;
  readonly after: T;
  readonly now: T;
}

/** A list with its entries in an order that only depends on them. */
const unordered = (list: readonly LuaValue[]): readonly string[] =>
  list.map((entry) => JSON.stringify(entry)).sort();

const without = (list: readonly LuaValue[], gone: readonly LuaValue[]): readonly LuaValue[] =>
  list.filter((entry) => !gone.some((other) => sameValue(entry, other)));

const listIn = (seen: Seen | undefined): readonly LuaValue[] | undefined =>
  seen?.is === 'value' && Array.isArray(seen.value) ? (seen.value as readonly LuaValue[]) : undefined;

/** Whether a list is what it is now, less what our edit put in, plus what it took out. */
function isListUndone(undone: Seen | undefined, { before, after, now }: Versions<Seen | undefined>): boolean {
  const lists = [undone, before, after, now].map((seen) => (seen === undefined ? [] : listIn(seen)));
  const [result, old, ours, theirs] = lists;
  if (!result || !old || !ours || !theirs) return false;
  const wanted = [...without(theirs, without(ours, old)), ...without(old, ours)];
  return unordered(result).join() === unordered(wanted).join();
}

/** Whether an option is what it should be once our edit is out. */
function isUndone(undone: Seen | undefined, versions: Versions<Seen | undefined>): boolean {
  const { before, after, now } = versions;
  if (sameSeen(after, now)) return sameSeen(undone, before);
  if (sameSeen(before, after) || sameSeen(before, now)) return sameSeen(undone, now);
  return isListUndone(undone, versions);
}

function checked(undone: Uint8Array, files: EditedFile): EditOutcome {
  const optionsOf = (bytes: Uint8Array) => optionsSeen(readProsody(textOf(bytes)));
  const [result, before, after, now] = [undone, files.before, files.after, files.now].map(optionsOf);
  const keys = [result, before, after, now].flatMap((options) => [...(options?.keys() ?? [])]);
  for (const key of new Set(keys)) {
    const versions = { before: before?.get(key), after: after?.get(key), now: now?.get(key) };
    if (isUndone(result?.get(key), versions)) continue;
    const at = (now?.get(key) ?? result?.get(key))?.at ?? 0;
    const reason = 'this was changed after our edit in a way that belongs together with it';
    throw new Refused('undo-overlap', reason, positionAt(textOf(files.now), at));
  }
  return { is: 'edited', bytes: undone };
}

/**
 * Takes an edit of ours out of a Prosody file that may have been changed since ({@link undoEdits}), and makes sure of
 * what is left: what we changed is as it was before, what others changed is as they left it, in the section in which
 * they left it. An option that somebody has added to a section of ours is refused, not moved to another section.
 */
export function undoProsody(files: EditedFile): EditOutcome {
  const outcome = undoEdits(files);
  if (outcome.is !== 'edited') return outcome;
  try {
    return checked(outcome.bytes, files);
  } catch (error) {
    if (error instanceof Refused) return { is: 'refused', refusal: error };
    throw error;
  }
}
