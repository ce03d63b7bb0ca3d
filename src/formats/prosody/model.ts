import type { Position, Span } from '../source.js';
import type { CallExpression, Chunk, Expression, Field, Statement, TableExpression } from '../lua/tree.js';

/** What a section is called, as Prosody compares it. */
export type SectionName =
  | { readonly is: 'global' }
  | { readonly is: 'host'; readonly name: string }
  /** `module` is `component` for one without a module: an external component. */
  | { readonly is: 'component'; readonly name: string; readonly module: string }
  /** A name, or a module, that only a run of the file can tell. */
  | { readonly is: 'computed'; readonly kind: 'host' | 'component' };

/** One place that gives an option a value. */
export interface OptionPlace extends Span {
  readonly option: string;
  /** Undefined where the value is not an expression of its own (`a, b = f()`). */
  readonly value: Expression | undefined;
  /** What holds it: a statement of its own, one of several options, or an entry of a section's table. */
  readonly within:
    | { readonly is: 'statement' }
    | { readonly is: 'shared-statement' }
    | { readonly is: 'field'; readonly field: Field };
}

/**
 * A stretch of a file whose options belong to one section: from a `VirtualHost` or `Component` to the next one,
 * or what stands between `{` and `}` of one in table form, which is followed by global options again.
 */
export interface Stretch {
  readonly section: SectionName;
  /** Undefined for global options. */
  readonly header: CallExpression | undefined;
  /** Set when the options are a table behind the header. */
  readonly table: TableExpression | undefined;
  readonly options: readonly OptionPlace[];
  /** Every statement of the stretch but the header's own. */
  readonly statements: readonly Statement[];
}

/** An option that is set on a condition, in a loop or in a function, if at all. */
export interface ConditionalOption {
  readonly option: string;
  /** Undefined in a function, which may be called in any section. */
  readonly section: SectionName | undefined;
  readonly at: number;
}

/** Something in the code of a file that keeps an editor from knowing what Prosody will see. */
export interface Hazard {
  readonly code: string;
  readonly reason: string;
  readonly at: number;
}

/** A Prosody file as Prosody reads it from top to bottom. */
export interface ProsodyFile {
  readonly chunk: Chunk;
  /** The place for a person: that in the file as it was given, however often it has been edited since. */
  readonly positionOf: (offset: number) => Position;
  readonly stretches: readonly Stretch[];
  /** With even one of these no section of the file is certain. */
  readonly hazards: readonly Hazard[];
  readonly conditional: readonly ConditionalOption[];
  /** Local variables and functions, and where they are made: assigning to one of these sets no option. */
  readonly localNames: ReadonlyMap<string, number>;
  /** The files that `Include` names, as far as the names are written out. */
  readonly includes: readonly { readonly path: string | undefined; readonly at: number }[];
}
