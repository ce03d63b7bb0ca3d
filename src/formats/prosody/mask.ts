import { createHmac, randomBytes } from 'node:crypto';
import { scanAt } from '../lua/lexer.js';
import { stringOf } from '../lua/literal.js';
import type { Token } from '../lua/token.js';
import { type Splice, spliced } from '../splice.js';
import { isSecretOption } from './secret-option.js';

/* Known to this process alone: without it a tag is of no use to whoever guesses at a short password. */
const tagKey = randomBytes(32);

/** What stands for a secret: the same for the same one, so that a diff shows that a secret changed, and nothing else. */
const hidden = (secret: string): string =>
  `<hidden ${createHmac('sha256', tagKey).update(secret).digest('hex').slice(0, 8)}>`;

/** What Lua cannot read, as a token of its own up to the end of its line. */
function unreadable(text: string, start: number): Token {
  const end = text.slice(start).search(/[\r\n]/);
  return { kind: 'unreadable', start, end: end === -1 ? text.length : Math.max(start + end, start + 1) };
}

/** The tokens of a text that need not be Lua. */
function* tokensOf(text: string): Generator<Token> {
  for (let at = 0; ; ) {
    const scan = scanAt(text, at);
    const token = 'reason' in scan ? unreadable(text, scan.start) : scan;
    if (token.kind === 'end-of-file') return;
    yield token;
    at = token.end;
  }
}

/** The option that `=` at this index gives a value to: `name =` or `["name"] =`. */
function optionBefore(text: string, code: readonly Token[], equals: number): string | undefined {
  const written = (back: number, kind: string): string | undefined => {
    const token = code[equals - back];
    return token?.kind === kind ? text.slice(token.start, token.end) : undefined;
  };
  const key = written(3, '[') && written(1, ']') ? written(2, 'string') : undefined;
  return written(1, 'name') ?? (key === undefined ? undefined : stringOf(key));
}

const joiners: ReadonlySet<string> = new Set(['..', 'or', 'and', '.', ':', '+', '-', '*', '/', '%', '^']);
const opening: ReadonlySet<string> = new Set(['(', '{', '[']);
const closing: ReadonlySet<string> = new Set([')', '}', ']']);
const constants: ReadonlySet<string> = new Set(['true', 'false', 'nil', 'function']);

/**
 * The literals in the expression that starts at `from`, and where it ends; in a comment a bare word counts as one.
 */
function literalsIn(
  code: readonly Token[],
  from: number,
  isComment: boolean,
): { readonly found: readonly Token[]; readonly end: number } {
  const found: Token[] = [];
  let depth = 0;
  let wantsOperand = true;
  let at = from;
  for (; at < code.length; at += 1) {
    const token = code[at];
    const kind = token?.kind ?? '';
    if (closing.has(kind)) depth -= 1;
    else if (opening.has(kind)) depth += 1;
    else if (depth === 0 && !wantsOperand && kind !== 'string' && !joiners.has(kind)) break;
    if (depth < 0 || (depth === 0 && constants.has(kind))) break;
    const isBareWord = isComment && at === from && kind === 'name';
    const isLiteral = kind === 'string' || isBareWord || (kind === 'number' && depth === 0);
    if (token && isLiteral) found.push(token);
    wantsOperand = joiners.has(kind);
  }
  return { found, end: at };
}

