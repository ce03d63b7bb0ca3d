import type { Splice } from './splice.js';

/** What is to be done to a text, as far as it has been planned. */
export interface Plan {
  readonly splices: readonly Splice[];
  /** Lines for the end of the file. */
  readonly lines: readonly string[];
  /** Set when it adds to or takes from a list, whose commas and lines no other such plan can then count on. */
  readonly inList?: boolean;
}

export const NOTHING: Plan = { splices: [], lines: [] };
