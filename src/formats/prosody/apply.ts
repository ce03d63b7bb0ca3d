import { type EditOutcome, Refused } from '../outcome.js';
import { bytesOf, textOf } from '../source.js';
import { spliced } from '../splice.js';
import type { Change } from './change.js';
import { confirm } from './confirm.js';
import type { ProsodyEdit } from './edit.js';
import { hostChange } from './host-change.js';
import { findSection, placesOf, requireSection } from './lookup.js';
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

function optionChange(file: ProsodyFile, edit: OptionEdit): Change {
  const section = requireSection(file, edit.section);
  switch (edit.is) {
    case 'set':
      return setChange(file, section, edit);
    case 'add':
      return addChange(file, section, edit.option, edit.values);
    case 'remove':
      return removeChange(file, section, edit.option, edit.values);
    case 'unset':
      return unsetChange(file, section, edit.option);
  }
}

function changed(file: ProsodyFile, change: Change): ProsodyFile {
  if (change.splices.length === 0) return file;
  const after = readProsody(spliced(file.chunk.text, change.splices));
  confirm(file, after, change);
  return after;
}

function applied(file: ProsodyFile, edit: ProsodyEdit): ProsodyFile {
  const edits = optionEdits(file, edit);
  if (edits) return edits.reduce((state, each) => changed(state, optionChange(state, each)), file);
  return edit.is === 'virtual-host' ? changed(file, hostChange(file, edit)) : file;
}

/**
 * Makes edits in a Prosody file, in order, and changes nothing else in it. After each the file is read again and
 * compared: the options that the edit names have the wanted values, and all others have theirs.
 *
 * @throws Error when that comparison fails, which is a bug.
 */
export function editProsody(source: Uint8Array, edits: readonly ProsodyEdit[]): EditOutcome {
  const text = textOf(source);
  try {
    const edited = edits.reduce(applied, readProsody(text)).chunk.text;
    return edited === text ? { is: 'already' } : { is: 'edited', bytes: bytesOf(edited) };
  } catch (error) {
    if (error instanceof Refused) return { is: 'refused', refusal: error };
    throw error;
  }
}
