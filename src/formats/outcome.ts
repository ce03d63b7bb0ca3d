import type { Position } from './source.js';

/** Why an editor will not touch a file, with the place. Nothing has been changed when this is thrown. */
export class Refused extends Error {
  override readonly name = 'Refused';

  /** Short and stable, in kebab-case, for tables and tests: `syntax`, `host-not-found`, `computed-name`. */
  readonly code: string;
  /** One sentence for a person. */
  readonly reason: string;
  readonly at: Position;

  constructor(code: string, reason: string, at: Position) {
    super(`line ${at.line}, column ${at.column}: ${reason}`);
    this.code = code;
    this.reason = reason;
    this.at = at;
  }
}

/** What an editor did with a file. */
export type EditOutcome =
  | { readonly is: 'edited'; readonly bytes: Uint8Array }
  | { readonly is: 'already' }
  | { readonly is: 'refused'; readonly refusal: Refused };

/** Something a lint found in a config file. */
export interface Finding {
  /** Short and stable, in kebab-case: `asap-in-last-component`. */
  readonly code: string;
  readonly at: Position;
  /** What it breaks for users. */
  readonly breaks: string;
  /** What to do about it. */
  readonly fix: string;
}
