import type { LuaValue } from '../lua/value.js';
import type { Span } from '../source.js';
import type { Splice } from '../splice.js';
import type { SectionName } from './model.js';

/** The value that an option is to have after a change; undefined where it is to have none. */
export interface WantedOption {
  readonly section: SectionName;
  readonly option: string;
  readonly value: LuaValue | undefined;
}

/** How a file is to be changed, and what must then be true of it. */
export interface Change {
  readonly splices: readonly Splice[];
  readonly wanted: readonly WantedOption[];
  /** Set when the change adds a section. */
  readonly newSection?: SectionName;
  /** Set when the change adds an option: behind what, undefined for the start of the file. */
  readonly added?: { readonly option: string; readonly behind: Span | undefined };
}

/** A change that is none. */
export const noChange: Change = { splices: [], wanted: [] };
