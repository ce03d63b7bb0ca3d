import type { AnyNode } from 'acorn';
import { Refused } from '../outcome.js';
import type { Span } from '../source.js';
import { childrenOf, memberKey, nodesWithin, runsLater, writtenKey } from './node.js';
import { parseScript, type Script } from './script.js';

const HIDDEN = '********';

const SECRET_NAME =
  /secret|passw(or)?d|passphrase|credential|token|^jwt$|((api|app|sdk|private|access|license|client|auth|encryption)[_-]?key)$/i;
// `tokenAuthUrl`, `tokenLogoutUrl`, `tokenService`: addresses that people need to see.
const ADDRESS_NAME = /(ur[li]|service|endpoint|host|domain)$/i;

const isSecretName = (name: string | undefined): boolean =>
  name !== undefined && SECRET_NAME.test(name) && !ADDRESS_NAME.test(name);

/**
 * Hides the values of secret-like properties, for display. The text need not be valid; what is commented out is hidden too.
 * Lines stay lines; nothing is told of a secret's length.
 */
export function maskJavaScript(text: string): string {
  const script = parsed(text);
  const spans = [
    ...(script === undefined ? looseSecrets(text, 0) : codeSecrets(script)),
    ...(script?.comments ?? []).flatMap(({ start, end }) => looseSecrets(text.slice(start, end), start)),
    ...secretsInAddresses(text),
  ];
  return hideAll(text, spans);
}

function parsed(text: string): Script | undefined {
  try {
    return parseScript(text);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The strings from which secret-like names of the code get their values. */
function codeSecrets(script: Script): readonly Span[] {
  const spans: Span[] = [];
  for (const node of nodesWithin(script.program)) {
    const value = secretValue(node);
    if (value !== undefined) collectStrings(value, spans);
    else if (node.type === 'TemplateElement' || node.type === 'Literal') {
      spans.push(...looseSecrets(script.text.slice(node.start, node.end), node.start));
    }
  }
  return spans;
}

function secretValue(node: AnyNode): AnyNode | undefined {
  if (node.type === 'Property')
    return isSecretName(writtenKey(node.key, node.computed)) ? node.value : undefined;
  if (node.type === 'AssignmentExpression')
    return isSecretName(targetName(node.left)) ? node.right : undefined;
  if (node.type !== 'VariableDeclarator' || !isSecretName(targetName(node.id))) return undefined;
  return node.init ?? undefined;
}

function targetName(target: AnyNode): string | undefined {
  if (target.type === 'Identifier') return target.name;
  return target.type === 'MemberExpression' ? memberKey(target) : undefined;
}

function collectStrings(value: AnyNode, spans: Span[]): void {
  const waiting = [value];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (runsLater(node)) continue;
    if (node.type === 'TemplateElement') spans.push({ start: node.start, end: node.end });
    if (node.type === 'Literal' && typeof node.value === 'string') {
      spans.push({ start: node.start + 1, end: node.end - 1 });
    }
    const key = node.type === 'Property' ? node.key : undefined;
    for (const child of childrenOf(node)) if (child !== key) waiting.push(child);
  }
}

// `name: 'value'`, `"name" = [f("value"`.
// The bounds keep a line of a million spaces cheap.
const LOOSE_NAME =
  /(?<![\w$-])([\w$-]+)['"]?\]?[ \t]{0,20}[:=][ \t]{0,20}[\w.$]{0,60}[ \t[({]{0,20}(?=['"`])/g;

// With or without the closing quote.
const LOOSE_STRING = /(['"`])((?:\\.|(?!\1)[^\\\n])*)\1?/dg;

/**
 * The same in text that is no code: comments, strings, files that do not parse. All strings from a secret-like name to the
 * end of its line count.
 */
function looseSecrets(text: string, offset: number): readonly Span[] {
  const spans: Span[] = [];
  let searched = 0;
  for (const { 0: name, 1: key, index } of text.matchAll(LOOSE_NAME)) {
    const from = index + name.length;
    if (from < searched || !isSecretName(key)) continue;
    const newline = text.indexOf('\n', from);
    searched = newline === -1 ? text.length : newline;
    for (const { indices } of text.slice(from, searched).matchAll(LOOSE_STRING)) {
      const [start, end] = indices?.[2] ?? [0, 0];
      spans.push({ start: offset + from + start, end: offset + from + end });
    }
  }
  return spans;
}

// A password before the `@` of an address, a secret parameter (not a placeholder such as `{state}`), a signed token.
const IN_ADDRESSES = [
  /:\/\/[^\s:@'"/]{1,200}:([^\s@'"/]{1,200})@/dg,
  /[?&](?:\w{0,40}(?:secret|token|password)|api_?key)=([^\s&'"`{][^\s&'"`]*)/dgi,
  /\b(eyJ[\w-]{8,}\.[\w-]+\.[\w-]*)/dg,
];

const secretsInAddresses = (text: string): readonly Span[] =>
  IN_ADDRESSES.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(({ indices }) => {
      const found = indices?.[1];
      return found === undefined ? [] : [{ start: found[0], end: found[1] }];
    }),
  );

function hideAll(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    if (end <= from || start === end) continue;
    const newlines = text.slice(Math.max(start, from), end).replaceAll(/[^\n]/g, '');
    parts.push(start < from ? '' : text.slice(from, start) + HIDDEN, newlines);
    from = end;
  }
  return parts.join('') + text.slice(from);
}
