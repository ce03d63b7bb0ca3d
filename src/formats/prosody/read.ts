import {
  type Assignment,
  type CallExpression,
  type Chunk,
  type Node,
  nodesUnder,
  type Statement,
  type TableExpression,
} from '../lua/tree.js';
import { keyOf, worthOf } from '../lua/value.js';
import { positionAt } from '../source.js';
import { headerKind, headerOf, misspelled, prosodyNames, unrolled } from './header.js';
import type { ConditionalOption, Hazard, ProsodyFile, SectionName, Stretch } from './model.js';
import { parseConfig } from './template.js';

/*
 * How Prosody runs a file (core/configmanager.lua): as Lua code in which an assignment to a global sets an option
 * of the current section. Every file, an included one too, starts in the global section; `VirtualHost` and
 * `Component` change the section until the next one; a table behind them holds their options and returns to the
 * global section. So order counts, and indentation never does.
 */

/** Ways to reach the environment of the file that are not an assignment to a name. */
const environmentNames: ReadonlySet<string> = new Set(['_ENV', 'getfenv', 'setfenv', '__currenthost']);

type Growing<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

interface Reading {
  readonly chunk: Chunk;
  readonly positionOf: ProsodyFile['positionOf'];
  readonly stretches: Growing<Stretch>[];
  readonly hazards: Hazard[];
  readonly conditional: ConditionalOption[];
  readonly localNames: Map<string, number>;
  readonly includes: Growing<ProsodyFile>['includes'];
}

const isNotFunction = (node: Node): boolean => node.is !== 'function';

/** Values that hold no code: nearly all of a file. Tables nest no deeper than Lua lets them. */
function isPlain(node: Node): boolean {
  if (node.is === 'table')
    return node.fields.every(({ key, value }) => key.is !== 'computed' && isPlain(value));
  return node.is === 'string' || node.is === 'number' || node.is === 'boolean' || node.is === 'nil';
}

function current({ stretches }: Reading): Growing<Stretch> {
  const last = stretches.at(-1);
  if (last === undefined) throw new Error('a Prosody file was read without its global section');
  return last;
}

function startStretch({ stretches }: Reading, section: SectionName, header?: Stretch['header']): void {
  stretches.push({ section, header, table: undefined, options: [], statements: [] });
}

/** What using a name does that a reading from top to bottom cannot follow. */
function hazardOf(node: Node): Hazard | undefined {
  if (node.is !== 'name' || node.local !== undefined) return undefined;
  if (environmentNames.has(node.name)) {
    const reason = `\`${node.name}\` can set options of any section unseen`;
    return { code: 'dynamic-environment', reason, at: node.start };
  }
  if (headerKind(node) === undefined) return undefined;
  const reason = `\`${node.name}\` stands inside other code here: which sections this file has depends on that code`;
  return { code: 'conditional-section', reason, at: node.start };
}

/** Reads code that runs only perhaps, or has no sections of its own: conditions, loops, functions, values. */
function readInside(reading: Reading, roots: readonly Node[], section: SectionName | undefined): void {
  if (roots.every(isPlain)) return;
  for (const node of nodesUnder(roots, isNotFunction)) {
    const hazard = hazardOf(node);
    if (hazard) reading.hazards.push(hazard);
    if (node.is === 'function') readInside(reading, node.body.statements, undefined);
    const targets =
      node.is === 'assignment' ? node.targets : node.is === 'function-statement' ? [node.target] : [];
    for (const target of targets) {
      if (target.is !== 'name' || target.local !== undefined) continue;
      reading.conditional.push({ option: target.name, section, at: node.start });
    }
  }
}

function readJumps({ hazards }: Reading, statement: Statement): void {
  for (const node of nodesUnder([statement], isNotFunction)) {
    if (node.is !== 'return' && node.is !== 'goto') continue;
    hazards.push({ code: 'jump', reason: `this \`${node.is}\` may skip a part of the file`, at: node.start });
  }
}

