import { createCursor } from './cursor.js';
import { createExpressionParser } from './expressions.js';
import { createScope } from './scope.js';
import { createStatementParser, type StatementParser } from './statements.js';
import type { Chunk } from './tree.js';

/**
 * Parses a Lua file by the grammar of Lua 5.4 (5.1 to 5.3 but for a variable named `goto`, and escapes such as `\.`
 * that only 5.1 lets pass).
 *
 * @throws Refused at the place where Lua's own compiler would stop.
 */
export function parseLua(text: string): Chunk {
  const cursor = createCursor(text);
  const scope = createScope((at, reason) => cursor.refusal(at, reason));
  const expressions = createExpressionParser(cursor, scope, () => statements.statements());
  const statements: StatementParser = createStatementParser(cursor, scope, expressions);
  scope.enterFunction(true);
  const block = statements.statements();
  cursor.expect('end-of-file', 'after the last statement');
  scope.leaveFunction();
  return { ...block, text, comments: cursor.comments };
}
