import {
  anyByte,
  type ByteSet,
  caseless,
  complement,
  escapeSets,
  notNewline,
  posixSets,
  range,
  single,
  union,
  wordByte,
} from './byte-set.js';
import { type Pattern, UnknownPattern } from './pattern.js';

interface Reader {
  readonly source: string;
  at: number;
  depth: number;
}

interface Flags {
  readonly caseless: boolean;
  readonly dotAll: boolean;
}

/** PCRE's own limit on nested parentheses is 250. */
const deepest = 200;

/**
 * Reads a regular expression the way nginx's PCRE does: bytes, C locale, no options but `caseless`.
 *
 * Facts from pcre2pattern(3). Throws {@link UnknownPattern} for what it does not model: back references,
 * possessive and atomic groups, conditions, recursion, Unicode, verbs, and malformed expressions.
 */
export function readPattern(source: string, options: { readonly caseless: boolean }): Pattern {
  if (source.startsWith('(*')) throw new UnknownPattern('a verb');
  const reader: Reader = { source, at: 0, depth: 0 };
  const pattern = readChoice(reader, { caseless: options.caseless, dotAll: false });
  if (reader.at < source.length) throw new UnknownPattern('an unmatched ")"');
  return pattern;
}

const peek = (reader: Reader): string => reader.source.charAt(reader.at);

function take(reader: Reader): string {
  const char = peek(reader);
  reader.at += 1;
  return char;
}

function takeMatch(reader: Reader, sticky: RegExp): RegExpExecArray | null {
  sticky.lastIndex = reader.at;
  const found = sticky.exec(reader.source);
  if (found) reader.at = sticky.lastIndex;
  return found;
}

function readChoice(reader: Reader, outer: Flags): Pattern {
  reader.depth += 1;
  if (reader.depth > deepest) throw new UnknownPattern('too many nested groups');
  let flags = outer;
  let parts: Pattern[] = [];
  const options = [parts];
  while (reader.at < reader.source.length && peek(reader) !== ')') {
    const set = takeMatch(reader, /\(\?([is]*)(?:-([is]*))?\)/y);
    if (set) flags = withFlags(flags, set);
    else if (peek(reader) === '|') {
      reader.at += 1;
      options.push((parts = []));
    } else parts.push(readRepeat(reader, readAtom(reader, flags)));
  }
  reader.depth -= 1;
  return { is: 'choice', options: options.map((each) => ({ is: 'sequence', parts: each })) };
}

function withFlags(flags: Flags, [, on = '', off = '']: RegExpExecArray): Flags {
  const now = (letter: string, before: boolean): boolean =>
    !off.includes(letter) && (before || on.includes(letter));
  return { caseless: now('i', flags.caseless), dotAll: now('s', flags.dotAll) };
}

