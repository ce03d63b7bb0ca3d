import { Refused } from '../outcome.js';
import { placeholderAt, unfilledTemplate } from '../placeholder.js';
import { positionAt, type Span, textOf } from '../source.js';
import { luaBodyEnd } from './lua-body.js';
import { type Comment, readToken, type Token, type Word } from './token.js';

/** A directive that ends with `;`. The span includes the `;`. */
export interface Simple extends Span {
  readonly is: 'simple';
  readonly name: string;
  readonly words: readonly Word[];
}

/** A directive with a body in braces. The span runs from its name to its `}`. */
export interface Block extends Span {
  readonly is: 'block';
  readonly name: string;
  readonly words: readonly Word[];
  /** The body: from just after `{` to just before `}`. */
  readonly body: Span;
  readonly children: readonly Item[];
}

/** A `*_by_lua_block`, whose body is Lua and not read further. */
export interface LuaBlock extends Span {
  readonly is: 'lua';
  readonly name: string;
  readonly words: readonly Word[];
}

export type Directive = Simple | Block | LuaBlock;

/** What stands in a file or a block, in order. Comments inside a directive are not listed. */
export type Item = Directive | Comment;

/** A config file as nginx reads it. */
export interface Tree {
  readonly text: string;
  readonly children: readonly Item[];
}

/** Deeper nesting than any real file has; nginx itself would run out of stack at some depth. */
const deepest = 100;

interface OpenBlock {
  readonly words: readonly Word[];
  readonly open: number;
  readonly children: Item[];
}

/** Reads a config file. Throws {@link Refused} where nginx's own reader would stop: `syntax`, or `template` at a placeholder. */
export function parseNginx(bytes: Uint8Array): Tree {
  return parseNginxText(textOf(bytes));
}

/** The same for text that is already held as latin1. */
export function parseNginxText(text: string): Tree {
  if (text.startsWith('\xef\xbb\xbf')) {
    const reason =
      'the file starts with a byte order mark, which nginx takes for part of the first directive';
    throw new Refused('byte-order-mark', reason, { line: 1, column: 1 });
  }
  const root: OpenBlock = { words: [], open: 0, children: [] };
  const parents: OpenBlock[] = [];
  let block = root;
  let words: Word[] = [];
  for (let at = 0; ; ) {
    const token = readToken(text, at);
    at = token.end;
    if (token.is === 'word') words.push(token);
    else if (token.is === 'comment') {
      if (words.length === 0) block.children.push(token);
    } else {
      checkPlace(text, token, words, parents.at(-1) && block);
      if (token.is === 'end of file') return { text, children: root.children };
      if (token.is === ';') block.children.push(simple(words, token.end));
      else if (token.is === '}') {
        const closed = closedBlock(block, token);
        block = parents.pop() ?? root;
        block.children.push(closed);
      } else if (words[0]?.value.endsWith('_by_lua_block')) {
        const lua = luaBlock(text, words, token);
        block.children.push(lua);
        at = lua.end;
      } else {
        parents.push(block);
        if (parents.length > deepest)
          throw unexpected(text, token, `nested more than ${deepest} blocks deep`);
        block = { words, open: token.end, children: [] };
      }
      words = [];
    }
  }
}

/** Throws where a token may not stand: the same three rules as in ngx_conf_read_token and ngx_conf_parse. */
function checkPlace(
  text: string,
  token: Exclude<Token, Word | Comment>,
  words: readonly Word[],
  block: OpenBlock | undefined,
): void {
  const first = words[0];
  if (token.is === 'end of file') {
    if (first) throw unexpected(text, first, 'the file ends before this directive\'s ";"');
    if (block) throw unexpected(text, block.words[0] ?? token, 'this block has no closing "}"');
  } else if (token.is === '}') {
    if (first) throw unexpected(text, token, `unexpected "}": directive "${first.value}" has no ";"`);
    if (!block) throw unexpected(text, token, 'unexpected "}": no block is open here');
  } else if (!first) throw unexpected(text, token, `unexpected "${token.is}": no directive stands before it`);
}

/** What is unexpected in a template is, as a rule, its first placeholder that is no text for nginx. */
function unexpected(text: string, at: Span, reason: string): Refused {
  const placeholder = placeholderAt(text, at.start);
  return placeholder === undefined
    ? new Refused('syntax', reason, positionAt(text, at.start))
    : new Refused('template', unfilledTemplate, positionAt(text, placeholder.start));
}

const headOf = (words: readonly Word[]): { name: string; start: number; words: readonly Word[] } => ({
  name: words[0]?.value ?? '',
  start: words[0]?.start ?? 0,
  words,
});

const simple = (words: readonly Word[], end: number): Simple => ({ is: 'simple', ...headOf(words), end });

const closedBlock = (block: OpenBlock, close: Span): Block => ({
  is: 'block',
  ...headOf(block.words),
  end: close.end,
  body: { start: block.open, end: close.start },
  children: block.children,
});

function luaBlock(text: string, words: readonly Word[], open: Span): LuaBlock {
  const end = luaBodyEnd(text, open.end);
  if (end === undefined) throw unexpected(text, words[0] ?? open, 'this Lua block has no closing "}"');
  return { is: 'lua', ...headOf(words), end };
}

/** The directives of that name, in order. */
export const directivesNamed = (items: readonly Item[], name: string): readonly Directive[] =>
  items.filter((item): item is Directive => item.is !== 'comment' && item.name === name);

/** The blocks of that name. Throws {@link Refused} if one of them is not a block, as nginx does. */
export function blocksNamed(tree: Tree, items: readonly Item[], name: string): readonly Block[] {
  return directivesNamed(items, name).map((item) => {
    if (item.is === 'block') return item;
    throw unexpected(tree.text, item, `directive "${name}" has no opening "{"`);
  });
}

/** The simple directives of that name. Throws {@link Refused} if one of them is a block, as nginx does. */
export function simplesNamed(tree: Tree, items: readonly Item[], name: string): readonly Simple[] {
  return directivesNamed(items, name).map((item) => {
    if (item.is === 'simple') return item;
    throw unexpected(tree.text, item, `directive "${name}" is not terminated by ";"`);
  });
}

/** The words after a directive's name, as nginx takes them. */
export const argumentsOf = (directive: Directive): readonly string[] =>
  directive.words.slice(1).map((word) => word.value);
