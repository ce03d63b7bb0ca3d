import type { Span } from '../source.js';

/** A local variable, one object for each declaration. */
export interface Local {
  readonly name: string;
  readonly constant: boolean;
  /** What it is declared with, where each name of the declaration has a value of its own. */
  readonly initial: Expression | undefined;
  /** Whether it is ever assigned to again. Known once the whole file has been parsed. */
  readonly reassigned: boolean;
}

/** A name that stands for a value; `local` is undefined for a global. */
export interface NameExpression extends Span {
  readonly is: 'name';
  readonly name: string;
  readonly local: Local | undefined;
}

/** A quoted or long-bracket string, as it stands in the file. */
export interface StringExpression extends Span {
  readonly is: 'string';
}

/** `f(a)`, `f "a"`, `f {…}`, `o:f(a)`. */
export interface CallExpression extends Span {
  readonly is: 'call';
  readonly callee: Expression;
  readonly method: string | undefined;
  readonly arguments: readonly Expression[];
}

/** One entry of a table; `separator` is the `,` or `;` behind it. */
export interface Field extends Span {
  readonly key: { readonly is: 'position' } | { readonly is: 'name'; readonly name: string } | ComputedKey;
  readonly value: Expression;
  readonly separator: Span | undefined;
}

/** `[expression]` as the key of a table's entry. */
export interface ComputedKey {
  readonly is: 'computed';
  readonly expression: Expression;
}

/** `{ … }`. */
export interface TableExpression extends Span {
  readonly is: 'table';
  readonly fields: readonly Field[];
}

/** A function's parameters and body, with or without a name. */
export interface FunctionExpression extends Span {
  readonly is: 'function';
  readonly body: Block;
}

/** Anything that has a value. */
export type Expression =
  | NameExpression
  | StringExpression
  | CallExpression
  | TableExpression
  | FunctionExpression
  | (Span & { readonly is: 'nil' | 'vararg' | 'number' })
  | (Span & { readonly is: 'boolean'; readonly value: boolean })
  | (Span & { readonly is: 'index'; readonly object: Expression; readonly key: Expression })
  | (Span & { readonly is: 'parentheses'; readonly inner: Expression })
  | (Span & { readonly is: 'unary'; readonly operator: string; readonly operand: Expression })
  | (Span & {
      readonly is: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    });

/** `a, b = 1, 2`. */
export interface Assignment extends Span {
  readonly is: 'assignment';
  readonly targets: readonly Expression[];
  readonly values: readonly Expression[];
}

/** Anything that runs. Branches and loops keep only what an editor asks about: their expressions and their blocks. */
export type Statement =
  | Assignment
  | (Span & { readonly is: 'call-statement'; readonly call: CallExpression })
  | (Span & {
      readonly is: 'local';
      readonly locals: readonly Local[];
      readonly values: readonly Expression[];
    })
  | (Span & { readonly is: 'local-function'; readonly local: Local; readonly function: FunctionExpression })
  | (Span & {
      readonly is: 'function-statement';
      readonly target: Expression;
      readonly function: FunctionExpression;
    })
  | (Span & { readonly is: 'do'; readonly body: Block })
  | (Span & {
      readonly is: 'branch' | 'loop';
      readonly expressions: readonly Expression[];
      readonly blocks: readonly Block[];
    })
  | (Span & { readonly is: 'return'; readonly values: readonly Expression[] })
  | (Span & { readonly is: 'break' | 'goto' | 'label' | 'empty' });

/** Statements in order. */
export interface Block {
  readonly statements: readonly Statement[];
}

/** A whole file. */
export interface Chunk extends Block {
  readonly text: string;
  /** Every comment, in order, without its line ending. */
  readonly comments: readonly Span[];
}

/** A node of either sort. */
export type Node = Statement | Expression;

function childrenOfExpression(node: Expression): readonly Node[] {
  switch (node.is) {
    case 'call':
      return [node.callee, ...node.arguments];
    case 'table':
      return node.fields.flatMap((field) =>
        field.key.is === 'computed' ? [field.key.expression, field.value] : [field.value],
      );
    case 'function':
      return node.body.statements;
    case 'index':
      return [node.object, node.key];
    case 'parentheses':
      return [node.inner];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'name':
    case 'string':
    case 'nil':
    case 'vararg':
    case 'number':
    case 'boolean':
      return [];
  }
}

function childrenOfStatement(node: Statement): readonly Node[] {
  switch (node.is) {
    case 'assignment':
      return [...node.targets, ...node.values];
    case 'call-statement':
      return [node.call];
    case 'local':
    case 'return':
      return node.values;
    case 'local-function':
      return [node.function];
    case 'function-statement':
      return [node.target, node.function];
    case 'do':
      return node.body.statements;
    case 'branch':
    case 'loop':
      return [...node.expressions, ...node.blocks.flatMap((block) => block.statements)];
    case 'break':
    case 'goto':
    case 'label':
    case 'empty':
      return [];
  }
}

const statementKinds: ReadonlySet<Node['is']> = new Set<Statement['is']>([
  'assignment',
  'call-statement',
  'local',
  'local-function',
  'function-statement',
  'do',
  'branch',
  'loop',
  'return',
  'break',
  'goto',
  'label',
  'empty',
]);

const isStatement = (node: Node): node is Statement => statementKinds.has(node.is);

/** The nodes directly inside a node, in the order of the file. */
export const childrenOf = (node: Node): readonly Node[] =>
  isStatement(node) ? childrenOfStatement(node) : childrenOfExpression(node);

/**
 * Every node under the given ones and they themselves, in the order of the file; what `enters` says no to is
 * yielded but not looked into. A stack and no recursion: `a.b.c…` may be a megabyte long.
 */
export function* nodesUnder(
  roots: readonly Node[],
  enters: (node: Node) => boolean = () => true,
): Generator<Node> {
  const waiting = [...roots].reverse();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    const children = enters(node) ? childrenOf(node) : [];
    for (let at = children.length - 1; at >= 0; at -= 1) {
      const child = children[at];
      if (child !== undefined) waiting.push(child);
    }
  }
}
