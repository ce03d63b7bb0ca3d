import type { Span } from '../source.js';

/** The reserved words of Lua 5.4 (reference manual 3.1). Lua 5.1 lacks only `goto`. */
export const reservedWords: ReadonlySet<string> = new Set([
  'and',
  'break',
  'do',
  'else',
  'elseif',
  'end',
  'false',
  'for',
  'function',
  'goto',
  'if',
  'in',
  'local',
  'nil',
  'not',
  'or',
  'repeat',
  'return',
  'then',
  'true',
  'until',
  'while',
]);

/**
 * One lexical element. `kind` is `name`, `string`, `number`, `comment` or `end-of-file`;
 * for a reserved word or an operator it is that word or operator.
 */
export interface Token extends Span {
  readonly kind: string;
}
