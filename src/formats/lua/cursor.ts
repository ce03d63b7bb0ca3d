import type { Refused } from '../outcome.js';
import type { Span } from '../source.js';
import { codeStart, syntaxError, tokenAt } from './lexer.js';
import type { Token } from './token.js';

/** How deep constructs may nest. Lua's own limit (LUAI_MAXCCALLS) is 200, less what its caller has used up. */
const deepest = 190;

/** The tokens of a file, one at a time, comments set aside. */
export interface Cursor {
  readonly text: string;
  readonly comments: readonly Span[];
  /** The token that has not been taken yet. */
  peek(): Token;
  /** The token behind that one. */
  peekNext(): Token;
  take(): Token;
  /** Takes the token if it is of this kind. */
  takeIf(kind: string): Token | undefined;
  /** Takes a token of this kind; `within` says what it belongs to, for the refusal. */
  expect(kind: string, within: string): Token;
  /** The end of the token taken last. */
  lastEnd(): number;
  /** Runs `parse` with what it is given one level deeper; refuses what Lua refuses as nested too deeply. */
  deeper<Given, T>(parse: (given: Given) => T, given: Given): T;
  refusal(at: number, reason: string): Refused;
}

/** A token as a refusal may show it: never what a string holds, which may be a password. */
const nameOf = (text: string, token: Token): string => {
  if (token.kind === 'string') return 'a string';
  const written = text.slice(token.start, Math.min(token.end, token.start + 20)).replaceAll(/[^ -~]/g, '?');
  return token.kind === 'end-of-file' ? 'the end of the file' : `\`${written}\``;
};

/** Reads a file from its first token on. */
export function createCursor(text: string): Cursor {
  const comments: Span[] = [];
  const read = (from: number): Token => {
    let token = tokenAt(text, from);
    while (token.kind === 'comment') {
      comments.push({ start: token.start, end: token.end });
      token = tokenAt(text, token.end);
    }
    return token;
  };
  let current = read(codeStart(text));
  let following: Token | undefined;
  let lastEnd = current.start;
  let depth = 0;

  const cursor: Cursor = {
    text,
    comments,
    peek: () => current,
    peekNext: () => (following ??= read(current.end)),
    take() {
      const taken = current;
      lastEnd = taken.end;
      current = following ?? read(taken.end);
      following = undefined;
      return taken;
    },
    takeIf: (kind) => (current.kind === kind ? cursor.take() : undefined),
    expect(kind, within) {
      if (current.kind === kind) return cursor.take();
      throw cursor.refusal(
        current.start,
        `expected ${kind === 'name' ? 'a name' : `\`${kind}\``} ${within}, found ${nameOf(text, current)}`,
      );
    },
    lastEnd: () => lastEnd,
    deeper(parse, given) {
      depth += 1;
      if (depth > deepest) throw cursor.refusal(current.start, 'this is nested more deeply than Lua allows');
      const parsed = parse(given);
      depth -= 1;
      return parsed;
    },
    refusal: (at, reason) => syntaxError(text, at, reason),
  };
  return cursor;
}
