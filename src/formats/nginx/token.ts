import { Refused } from '../outcome.js';
import { positionAt, type Span } from '../source.js';

/** One word of a directive: where it stands (with its quotes) and what nginx takes it for. */
export interface Word extends Span {
  readonly is: 'word';
  /** Quotes taken off, escapes resolved; variables stay as they are written. */
  readonly value: string;
}

/** A comment from its `#` to the end of its line, without the line ending. */
export interface Comment extends Span {
  readonly is: 'comment';
}

/** What nginx reads next from a config file. */
export type Token = Word | Comment | (Span & { readonly is: ';' | '{' | '}' | 'end of file' });

/** nginx reads its files through a buffer of this many bytes; no word or comment may fill it (NGX_CONF_BUFFER). */
const bufferBytes = 4096;

const isSpace = (char: string | undefined): boolean =>
  char === ' ' || char === '\t' || char === '\r' || char === '\n';

/**
 * Reads one token by the rules of ngx_conf_read_token (nginx, src/core/ngx_conf_file.c).
 *
 * Quotes and `#` mean something only at the start of a word, `{` right after `$` belongs to the word, a backslash
 * takes the next character with it, and a closing quote must be followed by a space, `;`, `{` or `)`.
 * Throws {@link Refused} where nginx stops.
 */
export function readToken(text: string, offset: number): Token {
  let start = offset;
  while (isSpace(text[start])) start += 1;
  const first = text[start];
  switch (first) {
    case undefined:
      return { is: 'end of file', start, end: start };
    case ';':
    case '{':
    case '}':
      return { is: first, start, end: start + 1 };
    case '#':
      return readComment(text, start);
    case '"':
    case "'":
      return readQuoted(text, start, first);
    default:
      return readBare(text, start);
  }
}

function readComment(text: string, start: number): Comment {
  const feed = text.indexOf('\n', start);
  const end = feed === -1 ? text.length : feed;
  if (end - start >= bufferBytes && end < text.length) throw tooLong(text, start);
  return { is: 'comment', start, end: text[end - 1] === '\r' ? end - 1 : end };
}

function readQuoted(text: string, start: number, quote: string): Word {
  const close = wordEnd(text, start + 1, quote);
  if (close === undefined) throw cutOff(text, start, 'the file ends before this quote is closed');
  const after = text[close + 1];
  if (close + 1 - (start + 1) >= bufferBytes) throw tooLong(text, start);
  if (after !== undefined && !isSpace(after) && after !== ';' && after !== '{' && after !== ')') {
    const reason = `unexpected ${JSON.stringify(after)} after a closing quote: nginx wants a space, ";", "{" or ")" there`;
    throw new Refused('syntax', reason, positionAt(text, close + 1));
  }
  return { is: 'word', start, end: close + 1, value: unescaped(text.slice(start + 1, close)) };
}

function readBare(text: string, start: number): Word {
  const end = wordEnd(text, start, '');
  if (end === undefined) throw cutOff(text, start, 'the file ends before this directive\'s ";"');
  if (end - start >= bufferBytes) throw tooLong(text, start);
  return { is: 'word', start, end, value: unescaped(text.slice(start, end)) };
}

/** Offset of the closing quote, or, with no quote, of what ends a bare word. */
function wordEnd(text: string, start: number, quote: string): number | undefined {
  let afterDollar = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{' && afterDollar) continue;
    afterDollar = char === '$';
    if (char === '\\') at += 1;
    else if (quote === '' ? isSpace(char) || char === ';' || char === '{' : char === quote) return at;
  }
  return undefined;
}

const cutOff = (text: string, start: number, reason: string): Refused =>
  new Refused('syntax', reason, positionAt(text, start));

const tooLong = (text: string, start: number): Refused =>
  new Refused('syntax', `nginx refuses words and comments of ${bufferBytes} bytes`, positionAt(text, start));

const controls: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n' };

/** Only these six escapes are resolved; before any other character the backslash stays (it may be a regex's own). */
const unescaped = (raw: string): string =>
  raw.includes('\\') ? raw.replace(/\\(["'\\trn])/g, (_, char: string) => controls[char] ?? char) : raw;
