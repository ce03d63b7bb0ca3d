import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { type Complaint, isSecretKey, isSecretName } from './complaint.js';
import type { Entry, Located, Place, Scalar } from './located.js';

/** YAML text as a tree, or what is wrong with it. */
export interface YamlText {
  /** null when there is nothing in it, or when it cannot be read as YAML at all. */
  readonly root: Located | null;
  readonly complaints: readonly Complaint[];
  /** Values under keys like `password` that were written out, from four characters on. */
  readonly hidden: readonly string[];
}

/** Deeper maps and lists are refused: `yaml` composes recursively, and 3 000 levels end the process. */
const deepestLevel = 64;
/** Values that aliases may stand for, all together. */
const mostCopies = 100_000;

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);
const coreTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/** Reads YAML 1.2 with the place of every value. All mistakes are found at once. */
export function readYaml(text: string, file: string): YamlText {
  const counter = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { is: 'line', file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const tokens = [...new Parser(counter.addNewLine).parse(text)];
  const tooDeep = firstTooDeep(tokens);
  if (tooDeep !== null) {
    const message = `maps and lists lie in each other more than ${deepestLevel} deep`;
    return { root: null, complaints: [{ place: placeOf(tooDeep), message }], hidden: [] };
  }
  const documents = [
    ...new Composer({ version: '1.2', uniqueKeys: true }).compose(tokens, true, text.length),
  ];
  const [first, second] = documents;
  const complaints = documents.flatMap(({ errors, warnings }) =>
    [...errors, ...warnings].map(({ code, message, pos }) => ({
      place: placeOf(pos[0]),
      ...yamlWords(code, message, text.slice(pos[0], pos[0] + 200)),
    })),
  );
  if (second?.contents) {
    complaints.push({
      place: placeOf(second.range[0]),
      message: 'a second YAML document starts here: one is allowed',
    });
  }
  if (first?.directives.yaml.explicit === true && first.directives.yaml.version !== '1.2') {
    complaints.push({ place: placeOf(0), message: 'this is read as YAML 1.2: take the %YAML line out' });
  }
  const reader = new TreeReader(first, placeOf);
  const root = first?.contents ? reader.read(first.contents, []) : null;
  const unreadable = first?.errors.some(({ code }) => code !== 'DUPLICATE_KEY') ?? true;
  return {
    root: unreadable ? null : root,
    complaints: [...complaints, ...reader.complaints],
    hidden: [...reader.hidden],
  };
}

/** A text as one YAML value: `8080`, `true`, `"text"`. What YAML would read as anything else is the text itself. */
export function readScalar(text: string): Scalar {
  const { contents, errors } = parseDocument(text, { version: '1.2', logLevel: 'silent' });
  const plain = isScalar(contents) && errors.length === 0 ? contents.value : text;
  const isCore = plain === null || ['string', 'boolean', 'number'].includes(typeof plain);
  return isCore && !(plain === null && text.startsWith('#')) ? (plain as Scalar) : text;
}

/** Where the source first goes too deep, found without recursion and before anything is composed. */
function firstTooDeep(tokens: readonly CST.Token[]): number | null {
  const open: { readonly token: CST.Token; readonly level: number }[] = tokens.map((token) => ({
    token,
    level: 0,
  }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, level } = next;
    if (level > deepestLevel) return token.offset;
    if (token.type === 'document' && token.value) open.push({ token: token.value, level });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, level: level + 1 });
      if (value) open.push({ token: value, level: level + 1 });
    }
  }
  return null;
}

function yamlWords(code: string, message: string, source: string): { message: string; help?: string } {
  switch (code) {
    case 'DUPLICATE_KEY':
      return {
        message: `the key ${/^[^:\n]*/.exec(source)?.[0].trim() ?? ''} is there twice`,
        help: 'keep one of them',
      };
    case 'TAB_AS_INDENT':
      return { message: 'a tab cannot indent YAML', help: 'use spaces' };
    case 'MULTIPLE_DOCS':
      return { message: 'a second YAML document starts here: one is allowed' };
    case 'TAG_RESOLVE_FAILED':
      return {
        message: `${message.replace('Unresolved tag:', 'the tag')} means nothing here`,
        help: 'take it out',
      };
    default:
      return { message: `not valid YAML: ${message}` };
  }
}