const quotedOnLine =
  /(?<!\w)([A-Za-z_]\w*)["'\]]*[ \t]*=[ \t]*(?:"((?:[^"\\\r\n]|\\.)*)|'((?:[^'\\\r\n]|\\.)*))/g;
const wordOnLine = /(?<!\w)([A-Za-z_]\w*)["'\]]*[ \t]*=[ \t]*(?!(?:true|false|nil)\b)([^\s,;{}"'=]+)/g;

/** Secrets by the shape of a line alone: for what is not Lua, and for what is Lua of another kind than it seems. */
const secretsOnLines = (text: string, pattern: RegExp): Token[] =>
  [...text.matchAll(pattern)].flatMap(({ 0: all, 1: name = '', 2: first, 3: second, index }) => {
    const end = index + all.length;
    const start = end - (first ?? second ?? '').length;
    return isSecretOption(name) ? [{ kind: 'word', start, end }] : [];
  });

/** A comment's text with everything that makes it a comment blanked out, byte for byte. */
const uncommented = (comment: string): string =>
  comment
    .replace(/^--\[=*\[|^[-\s]+/, (marks) => marks.replaceAll(/[^\r\n]/g, ' '))
    .replace(/\]=*\]$/, (marks) => ' '.repeat(marks.length));

/** How deep comments inside comments are read as Lua. Below that the shape of a line has to do. */
const deepest = 4;

function secretsInComments(text: string, comments: readonly Token[], depth: number): Token[] {
  const [first] = comments;
  const last = comments.at(-1);
  if (first === undefined || last === undefined) return [];
  let inside = '';
  for (const { start, end } of comments) {
    inside += text.slice(first.start + inside.length, start) + uncommented(text.slice(start, end));
  }
  const found = depth < deepest ? secretsIn(inside, depth + 1) : secretsOnLines(inside, wordOnLine);
  return found.map(({ kind, start, end }) => ({ kind, start: start + first.start, end: end + first.start }));
}

function secretsInCode(text: string, code: readonly Token[], isComment: boolean): Token[] {
  const secrets: Token[] = [];
  for (let at = 0; at < code.length; at += 1) {
    const option = code[at]?.kind === '=' ? optionBefore(text, code, at) : undefined;
    if (option === undefined || !isSecretOption(option)) continue;
    const { found, end } = literalsIn(code, at + 1, isComment);
    for (const literal of found) secrets.push(literal);
    // Nothing inside needs a second look, but the token that ended the value may name the next option.
    at = Math.max(at, end - 1);
  }
  return secrets;
}

/** The tokens of a text that are secrets: in code, in comments, and in what cannot be read. */
function secretsIn(text: string, depth: number): Token[] {
  const found: Token[] = [];
  const code: Token[] = [];
  let comments: Token[] = [];
  const leaveComments = (): void => {
    for (const secret of secretsInComments(text, comments, depth)) found.push(secret);
    comments = [];
  };
  for (const token of tokensOf(text)) {
    if (token.kind === 'comment') {
      comments.push(token);
      continue;
    }
    leaveComments();
    if (token.kind !== 'unreadable') code.push(token);
    else {
      const line = secretsOnLines(text.slice(token.start, token.end), wordOnLine);
      found.push(
        ...line.map(({ kind, start, end }) => ({ kind, start: start + token.start, end: end + token.start })),
      );
    }
  }
  leaveComments();
  return found.concat(secretsInCode(text, code, depth > 0));
}

const passwordInUrl = /:\/\/[^\s/:@"']*:([^\s/@"']+)@/g;

function passwordsInUrls(text: string): Token[] {
  return [...text.matchAll(passwordInUrl)].map(({ 0: all, 1: password = '', index }) => {
    const end = index + all.length - 1;
    return { kind: 'word', start: end - password.length, end };
  });
}

/** Hides tokens of a text. A tag is made once for equal secrets: it is the dear part. */
function maskerOf(text: string): (token: Token) => Splice[] {
  const tags = new Map<string, string>();
  return ({ kind, start, end }) => {
    const written = text.slice(start, end);
    const secret = kind === 'string' ? stringOf(written) : written;
    if (secret === '') return [];
    const tag = tags.get(secret) ?? hidden(secret);
    tags.set(secret, tag);
    return [{ start, end, text: kind === 'string' ? `"${tag}"` : tag }];
  };
}

/**
 * A Prosody file, or any part or diff of one, with the values of secret options hidden: in comments too, and whether
 * it is Lua or not. Both sides of a diff have the same text for the same secret.
 */
export function maskProsody(text: string): string {
  const found = [...secretsIn(text, 0), ...secretsOnLines(text, quotedOnLine), ...passwordsInUrls(text)].sort(
    (left, right) => left.start - right.start || right.end - left.end,
  );
  const masked = maskerOf(text);
  let hiddenTo = 0;
  const splices = found.flatMap((token) => {
    if (token.start < hiddenTo) return [];
    hiddenTo = token.end;
    return masked(token);
  });
  return spliced(text, splices);
}
