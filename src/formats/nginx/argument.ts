import { Refused } from '../outcome.js';
import { foreignText, readableText } from '../source.js';
import { readToken } from './token.js';

/** A variable of nginx inside a written argument, by its name without `$`. */
export interface Variable {
  readonly variable: string;
}

/**
 * One argument of a directive, as plain data.
 *
 * Text is literal: a `$` in it is refused, since nginx would take it for a variable and has no escape for it.
 * A variable is said to be one, alone or among texts: `['https://', { variable: 'host' }]`.
 */
export type Argument = string | Variable | readonly (string | Variable)[];

/** A simple directive to write: its name and its arguments. */
export type Statement = readonly [name: string, ...args: readonly Argument[]];

/** A variable for an {@link Argument}: `variable('host')` is written `$host`. */
export const variable = (name: string): Variable => ({ variable: name });

/** Edits come from a graph, not from a file: a refusal of one has no place in the file yet. */
const nowhere = { line: 1, column: 1 };

const refuse = (code: string, reason: string): Refused => new Refused(code, reason, nowhere);

/** What nginx will hold for an argument: `$host` for a variable, else the text itself, as latin1. */
export function argumentValue(argument: Argument): string {
  const parts: readonly (string | Variable)[] =
    typeof argument === 'string' || 'variable' in argument ? [argument] : argument;
  return parts
    .map((part, index) => {
      if (typeof part === 'string') return literalText(part);
      if (!/^[a-z_][a-z0-9_]*$/.test(part.variable)) {
        throw refuse('unwritable', `${JSON.stringify(part.variable)} is not the name of an nginx variable`);
      }
      const next = parts[index + 1];
      return typeof next === 'string' && /^\w/.test(next) ? `\${${part.variable}}` : `$${part.variable}`;
    })
    .join('');
}

function literalText(text: string): string {
  if (!text.includes('$')) return foreignText(text);
  const reason = `${JSON.stringify(text)} holds "$", which nginx would read as a variable; write variables as variable('name')`;
  throw refuse('unwritable', reason);
}

/** nginx's reader has room for 4096 bytes a word; the rest is left to quotes and escapes. */
const longest = 4000;

/**
 * Writes a value (latin1) as one word of a config file: bare where nginx allows it, else in quotes.
 *
 * The word is read back and compared. Throws {@link Refused} for control characters and for what is too long.
 */
export function writeWord(value: string): string {
  if (/[\x00-\x1f\x7f]/.test(value)) {
    throw refuse('unwritable', `${JSON.stringify(readableText(value))} holds a control character`);
  }
  if (value.length > longest)
    throw refuse('unwritable', `an argument of ${value.length} bytes is longer than nginx reads`);
  const word = isBare(value) ? escaped(value) : quoted(value);
  const read = readToken(`${word};`, 0);
  if (read.is === 'word' && read.end === word.length && read.value === value) return word;
  throw refuse('unwritable', `${JSON.stringify(readableText(value))} cannot be written for nginx`);
}

/** Anything that ends a bare word, or means something at its start, or a brace anywhere (for the eye) wants quotes. */
const isBare = (value: string): boolean =>
  value !== '' && !/[\s;{}]|^["'#]/.test(value.replace(/\$\{\w+\}/g, ''));

/** A backslash is doubled only where nginx would take it for an escape: regular expressions stay readable. */
const escaped = (value: string): string => value.replace(/\\(?=["'\\trn\s;{}]|$)/g, '\\\\');

function quoted(value: string): string {
  const quote = value.includes('"') && !value.includes("'") ? "'" : '"';
  return `${quote}${escaped(value).replaceAll(quote, `\\${quote}`)}${quote}`;
}

/** Writes a statement without its `;`. Throws {@link Refused} for a name that is none. */
export function writeStatement([name, ...args]: Statement): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw refuse('unwritable', `${JSON.stringify(name)} is not the name of a directive`);
  return [name, ...args.map((argument) => writeWord(argumentValue(argument)))].join(' ');
}