function readCall(reading: Reading, call: CallExpression): void {
  const { text } = reading.chunk;
  const meant = misspelled(unrolled(call).callee);
  if (meant !== undefined) {
    const reason = `Prosody knows \`${meant}\`, but not in these capitals`;
    reading.hazards.push({ code: 'misspelled-name', reason, at: call.start });
  }
  const header = headerOf(text, call);
  if (header === undefined) {
    if (call.callee.is === 'name' && /^[Ii]nclude$/.test(call.callee.name)) readInclude(reading, call);
    readInside(reading, [call], current(reading).section);
    return;
  }
  for (const { arguments: values } of unrolled(call).calls) readInside(reading, values, { is: 'global' });
  if (header === 'unreadable') {
    const reason = 'what follows the name of this section is neither a module nor a table written out here';
    reading.hazards.push({ code: 'computed-section', reason, at: call.start });
    return;
  }
  startStretch(reading, header.section, call);
  if (header.table === undefined) return;
  readTable(reading, header.table);
  startStretch(reading, { is: 'global' });
}

function readInclude(reading: Reading, call: CallExpression): void {
  const [path] = call.arguments;
  const worth = path && worthOf(reading.chunk.text, path);
  reading.includes.push({
    path: worth?.is === 'known' && typeof worth.value === 'string' ? worth.value : undefined,
    at: call.start,
  });
}

function readTable(reading: Reading, table: TableExpression): void {
  const stretch = current(reading);
  stretch.table = table;
  for (const field of table.fields) {
    const key = keyOf(reading.chunk.text, field);
    const { start, end, value } = field;
    if (typeof key === 'object') {
      const reason = 'the name of this option is computed, so it could be any option';
      reading.hazards.push({ code: 'computed-option', reason, at: start });
    } else if (key !== undefined) {
      stretch.options.push({ option: key, value, start, end, within: { is: 'field', field } });
    }
  }
}

function readAssignment(reading: Reading, { targets, values, start, end }: Assignment): void {
  const { section, options } = current(reading);
  targets.forEach((target, at) => {
    if (target.is !== 'name') readInside(reading, [target], section);
    else if (prosodyNames.has(target.name)) readRedefinition(reading, target.name, start);
    else if (target.local === undefined) {
      const value = targets.length === values.length ? values[at] : undefined;
      const within = { is: targets.length === 1 ? 'statement' : 'shared-statement' } as const;
      options.push({ option: target.name, value, start, end, within });
    }
  });
  readInside(reading, values, section);
}

function readRedefinition({ hazards }: Reading, name: string, at: number): void {
  const reason = `\`${name}\` is one of Prosody's own names and is given another meaning here`;
  hazards.push({ code: 'redefined', reason, at });
}

function readStatement(reading: Reading, statement: Statement): void {
  if (statement.is === 'do') {
    statement.body.statements.forEach((inner) => readStatement(reading, inner));
    return;
  }
  const isHeader =
    statement.is === 'call-statement' && headerOf(reading.chunk.text, statement.call) !== undefined;
  if (!isHeader) current(reading).statements.push(statement);
  const { section } = current(reading);
  switch (statement.is) {
    case 'call-statement':
      readCall(reading, statement.call);
      break;
    case 'assignment':
      readAssignment(reading, statement);
      break;
    case 'local':
      for (const { name } of statement.locals) reading.localNames.set(name, statement.start);
      readInside(reading, statement.values, section);
      break;
    case 'local-function':
      reading.localNames.set(statement.local.name, statement.start);
      readInside(reading, [statement.function], undefined);
      break;
    case 'return':
    case 'goto':
    case 'branch':
    case 'loop':
      readJumps(reading, statement);
      readInside(reading, [statement], section);
      break;
    case 'function-statement':
      readInside(reading, [statement], section);
      break;
    case 'break':
    case 'label':
    case 'empty':
  }
}

/**
 * Reads a Prosody file. `positionOf` says where a place is for a person, when that is not its place in `text`.
 *
 * @throws Refused when it is not Lua.
 */
export function readProsody(
  text: string,
  positionOf: ProsodyFile['positionOf'] = (offset) => positionAt(text, offset),
): ProsodyFile {
  const chunk = parseConfig(text);
  const reading: Reading = {
    chunk,
    positionOf,
    stretches: [],
    hazards: [],
    conditional: [],
    localNames: new Map(),
    includes: [],
  };
  startStretch(reading, { is: 'global' });
  chunk.statements.forEach((statement, at) => {
    // Nothing can follow a `return` of the file's own, so it skips nothing.
    const isFinal = statement.is === 'return' && at === chunk.statements.length - 1;
    if (isFinal) readInside(reading, [statement], current(reading).section);
    else readStatement(reading, statement);
  });
  return reading;
}
