import { Refused } from '../outcome.js';
import { foreignText } from '../source.js';
import { type Quote, quoted } from './literal.js';
import { parseLua } from './parse.js';
import { reservedWords } from './token.js';
import { type LuaValue, sameValue, worthOf } from './value.js';

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether a string can stand bare where Lua wants a name. */
export const isName = (text: string): boolean => identifier.test(text) && !reservedWords.has(text);

const notEncodable = (why: string): Refused =>
  new Refused('value-not-encodable', `${why} cannot be written as a Lua value`, { line: 1, column: 1 });

/** A value given from outside (Unicode) as the bytes of a file. */
export function foreignValue(value: LuaValue): LuaValue {
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw notEncodable('text with half of a surrogate pair');
    return foreignText(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw notEncodable(String(value));
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly LuaValue[]).map(foreignValue);
  // Lua has one empty table, and it reads back as a list.
  if (Object.keys(value).length === 0) return [];
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [foreignText(key), foreignValue(entry)]),
  );
}

function written(value: LuaValue, quote: Quote): string {
  if (typeof value === 'string') return quoted(value, quote);
  if (typeof value !== 'object') return String(value);
  const entries = Array.isArray(value)
    ? (value as readonly LuaValue[]).map((entry) => written(entry, quote))
    : Object.entries(value).map(
        ([key, entry]) => `${isName(key) ? key : `[${quoted(key, quote)}]`} = ${written(entry, quote)}`,
      );
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/**
 * Lua source for a value, on one line. The strings in `value` are bytes ({@link foreignValue}).
 *
 * What was written is parsed again and compared, so nothing inside a value can ever end it.
 */
export function encodeLua(value: LuaValue, quote: Quote = '"'): string {
  const source = written(value, quote);
  const statement = parseLua(`v = ${source}`).statements;
  const only = statement.length === 1 ? statement[0] : undefined;
  const expression = only?.is === 'assignment' && only.values.length === 1 ? only.values[0] : undefined;
  const worth = expression && worthOf(`v = ${source}`, expression);
  if (worth?.is !== 'known' || !sameValue(worth.value, value)) {
    throw new Error(`a value was encoded as ${source}, which does not read back as itself`);
  }
  return source;
}
