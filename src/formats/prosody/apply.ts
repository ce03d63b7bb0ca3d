import { type EditOutcome, Refused } from '../outcome.js';
import { bytesOf, textOf } from '../source.js';
import { type Batch, batchOf, flushed, isIndependent, pendingSpan, withChange } from './batch.js';
import type { Change } from './change.js';
import type { ProsodyEdit } from './edit.js';
import { hostChange } from './host-change.js';
import { findSection, type FoundSection, placesOf, requireSection } from './lookup.js';
import type { ProsodyFile } from './model.js';
import { addChange, removeChange, setChange, unsetChange } from './option-change.js';
import { readProsody } from './read.js';

type OptionEdit = Exclude<ProsodyEdit, { is: 'virtual-host' | 'set-seen-by' }>;

/** The same edit in terms of the sections that the file has. */
function optionEdits(file: ProsodyFile, edit: ProsodyEdit): readonly OptionEdit[] | undefined {
  switch (edit.is) {
    case 'virtual-host': {
      const section = { host: edit.name };
      if (findSection(file, section) === undefined) return undefined;
      return Object.entries(edit.options).map(([option, value]) =>
        option === 'modules_enabled' && Array.isArray(value)
          ? { is: 'add', section, option, values: (value as readonly unknown[]).map(String) }
          : { is: 'set', section, option, value },
      );
    }
    case 'set-seen-by': {
      const { section, option, value } = edit;
      const isOwn = placesOf(requireSection(file, section), option).length > 0;
      return [{ is: 'set', section: isOwn ? section : 'global', option, value }];
    }
    case 'set':
    case 'add':
    case 'remove':
    case 'unset':
      return [edit];
  }
}

function optionChange(batch: Batch, section: FoundSection, edit: OptionEdit): Change {
  const { file } = batch;
  switch (edit.is) {
    case 'set': {
      const after = edit.after ?? '';
      const behind = placesOf(section, after).at(-1) ?? pendingSpan(batch, section.name, after);
      return setChange(file, section, { ...edit, behind });
    }
    case 'add':
      return addChange(file, section, edit.option, edit.values);
    case 'remove':
      return removeChange(file, section, edit.option, edit.values);
    case 'unset':
      return unsetChange(file, section, edit.option);
  }
}

function withOptionEdit(batch: Batch, edit: OptionEdit): Batch {
  // What is taken away may be what another change stands behind, so it is never left pending.
  const takesAway = edit.is === 'remove' || edit.is === 'unset';
  const section = takesAway || batch.pending.newSection ? undefined : findSection(batch.file, edit.section);
  const ready = section && isIndependent(batch, section, edit.option) ? batch : flushed(batch);
  const change = optionChange(ready, requireSection(ready.file, edit.section), edit);
  return takesAway ? flushed(withChange(ready, change)) : withChange(ready, change);
}

function withEdit(batch: Batch, edit: ProsodyEdit): Batch {
  const ready = batch.pending.newSection ? flushed(batch) : batch;
  const edits = optionEdits(ready.file, edit);
  if (edits) return edits.reduce(withOptionEdit, ready);
  return edit.is === 'virtual-host' ? withChange(ready, hostChange(ready.file, edit)) : ready;
}

/**
 * Makes edits in a Prosody file, in order, and changes nothing else in it. The result is read again and
 * compared: the options that the edit names have the wanted values, and all others have theirs.
 *
 * @throws Error when that comparison fails, which is a bug.
 */
export function editProsody(source: Uint8Array, edits: readonly ProsodyEdit[]): EditOutcome {
  const text = textOf(source);
  try {
    const edited = flushed(edits.reduce(withEdit, batchOf(readProsody(text)))).file.chunk.text;
    return edited === text ? { is: 'already' } : { is: 'edited', bytes: bytesOf(edited) };
  } catch (error) {
    if (error instanceof Refused) return { is: 'refused', refusal: error };
    throw error;
  }
}