/** Turns the nodes of a document into located values. A class because aliases are counted over the whole of it. */
class TreeReader {
  readonly complaints: Complaint[] = [];
  readonly hidden = new Set<string>();
  readonly #document: Document.Parsed | undefined;
  readonly #placeOf: (offset: number) => Place;
  readonly #open = new Set<Node>();
  readonly #known = new Map<Node, { readonly located: Located; readonly size: number }>();
  #copies = 0;
  #size = 0;

  constructor(document: Document.Parsed | undefined, placeOf: (offset: number) => Place) {
    this.#document = document;
    this.#placeOf = placeOf;
  }

  read(node: Node, keys: readonly string[]): Located {
    const place = this.#placeOf(node.range?.[0] ?? 0);
    if (isAlias(node))
      return this.#alias(node.resolve(this.#document as Document.Parsed), place, node.source);
    const before = this.#size;
    this.#open.add(node);
    const located = this.#fresh(node, place, keys);
    this.#open.delete(node);
    this.#size += 1;
    this.#known.set(node, { located, size: this.#size - before });
    if (node.tag !== undefined && !coreTags.has(node.tag)) {
      this.#complain(place, `the tag ${node.tag} means nothing here`, 'take it out');
    }
    return located;
  }

  #fresh(node: Node, place: Place, keys: readonly string[]): Located {
    if (isMap(node)) return { is: 'map', place, entries: this.#entries(node, keys) };
    if (isSeq<Node>(node))
      return { is: 'list', place, items: node.items.map((item) => this.read(item, keys)) };
    return this.#scalar(node, place, keys);
  }

  #scalar(node: Node, place: Place, keys: readonly string[]): Located {
    const value = isScalar(node) ? (node.value as Scalar) : null;
    const source = isScalar(node) ? (node.source ?? '') : '';
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#complain(place, `${source} is not a number that can be used here`);
    }
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      this.#complain(place, 'the number is too big to be kept exactly', `as text: "${source}"`);
    }
    const isName = keys.at(-1) === 'secret' && isSecretName(source);
    if (keys.some(isSecretKey) && !isName && typeof value !== 'boolean' && source.length >= 4)
      this.hidden.add(source);
    return { is: 'scalar', place, value, source };
  }

  #entries(map: YAMLMap, keys: readonly string[]): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const place = this.#placeOf(pair.key.range?.[0] ?? 0);
      const key = this.#key(pair.key, place);
      if (key === null) continue;
      const nothing: Located = { is: 'scalar', place, value: null, source: '' };
      entries.set(key, {
        key: place,
        value: pair.value === null ? nothing : this.read(pair.value, [...keys, key]),
      });
    }
    return entries;
  }

  #key(node: Node, place: Place): string | null {
    const key = isScalar(node) ? node.value : undefined;
    if (typeof key !== 'string') {
      const source = isScalar(node) ? (node.source ?? '') : '';
      this.#complain(place, 'a key must be text', source === '' ? undefined : `in quotes: "${source}"`);
      return null;
    }
    if (key === '<<') {
      this.#complain(
        place,
        'YAML 1.2 has no merge key "<<"',
        'put what hosts share into vars or into a group',
      );
      return null;
    }
    if (!forbiddenKeys.has(key)) return key;
    this.#complain(place, `"${key}" cannot be a key`, 'take another name');
    return null;
  }

  #alias(target: Node | undefined, place: Place, name: string): Located {
    const known = target && this.#known.get(target);
    const nothing: Located = { is: 'scalar', place, value: null, source: '' };
    if (target === undefined || known === undefined) {
      const why =
        target && this.#open.has(target) ? 'lies inside the value it stands for' : 'has no anchor before it';
      this.#complain(place, `*${name} ${why}`);
      return nothing;
    }
    const before = this.#copies;
    this.#copies += known.size;
    this.#size += known.size;
    if (this.#copies <= mostCopies) return known.located;
    if (before <= mostCopies) {
      this.#complain(
        place,
        `aliases stand for more than ${mostCopies} values`,
        'put what hosts share into vars',
      );
    }
    return nothing;
  }

  #complain(place: Place, message: string, help?: string): void {
    this.complaints.push({ place, message, ...(help === undefined ? {} : { help }) });
  }
}
