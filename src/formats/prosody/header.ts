import { worthOf } from '../lua/value.js';
import type { CallExpression, Expression, TableExpression } from '../lua/tree.js';
import type { SectionName } from './model.js';
import { preppedBytes } from './name.js';

/** The functions that start a section; core/configmanager.lua defines no other spelling. */
const kinds: ReadonlyMap<string, 'host' | 'component'> = new Map([
  ['VirtualHost', 'host'],
  ['Host', 'host'],
  ['host', 'host'],
  ['Component', 'component'],
  ['component', 'component'],
]);

/** Names that a file finds defined by Prosody. Assigning to one replaces it and sets no option. */
export const prosodyNames: ReadonlySet<string> = new Set([
  ...kinds.keys(),
  'Include',
  'include',
  'RunScript',
  '__currenthost',
]);

/** The start of a section, read from its call. */
export interface Header {
  readonly section: SectionName;
  readonly table: TableExpression | undefined;
}

/** Which kind of section an expression names, when it is one of Prosody's functions for that. */
export const headerKind = (expression: Expression): 'host' | 'component' | undefined =>
  expression.is === 'name' && expression.local === undefined ? kinds.get(expression.name) : undefined;

const byLowerCase: ReadonlyMap<string, string> = new Map(
  [...prosodyNames].reverse().map((name) => [name.toLowerCase(), name]),
);

/** The function that a call means when only its capitals are wrong. Prosody has no `Virtualhost`, and stops there. */
export const misspelled = (callee: Expression): string | undefined =>
  callee.is === 'name' && callee.local === undefined && !prosodyNames.has(callee.name)
    ? byLowerCase.get(callee.name.toLowerCase())
    : undefined;

/** The innermost callee of `f(a)(b) {…}`, and its calls in the order in which they run. */
export function unrolled(call: CallExpression): {
  readonly callee: Expression;
  readonly calls: readonly CallExpression[];
} {
  const calls: CallExpression[] = [call];
  let { callee } = call;
  while (callee.is === 'call') {
    calls.push(callee);
    callee = callee.callee;
  }
  return { callee, calls: calls.reverse() };
}

/** What one of Prosody's functions takes from a call: it looks at the first argument alone, however many there are. */
const argumentOf = (call: CallExpression | undefined): Expression | undefined =>
  call?.method === undefined ? call?.arguments[0] : undefined;

const stringIn = (text: string, expression: Expression | undefined): string | undefined => {
  const worth = expression && worthOf(text, expression);
  return worth?.is === 'known' && typeof worth.value === 'string' ? worth.value : undefined;
};

/**
 * The section that a call starts; undefined when the call is something else, `unreadable` when it starts a section
 * in a form whose options cannot be told from the file (`VirtualHost "x" (options)`).
 */
export function headerOf(text: string, call: CallExpression): Header | 'unreadable' | undefined {
  const { callee, calls } = unrolled(call);
  const kind = headerKind(callee) ?? kinds.get(misspelled(callee) ?? '');
  if (kind === undefined) return undefined;
  const name = stringIn(text, argumentOf(calls[0]));
  const rest = calls.slice(1).map(argumentOf);
  const last = rest.at(-1);
  const table = last?.is === 'table' ? last : undefined;
  const middle = table ? rest.slice(0, -1) : rest;
  if (middle.length > (kind === 'component' ? 1 : 0)) return 'unreadable';
  if (middle.length === 0) return { section: sectionNamed(kind, name, 'component'), table };
  const module = stringIn(text, middle[0]);
  return module === undefined ? 'unreadable' : { section: sectionNamed(kind, name, module), table };
}

function sectionNamed(kind: 'host' | 'component', name: string | undefined, module: string): SectionName {
  if (name === undefined) return { is: 'computed', kind };
  return kind === 'host'
    ? { is: 'host', name: preppedBytes(name) }
    : { is: 'component', name: preppedBytes(name), module };
}
