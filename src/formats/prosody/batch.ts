import type { Span } from '../source.js';
import { placeBefore, spliced } from '../splice.js';
import { type Change, noChange } from './change.js';
import { confirm } from './confirm.js';
import type { FoundSection } from './lookup.js';
import type { ProsodyFile, SectionName } from './model.js';
import { readProsody } from './read.js';
import { optionKey } from './seen.js';

/**
 * A file, and changes to it that are decided but not made yet. Changes that do not touch each other are made at once,
 * so that a long file is read twice for a dozen edits and not a dozen times.
 */
export interface Batch {
  readonly file: ProsodyFile;
  readonly pending: Change;
  /** The options that are pending, and for a new one what it will stand behind. */
  readonly options: ReadonlyMap<string, Change['added']>;
}

/** A file with nothing pending. */
export const batchOf = (file: ProsodyFile): Batch => ({ file, pending: noChange, options: new Map() });

/** Makes what is pending, reads the file again and confirms that this and nothing else has changed. */
export function flushed({ file, pending }: Batch): Batch {
  if (pending.splices.length === 0) return batchOf(file);
  const after = readProsody(spliced(file.chunk.text, pending.splices), (offset) =>
    file.positionOf(placeBefore(pending.splices, offset)),
  );
  confirm(file, after, pending);
  return batchOf(after);
}

/** Adds a change to what is pending. */
export function withChange({ file, pending, options }: Batch, change: Change): Batch {
  const more = change.wanted.map(
    ({ section, option }) => [optionKey(section, option), change.added] as const,
  );
  const newSection = change.newSection ?? pending.newSection;
  return {
    file,
    pending: {
      splices: [...pending.splices, ...change.splices],
      wanted: [...pending.wanted, ...change.wanted],
      ...(newSection ? { newSection } : {}),
    },
    options: new Map([...options, ...more]),
  };
}

/** What an option that is pending will stand behind, so that the next one can stand behind it. */
export const pendingSpan = (batch: Batch, section: SectionName, option: string): Span | undefined =>
  batch.options.get(optionKey(section, option))?.behind;

/** Whether an edit of an option can be decided while the pending changes have not been made. */
export function isIndependent(batch: Batch, section: FoundSection, option: string): boolean {
  const { pending, options } = batch;
  if (pending.newSection || options.has(optionKey(section.name, option))) return false;
  const isInTable = section.stretches[0].table !== undefined;
  return pending.wanted.every((other) => {
    // Which component holds the meetings is itself told by options with this word in their names.
    if (other.option.includes('muc')) return false;
    if (optionKey(other.section, '') !== optionKey(section.name, '')) return true;
    const added = options.get(optionKey(other.section, other.option));
    return !isInTable && (added === undefined || added.behind !== undefined);
  });
}
