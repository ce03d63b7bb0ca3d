/** One node of a regular expression over bytes (one latin1 character each). */
export type Pattern =
  /** One byte out of a set: `set[code]` is 1 for its members. */
  | { readonly is: 'byte'; readonly set: Uint8Array }
  | { readonly is: 'sequence'; readonly parts: readonly Pattern[] }
  | { readonly is: 'choice'; readonly options: readonly Pattern[] }
  | { readonly is: 'repeat'; readonly part: Pattern; readonly least: number; readonly most: number }
  /** A place without width: the text's start, its end (`$` also just before a last newline), a word's edge. */
  | { readonly is: 'place'; readonly holds: Place }
  | { readonly is: 'look'; readonly part: Pattern; readonly ahead: boolean; readonly wanted: boolean };

/** Whether a condition without width holds at an offset of a text. */
export type Place = (text: string, at: number) => boolean;

/** A part of PCRE that is not modelled; what it would match cannot be told. */
export class UnknownPattern extends Error {
  override readonly name = 'UnknownPattern';
}
