import type { Cursor } from './cursor.js';
import type { Scope } from './scope.js';
import type { Token } from './token.js';
import type { CallExpression, Expression, Field, FunctionExpression, TableExpression } from './tree.js';

/* Binding powers, left and right, from lparser.c. A smaller right one makes an operator right-associative. */
const binaryPowers: ReadonlyMap<string, readonly [number, number]> = new Map(
  (
    [
      ['^', 14, 13],
      ['* / // %', 11, 11],
      ['+ -', 10, 10],
      ['..', 9, 8],
      ['<< >>', 7, 7],
      ['&', 6, 6],
      ['~', 5, 5],
      ['|', 4, 4],
      ['== ~= < > <= >=', 3, 3],
      ['and', 2, 2],
      ['or', 1, 1],
    ] as const
  ).flatMap(([operators, left, right]) => operators.split(' ').map((operator) => [operator, [left, right]])),
);
const unaryOperators: ReadonlySet<string> = new Set(['not', '-', '~', '#']);
const unaryPower = 12;

/** The expression half of Lua's grammar (reference manual 3.4). */
export interface ExpressionParser {
  readonly expression: () => Expression;
  readonly expressions: () => Expression[];
  /** A variable, a call, or what precedes one of them: what a statement can start with. */
  readonly suffixed: () => Expression;
  /** Parameters and body; the word `function` has been taken. `takesSelf` for `function o:method()`. */
  readonly functionBody: (start: number, takesSelf: boolean) => FunctionExpression;
}

/** Expressions of one file. `functionBlock` parses the statements of a function up to its `end`. */
export function createExpressionParser(
  cursor: Cursor,
  scope: Scope,
  functionBlock: () => FunctionExpression['body'],
): ExpressionParser {
  const expression = (): Expression => operation(0);

  const expressions = (): Expression[] => {
    const all = [expression()];
    while (cursor.takeIf(',')) all.push(expression());
    return all;
  };

  const operation = (power: number): Expression => cursor.deeper(operationOver, power);

  /** An operand with the operators behind it that bind more strongly than `power`. */
  const operationOver = (power: number): Expression => {
    let left = unaryOperators.has(cursor.peek().kind) ? unary() : simple();
    for (;;) {
      const powers = binaryPowers.get(cursor.peek().kind);
      if (powers === undefined || powers[0] <= power) return left;
      const operator = cursor.take().kind;
      const right = operation(powers[1]);
      left = { is: 'binary', operator, left, right, start: left.start, end: right.end };
    }
  };

  const unary = (): Expression => {
    const token = cursor.take();
    const operand = operation(unaryPower);
    return { is: 'unary', operator: token.kind, operand, start: token.start, end: operand.end };
  };

  const simple = (): Expression => {
    const { kind, start, end } = cursor.peek();
    switch (kind) {
      case 'nil':
      case 'number':
      case 'string':
        cursor.take();
        return { is: kind, start, end };
      case 'true':
      case 'false':
        cursor.take();
        return { is: 'boolean', value: kind === 'true', start, end };
      case '...':
        scope.varargs(start);
        cursor.take();
        return { is: 'vararg', start, end };
      case '{':
        return table();
      case 'function':
        cursor.take();
        return functionBody(start, false);
      default:
        return suffixed();
    }
  };

  const primary = (): Expression => {
    const { start } = cursor.peek();
    if (cursor.takeIf('(')) {
      const inner = expression();
      const { end } = cursor.expect(')', 'to close this parenthesis');
      return { is: 'parentheses', inner, start, end };
    }
    return nameFrom(cursor.expect('name', 'or a value here'));
  };

  const nameFrom = ({ start, end }: Token): Expression => {
    const name = cursor.text.slice(start, end);
    return { is: 'name', name, local: scope.find(name), start, end };
  };

  const suffixed = (): Expression => {
    let object = primary();
    for (;;) {
      const { kind } = cursor.peek();
      if (kind === '.' || kind === '[') object = index(object);
      else if (kind === ':') {
        cursor.take();
        const method = cursor.expect('name', 'after `:`');
        object = call(object, cursor.text.slice(method.start, method.end));
      } else if (kind === '(' || kind === '{' || kind === 'string') object = call(object, undefined);
      else return object;
    }
  };

  const index = (object: Expression): Expression => {
    const opening = cursor.take();
    const key = opening.kind === '.' ? fieldName() : expression();
    if (opening.kind === '[') cursor.expect(']', 'to close this index');
    return { is: 'index', object, key, start: object.start, end: cursor.lastEnd() };
  };

  const fieldName = (): Expression => {
    const { start, end } = cursor.expect('name', 'after `.`');
    return { is: 'string', start, end };
  };

  const call = (callee: Expression, method: string | undefined): CallExpression => {
    const args = callArguments();
    return { is: 'call', callee, method, arguments: args, start: callee.start, end: cursor.lastEnd() };
  };

  const callArguments = (): readonly Expression[] => {
    const { kind, start, end } = cursor.peek();
    if (kind === '{') return [table()];
    if (cursor.takeIf('string')) return [{ is: 'string', start, end }];
    cursor.expect('(', 'to start the arguments of a call');
    if (cursor.takeIf(')')) return [];
    const all = expressions();
    cursor.expect(')', 'to close the arguments of a call');
    return all;
  };

  const table = (): TableExpression => {
    const { start } = cursor.expect('{', 'to start a table');
    const fields: Field[] = [];
    while (cursor.peek().kind !== '}') {
      const field = tableField();
      fields.push(field);
      if (field.separator === undefined) break;
    }
    const { end } = cursor.expect('}', `to close the table, or a \`,\` or \`;\` before the next entry`);
    return { is: 'table', fields, start, end };
  };

  const tableField = (): Field => {
    const { start } = cursor.peek();
    const key = fieldKey();
    if (key.is !== 'position') cursor.expect('=', 'after the key of a table entry');
    const value = expression();
    const separator = cursor.takeIf(',') ?? cursor.takeIf(';');
    return { key, value, start, end: value.end, separator };
  };

  const fieldKey = (): Field['key'] => {
    if (cursor.peek().kind === 'name' && cursor.peekNext().kind === '=') {
      const { start, end } = cursor.take();
      return { is: 'name', name: cursor.text.slice(start, end) };
    }
    if (!cursor.takeIf('[')) return { is: 'position' };
    const key = expression();
    cursor.expect(']', 'to close this key');
    return { is: 'computed', expression: key };
  };

  const functionBody = (start: number, takesSelf: boolean): FunctionExpression => {
    const opening = cursor.expect('(', 'to start the parameters of a function');
    const names: Token[] = [];
    let takesVarargs = false;
    if (cursor.peek().kind !== ')') {
      do {
        takesVarargs = cursor.takeIf('...') !== undefined;
        if (!takesVarargs) names.push(cursor.expect('name', 'or `...` as a parameter'));
      } while (!takesVarargs && cursor.takeIf(','));
    }
    cursor.expect(')', 'to close the parameters of a function');
    scope.enterFunction(takesVarargs);
    if (takesSelf) scope.declare('self', { at: opening.start });
    for (const name of names) scope.declare(cursor.text.slice(name.start, name.end), { at: name.start });
    const body = functionBlock();
    const { end } = cursor.expect('end', 'to close a function');
    scope.leaveFunction();
    return { is: 'function', body, start, end };
  };

  return { expression, expressions, suffixed, functionBody };
}