function readRepeat(reader: Reader, part: Pattern): Pattern {
  const found = takeMatch(reader, /([*+?]|\{(\d{1,5})(,(\d{1,5})?)?\})([?+])?/y);
  if (!found) {
    if (/^\{[\d ,]*\}/.test(reader.source.slice(reader.at, reader.at + 32))) {
      throw new UnknownPattern('a quantifier that versions of PCRE read differently');
    }
    return part;
  }
  const [, mark, low, comma, high, kind] = found;
  if (kind === '+') throw new UnknownPattern('a possessive quantifier');
  if (/^([*+?]|\{\d)/.test(reader.source.slice(reader.at, reader.at + 2))) {
    throw new UnknownPattern('a quantifier of a quantifier');
  }
  if (mark === '*') return { is: 'repeat', part, least: 0, most: Infinity };
  if (mark === '+') return { is: 'repeat', part, least: 1, most: Infinity };
  if (mark === '?') return { is: 'repeat', part, least: 0, most: 1 };
  const most = comma === undefined ? Number(low) : high === undefined ? Infinity : Number(high);
  return { is: 'repeat', part, least: Number(low), most };
}

const start: Pattern = { is: 'place', holds: (_, at) => at === 0 };
const veryEnd: Pattern = { is: 'place', holds: (text, at) => at === text.length };
const end: Pattern = {
  is: 'place',
  holds: (text, at) => at === text.length || (at === text.length - 1 && text[at] === '\n'),
};
const isWord = (text: string, at: number): boolean => wordByte[text.charCodeAt(at)] === 1;
const edge = (wanted: boolean): Pattern => ({
  is: 'place',
  holds: (text, at) =>
    ((at > 0 && isWord(text, at - 1)) !== (at < text.length && isWord(text, at))) === wanted,
});

const bytePattern = (set: ByteSet, flags: Flags): Pattern => ({
  is: 'byte',
  set: flags.caseless ? caseless(set) : set,
});

function readAtom(reader: Reader, flags: Flags): Pattern {
  const char = take(reader);
  switch (char) {
    case '^':
      return start;
    case '$':
      return end;
    case '.':
      return { is: 'byte', set: flags.dotAll ? anyByte : notNewline };
    case '(':
      return readGroup(reader, flags);
    case '[':
      return { is: 'byte', set: readClass(reader, flags) };
    case '\\':
      return readEscape(reader, flags);
    case '*':
    case '+':
    case '?':
      throw new UnknownPattern('a quantifier that follows nothing');
    default:
      return bytePattern(single(char.charCodeAt(0)), flags);
  }
}

function readGroup(reader: Reader, flags: Flags): Pattern {
  const look = takeMatch(reader, /\?(<?)([=!])/y);
  const plain = look ?? takeMatch(reader, /\?:|\?P?<[A-Za-z_]\w{0,31}>|\?'[A-Za-z_]\w{0,31}'/y);
  const set = plain ?? takeMatch(reader, /\?([is]*)(?:-([is]*))?:/y);
  if (!set && (peek(reader) === '?' || peek(reader) === '*')) throw new UnknownPattern('a special group');
  const part = readChoice(reader, set && !plain ? withFlags(flags, set) : flags);
  if (take(reader) !== ')') throw new UnknownPattern('an unclosed group');
  return look ? { is: 'look', part, ahead: look[1] === '', wanted: look[2] === '=' } : part;
}

function readEscape(reader: Reader, flags: Flags): Pattern {
  const char = take(reader);
  const set = escapeSets[char];
  if (set) return { is: 'byte', set };
  if (char === 'b' || char === 'B') return edge(char === 'b');
  if (char === 'A') return start;
  if (char === 'Z') return end;
  if (char === 'z') return veryEnd;
  return bytePattern(single(escapedByte(reader, char)), flags);
}

const namedBytes: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9, '0': 0 };

function escapedByte(reader: Reader, char: string): number {
  if (char === '') throw new UnknownPattern('a backslash at the end');
  if (char === 'x') {
    const hex = takeMatch(reader, /\{([0-9a-fA-F]{1,2})\}|([0-9a-fA-F]{1,2})/y);
    if (hex) return parseInt(hex[1] ?? hex[2] ?? '', 16);
  }
  const named = namedBytes[char];
  if (named !== undefined && !(char === '0' && /[0-7]/.test(peek(reader)))) return named;
  if (/[0-9A-Za-z]/.test(char)) throw new UnknownPattern(`the escape \\${char}`);
  return char.charCodeAt(0);
}

/** A class after its `[`. A `]` that comes first is a member. */
function readClass(reader: Reader, flags: Flags): ByteSet {
  const negated = peek(reader) === '^';
  if (negated) reader.at += 1;
  const members: ByteSet[] = [];
  for (let first = true; first || peek(reader) !== ']'; first = false) {
    const low = readMember(reader);
    if (
      typeof low !== 'number' ||
      peek(reader) !== '-' ||
      /^-\]/.test(reader.source.slice(reader.at, reader.at + 2))
    ) {
      members.push(typeof low === 'number' ? single(low) : low);
      continue;
    }
    reader.at += 1;
    const high = readMember(reader);
    if (typeof high !== 'number' || high < low) throw new UnknownPattern('a range of characters');
    members.push(range(low, high));
  }
  reader.at += 1;
  const set = flags.caseless ? caseless(union(...members)) : union(...members);
  return negated ? complement(set) : set;
}

function readMember(reader: Reader): number | ByteSet {
  const posix = takeMatch(reader, /\[:(\^?)([a-z]+):\]/y);
  if (posix) {
    const set = posixSets[posix[2] ?? ''];
    if (!set) throw new UnknownPattern('a POSIX class');
    return posix[1] ? complement(set) : set;
  }
  if (/^\[[.=]/.test(reader.source.slice(reader.at, reader.at + 2)))
    throw new UnknownPattern('a POSIX collation');
  const char = take(reader);
  if (char === '') throw new UnknownPattern('an unclosed class');
  if (char !== '\\') return char.charCodeAt(0);
  const escaped = take(reader);
  if (escaped === 'b') return 8;
  return (escaped === 'N' ? undefined : escapeSets[escaped]) ?? escapedByte(reader, escaped);
}
