/** Sets of bytes as PCRE has them in the C locale without UTF: only ASCII letters have a case. */

/** A set of bytes: `set[code]` is 1 for its members. */
export type ByteSet = Uint8Array;

function setWhere(holds: (code: number) => boolean): ByteSet {
  const set = new Uint8Array(256);
  for (let code = 0; code < 256; code += 1) if (holds(code)) set[code] = 1;
  return set;
}

const between = (low: string, high: string): ByteSet => range(low.charCodeAt(0), high.charCodeAt(0));

export const union = (...sets: readonly ByteSet[]): ByteSet =>
  setWhere((code) => sets.some((set) => set[code] === 1));

export const complement = (set: ByteSet): ByteSet => setWhere((code) => set[code] === 0);

export const range = (low: number, high: number): ByteSet => new Uint8Array(256).fill(1, low, high + 1);

export const single = (code: number): ByteSet => range(code, code);

/** The set with the other case of each ASCII letter added. */
export const caseless = (set: ByteSet): ByteSet => {
  const other = (code: number): number =>
    (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? code ^ 32 : code;
  return setWhere((code) => set[code] === 1 || set[other(code)] === 1);
};

export const anyByte = setWhere(() => true);
export const notNewline = setWhere((code) => code !== 10);

const digit = between('0', '9');
const lower = between('a', 'z');
const upper = between('A', 'Z');
const alpha = union(lower, upper);
const alnum = union(alpha, digit);
const space = union(range(9, 13), single(32));
const blank = union(single(9), single(32));
const graph = range(33, 126);
export const wordByte = union(alnum, single(95));

/** `[:name:]` inside a class (pcre2pattern(3), "POSIX character classes"). */
export const posixSets: Readonly<Record<string, ByteSet>> = {
  alnum,
  alpha,
  ascii: range(0, 127),
  blank,
  cntrl: union(range(0, 31), single(127)),
  digit,
  graph,
  lower,
  print: range(32, 126),
  punct: setWhere((code) => graph[code] === 1 && alnum[code] === 0),
  space,
  upper,
  word: wordByte,
  xdigit: union(digit, between('a', 'f'), between('A', 'F')),
};

const horizontal = union(blank, single(0xa0));
const vertical = union(range(10, 13), single(0x85));

/** `\d` and its kin (pcre2pattern(3), "Generic character types"). */
export const escapeSets: Readonly<Record<string, ByteSet>> = {
  d: digit,
  D: complement(digit),
  s: space,
  S: complement(space),
  w: wordByte,
  W: complement(wordByte),
  h: horizontal,
  H: complement(horizontal),
  v: vertical,
  V: complement(vertical),
  N: notNewline,
};
