import { stringOf } from './literal.js';
import type { Expression, Field, Local, TableExpression } from './tree.js';

/** A plain value that a Lua file can hold. An empty table is an empty list. */
export type LuaValue = string | number | boolean | readonly LuaValue[] | { readonly [key: string]: LuaValue };

/**
 * What an expression is worth as far as the file alone tells: `nil` is known, the result of a call is not.
 * Strings are bytes, one character each.
 */
export type Worth =
  | { readonly is: 'known'; readonly value: LuaValue }
  | { readonly is: 'nil' }
  | { readonly is: 'computed' };

const computed: Worth = { is: 'computed' };
const known = (value: LuaValue): Worth => ({ is: 'known', value });

/** How far constants are followed through locals, tables and `..`; deeper ones count as computed. */
const deepest = 100;
/** Joined strings longer than this count as computed: locals that double each other would grow without end. */
const longest = 65_536;
/** Each local is worked out once, so that locals that name each other often cost no more than those that do not. */
const worthOfLocals = new WeakMap<Local, Worth>();

function concatenated(left: Worth, right: Worth): Worth {
  if (left.is !== 'known' || right.is !== 'known') return computed;
  if (typeof left.value !== 'string' || typeof right.value !== 'string') return computed;
  return left.value.length + right.value.length > longest ? computed : known(left.value + right.value);
}

/** JavaScript and Lua write numbers alike where both know the form. */
function numberWorth(written: string): Worth {
  const value = Number(written);
  return Number.isFinite(value) ? known(value) : computed;
}

const negated = (operand: Worth): Worth =>
  operand.is === 'known' && typeof operand.value === 'number' ? known(-operand.value) : computed;

const holdsTable = (expression: Expression): boolean =>
  expression.is === 'table' || (expression.is === 'parentheses' && holdsTable(expression.inner));

/** The key of a table entry as text; undefined for a place in the list, `computed` when only a run can tell. */
export function keyOf(text: string, { key }: Field): string | undefined | typeof computed {
  if (key.is === 'position') return undefined;
  if (key.is === 'name') return key.name;
  const worth = worthOf(text, key.expression);
  return worth.is === 'known' && typeof worth.value === 'string' ? worth.value : computed;
}

function tableWorth(text: string, table: TableExpression, depth: number): Worth {
  const positions: LuaValue[] = [];
  const named = new Map<string, LuaValue>();
  for (const field of table.fields) {
    const key = keyOf(text, field);
    const worth = worthAt(text, field.value, depth);
    if (worth.is !== 'known' || typeof key === 'object') return computed;
    if (key === undefined) positions.push(worth.value);
    else named.set(key, worth.value);
  }
  if (named.size === 0) return known(positions);
  positions.forEach((value, at) => named.set(String(at + 1), value));
  return known(Object.fromEntries(named));
}

function worthAt(text: string, expression: Expression, depth: number): Worth {
  if (depth > deepest) return computed;
  switch (expression.is) {
    case 'nil':
      return { is: 'nil' };
    case 'boolean':
      return known(expression.value);
    case 'number':
      return numberWorth(text.slice(expression.start, expression.end));
    case 'string':
      return known(stringOf(text.slice(expression.start, expression.end)));
    case 'parentheses':
      return worthAt(text, expression.inner, depth + 1);
    case 'unary':
      return expression.operator === '-' ? negated(worthAt(text, expression.operand, depth + 1)) : computed;
    case 'binary':
      return expression.operator === '..'
        ? concatenated(worthAt(text, expression.left, depth + 1), worthAt(text, expression.right, depth + 1))
        : computed;
    case 'table':
      return tableWorth(text, expression, depth + 1);
    case 'name':
      return expression.local ? localWorth(text, expression.local, depth + 1) : computed;
    case 'call':
    case 'index':
    case 'function':
    case 'vararg':
      return computed;
  }
}

function localWorth(text: string, local: Local, depth: number): Worth {
  const found = worthOfLocals.get(local);
  if (found) return found;
  // A table can be changed through any name that holds it, so a local is followed only to what cannot change.
  const initial = local.reassigned ? undefined : local.initial;
  const worth = initial && !holdsTable(initial) ? worthAt(text, initial, depth) : computed;
  worthOfLocals.set(local, worth);
  return worth;
}

/** What an expression of a file is worth. */
export const worthOf = (text: string, expression: Expression): Worth => worthAt(text, expression, 0);

const isList = (value: LuaValue): value is readonly LuaValue[] => Array.isArray(value);

/** Equality of plain values, whatever the order of keys. */
export function sameValue(left: LuaValue, right: LuaValue): boolean {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right;
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((value, at) => sameValue(value, right[at] ?? ''));
  }
  const others = new Map(Object.entries(right));
  const entries = Object.entries(left);
  return (
    isList(left) === isList(right) &&
    entries.length === others.size &&
    entries.every(([key, value]) => {
      const other = others.get(key);
      return other !== undefined && sameValue(value, other);
    })
  );
}
