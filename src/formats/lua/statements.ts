import type { Cursor } from './cursor.js';
import type { ExpressionParser } from './expressions.js';
import type { Scope } from './scope.js';
import type { Token } from './token.js';
import type { Assignment, Block, Expression, Statement } from './tree.js';

// Long because the statements of the grammar call each other: apart they would need each other’s insides.

const blockEnds: ReadonlySet<string> = new Set(['end', 'else', 'elseif', 'until', 'end-of-file']);

/** The statement half of Lua's grammar (reference manual 3.3). */
export interface StatementParser {
  /** Statements up to the word that ends their block. Its scope is the caller's. */
  readonly statements: () => Block;
}

/** Statements of one file. */
export function createStatementParser(
  cursor: Cursor,
  scope: Scope,
  { expression, expressions, suffixed, functionBody }: ExpressionParser,
): StatementParser {
  const statements = (): Block => {
    const all: Statement[] = [];
    while (!blockEnds.has(cursor.peek().kind)) {
      const next = cursor.deeper(statement, undefined);
      all.push(next);
      if (next.is === 'return') break;
    }
    return { statements: all };
  };

  const scoped = (isLoop: boolean): Block => {
    scope.enterBlock(isLoop);
    const block = statements();
    scope.leaveBlock();
    return block;
  };

  const since = (start: number) => ({ start, end: cursor.lastEnd() });
  const textOf = (token: Token): string => cursor.text.slice(token.start, token.end);

  const statement = (): Statement => {
    const { kind, start } = cursor.peek();
    switch (kind) {
      case ';':
        cursor.take();
        return { is: 'empty', ...since(start) };
      case 'do':
        return doBlock();
      case 'if':
        return branch();
      case 'while':
        return whileLoop();
      case 'for':
        return forLoop();
      case 'repeat':
        return repeatLoop();
      case 'function':
        return functionStatement();
      case 'local':
        return cursor.peekNext().kind === 'function' ? localFunction() : locals();
      case 'return':
        return returnStatement();
      case 'break':
        scope.break(cursor.take().start);
        return { is: 'break', ...since(start) };
      case 'goto':
        cursor.take();
        scope.goto(textOf(cursor.expect('name', 'after `goto`')), start);
        return { is: 'goto', ...since(start) };
      case '::':
        return label();
      default:
        return callOrAssignment();
    }
  };

  const doBlock = (): Statement => {
    const { start } = cursor.take();
    const body = scoped(false);
    cursor.expect('end', 'to close `do`');
    return { is: 'do', body, ...since(start) };
  };

  const branch = (): Statement => {
    const { start } = cursor.peek();
    const conditions: Expression[] = [];
    const blocks: Block[] = [];
    do {
      cursor.take();
      conditions.push(expression());
      cursor.expect('then', 'after a condition');
      blocks.push(scoped(false));
    } while (cursor.peek().kind === 'elseif');
    if (cursor.takeIf('else')) blocks.push(scoped(false));
    cursor.expect('end', 'to close `if`');
    return { is: 'branch', expressions: conditions, blocks, ...since(start) };
  };

  const whileLoop = (): Statement => {
    const { start } = cursor.take();
    const condition = expression();
    cursor.expect('do', 'after the condition of `while`');
    const block = scoped(true);
    cursor.expect('end', 'to close `while`');
    return { is: 'loop', expressions: [condition], blocks: [block], ...since(start) };
  };

  const repeatLoop = (): Statement => {
    const { start } = cursor.take();
    scope.enterBlock(true);
    // The condition sees the locals of the body, so the body's own block stays open until it is read.
    scope.enterBlock(false);
    const block = statements();
    cursor.expect('until', 'to close `repeat`');
    const condition = expression();
    scope.leaveBlock();
    scope.leaveBlock();
    return { is: 'loop', expressions: [condition], blocks: [block], ...since(start) };
  };

  const forLoop = (): Statement => {
    const { start } = cursor.take();
    const names = nameList('after `for`');
    const isNumeric = names.length === 1 && cursor.takeIf('=') !== undefined;
    if (!isNumeric) cursor.expect('in', 'after the names of `for`');
    const limits = expressions();
    if (isNumeric && (limits.length < 2 || limits.length > 3)) {
      throw cursor.refusal(start, 'a numeric `for` takes a start, an end and at most a step');
    }
    cursor.expect('do', 'after the values of `for`');
    scope.enterBlock(true);
    for (const name of names) scope.declare(textOf(name), { at: name.start });
    const block = scoped(false);
    scope.leaveBlock();
    cursor.expect('end', 'to close `for`');
    return { is: 'loop', expressions: limits, blocks: [block], ...since(start) };
  };

  const nameList = (where: string): Token[] => {
    const names = [cursor.expect('name', where)];
    while (cursor.takeIf(',')) names.push(cursor.expect('name', 'after this comma'));
    return names;
  };

  const functionStatement = (): Statement => {
    const { start } = cursor.take();
    const first = cursor.expect('name', 'for the function');
    const name = textOf(first);
    let target: Expression = {
      is: 'name',
      name,
      local: scope.find(name),
      start: first.start,
      end: first.end,
    };
    let isMethod = false;
    while (!isMethod && (cursor.peek().kind === '.' || cursor.peek().kind === ':')) {
      isMethod = cursor.take().kind === ':';
      const { start: from, end } = cursor.expect('name', 'in the name of a function');
      target = {
        is: 'index',
        object: target,
        key: { is: 'string', start: from, end },
        start: first.start,
        end,
      };
    }
    const body = functionBody(start, isMethod);
    if (target.is === 'name' && target.local) scope.assign(target.local, first.start);
    return { is: 'function-statement', target, function: body, ...since(start) };
  };

  const localFunction = (): Statement => {
    const { start } = cursor.take();
    cursor.take();
    const name = cursor.expect('name', 'after `local function`');
    const local = scope.declare(textOf(name), { at: name.start });
    return { is: 'local-function', local, function: functionBody(start, false), ...since(start) };
  };

  const locals = (): Statement => {
    const { start } = cursor.take();
    const names: { readonly token: Token; readonly constant: boolean }[] = [];
    do names.push({ token: cursor.expect('name', 'after `local`'), constant: attribute() });
    while (cursor.takeIf(','));
    const values = cursor.takeIf('=') ? expressions() : [];
    const isOneToOne = values.length === names.length;
    const declared = names.map(({ token, constant }, at) =>
      scope.declare(textOf(token), {
        at: token.start,
        constant,
        initial: isOneToOne ? values[at] : undefined,
      }),
    );
    return { is: 'local', locals: declared, values, ...since(start) };
  };

  const attribute = (): boolean => {
    if (!cursor.takeIf('<')) return false;
    const name = cursor.expect('name', 'as an attribute');
    if (textOf(name) !== 'const' && textOf(name) !== 'close') {
      throw cursor.refusal(name.start, `Lua knows no attribute \`${textOf(name)}\``);
    }
    cursor.expect('>', 'to close an attribute');
    return true;
  };

  const label = (): Statement => {
    const { start } = cursor.take();
    const name = textOf(cursor.expect('name', 'for this label'));
    const { end } = cursor.expect('::', 'to close this label');
    while (cursor.peek().kind === ';' || cursor.peek().kind === '::') cursor.deeper(statement, undefined);
    const next = cursor.peek().kind;
    scope.label(name, start, blockEnds.has(next) && next !== 'until');
    return { is: 'label', start, end };
  };

  const returnStatement = (): Statement => {
    const { start } = cursor.take();
    const isBare = blockEnds.has(cursor.peek().kind) || cursor.peek().kind === ';';
    const values = isBare ? [] : expressions();
    cursor.takeIf(';');
    if (!blockEnds.has(cursor.peek().kind)) {
      throw cursor.refusal(cursor.peek().start, '`return` must be the last statement of its block');
    }
    return { is: 'return', values, ...since(start) };
  };

  const callOrAssignment = (): Statement => {
    const first = suffixed();
    if (cursor.peek().kind === '=' || cursor.peek().kind === ',') return assignment(first);
    if (first.is === 'call') return { is: 'call-statement', call: first, start: first.start, end: first.end };
    throw cursor.refusal(cursor.peek().start, 'expected `=` here: a value alone is not a statement');
  };

  const assignment = (first: Expression): Assignment => {
    const targets = [first];
    while (cursor.takeIf(',')) targets.push(suffixed());
    for (const target of targets) {
      if (target.is !== 'name' && target.is !== 'index')
        throw cursor.refusal(target.start, 'this cannot be assigned to');
    }
    cursor.expect('=', 'in an assignment');
    const values = expressions();
    for (const target of targets) {
      if (target.is === 'name' && target.local) scope.assign(target.local, target.start);
    }
    return { is: 'assignment', targets, values, ...since(first.start) };
  };

  return { statements };
}
