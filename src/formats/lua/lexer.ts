import { Refused } from '../outcome.js';
import { positionAt } from '../source.js';
import { reservedWords, type Token } from './token.js';

/*
 * The lexical rules of Lua 5.4 as its own llex.c applies them. Three of them surprise: a lone carriage return is a
 * line break (so it ends a `--` comment), only ASCII letters make a name whatever the locale, and a numeral swallows
 * every letter that follows it, so `3x` is one malformed number and not two tokens.
 */

const spaces = /[ \t\v\f\r\n]*/y;
const restOfName = /[A-Za-z0-9_]*/y;
const longOpening = /\[(=*)\[/y;
const restOfLine = /[^\r\n]*/y;
const plainStringPart = { '"': /[^"\\\r\n]*/y, "'": /[^'\\\r\n]*/y } as const;
const numeralHere = /0[xX](?:[pP][+-]?|[0-9a-fA-F.])*|(?:[eE][+-]?|[0-9a-fA-F.])+/y;
const decimal = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const hexadecimal = /^0[xX](?:[\da-fA-F]+\.?[\da-fA-F]*|\.[\da-fA-F]+)(?:[pP][+-]?\d+)?$/;
const escape =
  /\\(?:[abfnrtv\\"']|\r\n|\n\r|[\r\n]|z[ \t\v\f\r\n]*|x[\da-fA-F]{2}|u\{[\da-fA-F]+\}|\d{1,3})/y;
const longOperator = /\.\.\.|\.\.|==|~=|<=|>=|<<|>>|\/\/|::/y;
const shortOperators = '+-*/%^#&~|<>=(){}[];:,.';

/** What web pages and word processors make of quotation marks, dashes and blanks, in UTF-8. */
const lookalikes: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/\xe2\x80[\x98-\x9f]/y, 'this is a quotation mark of print, and Lua knows only " and \''],
  [/\xe2\x80[\x90-\x95]/y, 'this is a dash of print, and Lua knows only -'],
  [/\xc2\xa0|\xe2\x80[\x80-\x8b\xaf]/y, 'this is a blank that Lua does not skip'],
];

/** Why Lua cannot read on, and from where. */
interface Malformed {
  readonly at: number;
  readonly reason: string;
}

/** The end of what `pattern` (sticky) matches at `at`, or -1. */
function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** The refusal of a program that Lua itself would not load. */
export const syntaxError = (text: string, at: number, reason: string): Refused =>
  new Refused('syntax', reason, positionAt(text, at));

/** Where the code of a file starts: `luac` and `lua` skip a byte order mark and a first line that starts with `#`. */
export function codeStart(text: string): number {
  const start = text.startsWith('\xef\xbb\xbf') ? 3 : 0;
  return text[start] === '#' ? matchEnd(restOfLine, text, start) : start;
}

/** The end of the long bracket (`[[…]]`, `[==[…]==]`) that opens at `at`; undefined when none opens there. */
function longBracketEnd(text: string, at: number, noun: string): number | Malformed | undefined {
  const opened = matchEnd(longOpening, text, at);
  if (opened === -1) return undefined;
  const close = `]${'='.repeat(opened - at - 2)}]`;
  const closed = text.indexOf(close, opened);
  return closed === -1
    ? { at, reason: `this long ${noun} is never closed by ${close}` }
    : closed + close.length;
}

function escapeEnd(text: string, at: number): number | Malformed {
  const end = matchEnd(escape, text, at);
  const written = text.slice(at, Math.max(end, at));
  const byte = /^\\(\d+)$/.exec(written)?.[1] ?? '0';
  const codePoint = /^\\u\{([\da-fA-F]+)\}$/.exec(written)?.[1] ?? '0';
  const isTooLarge = Number(byte) > 255 || Number.parseInt(codePoint, 16) >= 2 ** 31;
  return end === -1 || isTooLarge ? { at, reason: 'this is not an escape sequence of Lua' } : end;
}

function quotedStringEnd(text: string, start: number, quote: '"' | "'"): number | Malformed {
  let at = start + 1;
  for (;;) {
    at = matchEnd(plainStringPart[quote], text, at);
    if (text[at] === quote) return at + 1;
    if (text[at] !== '\\') return { at: start, reason: 'this string is not closed on its line' };
    const escaped = escapeEnd(text, at);
    if (typeof escaped !== 'number') return escaped;
    at = escaped;
  }
}

function numeralEnd(text: string, start: number): number | Malformed {
  const end = matchEnd(restOfName, text, matchEnd(numeralHere, text, start));
  const written = text.slice(start, end);
  if (decimal.test(written) || hexadecimal.test(written)) return end;
  return { at: start, reason: 'this is not a well-formed number' };
}

function operatorEnd(text: string, start: number): number | Malformed {
  // Every long operator ends in one of these, and few tokens have one behind them.
  const end = '.=<>/:'.includes(text.charAt(start + 1)) ? matchEnd(longOperator, text, start) : -1;
  if (end !== -1) return end;
  if (shortOperators.includes(text.charAt(start))) return start + 1;
  const printed = lookalikes.find(([pattern]) => matchEnd(pattern, text, start) !== -1);
  return { at: start, reason: printed?.[1] ?? 'this character has no meaning in Lua here' };
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';
const isNameStart = (character: string): boolean =>
  (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character === '_';

/** The token that starts at `start`, which is neither a blank nor the end. */
function scanned(text: string, start: number): Scan {
  const first = text.charAt(start);
  if (isNameStart(first)) {
    const end = matchEnd(restOfName, text, start);
    const word = text.slice(start, end);
    return { kind: reservedWords.has(word) ? word : 'name', start, end };
  }
  if (first === '"' || first === "'") return scan('string', start, quotedStringEnd(text, start, first));
  if (isDigit(first) || (first === '.' && isDigit(text.charAt(start + 1)))) {
    return scan('number', start, numeralEnd(text, start));
  }
  if (text.startsWith('--', start)) {
    const end = longBracketEnd(text, start + 2, 'comment') ?? matchEnd(restOfLine, text, start + 2);
    return scan('comment', start, end);
  }
  if (first !== '[') return operator(text, start);
  const end = longBracketEnd(text, start, 'string');
  if (end !== undefined) return scan('string', start, end);
  return text[start + 1] === '='
    ? scan('string', start, { at: start, reason: 'this long string opens with a malformed bracket' })
    : { kind: '[', start, end: start + 1 };
}

function operator(text: string, start: number): Scan {
  const end = operatorEnd(text, start);
  return scan(typeof end === 'number' ? text.slice(start, end) : '', start, end);
}

const scan = (kind: string, start: number, end: number | Malformed): Scan =>
  typeof end === 'number' ? { kind, start, end } : { kind: 'malformed', start, ...end };

/** A token, or the place where Lua's own lexer stops, with the start of the token that it was in. */
export type Scan = Token | (Malformed & { readonly kind: 'malformed'; readonly start: number });

/** The token at or after `at`, comments included. */
export function scanAt(text: string, at: number): Scan {
  const start = matchEnd(spaces, text, at);
  return start === text.length ? { kind: 'end-of-file', start, end: start } : scanned(text, start);
}

/**
 * The token at or after `at`, comments included.
 *
 * @throws Refused where Lua's own lexer stops.
 */
export function tokenAt(text: string, at: number): Token {
  const found = scanAt(text, at);
  if ('reason' in found) throw syntaxError(text, found.at, found.reason);
  return found;
}
