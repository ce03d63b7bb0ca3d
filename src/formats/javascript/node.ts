import type { AnyNode, Expression, MemberExpression, Property } from 'acorn';

/** The nodes directly under a node, in the order of the grammar. */
export function childrenOf(node: AnyNode): readonly AnyNode[] {
  return Object.values(node as object).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** A node and all below it, without recursion: a long chain of operators must not exhaust the stack. */
export function* nodesWithin(root: AnyNode): Generator<AnyNode> {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    for (const child of childrenOf(node)) waiting.push(child);
  }
}

/** The name of a property or member when the source spells it out: `a`, `'a'`, `['a']`, `1`. */
export function writtenKey(key: AnyNode, computed: boolean): string | undefined {
  if (key.type === 'Identifier') return computed ? undefined : key.name;
  if (key.type !== 'Literal') return undefined;
  const { value } = key;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** The spelled-out name of a property of an object literal. */
export const propertyKey = (property: Property): string | undefined =>
  writtenKey(property.key, property.computed);

/** The spelled-out name of `object.name` or `object['name']`. */
export const memberKey = (member: MemberExpression): string | undefined =>
  writtenKey(member.property, member.computed);

/** Whether a node is a function or a class, whose body runs later, if ever. */
export const runsLater = (node: AnyNode): boolean =>
  node.type === 'FunctionExpression' ||
  node.type === 'FunctionDeclaration' ||
  node.type === 'ArrowFunctionExpression' ||
  node.type === 'ClassExpression' ||
  node.type === 'ClassDeclaration';

/** Whether evaluating an expression can change something else, so that replacing it would lose that change. */
export function hasSideEffects(expression: Expression): boolean {
  for (const node of nodesWithin(expression)) {
    if (node.type === 'AssignmentExpression' || node.type === 'UpdateExpression') return true;
    if (node.type === 'UnaryExpression' && node.operator === 'delete') return true;
  }
  return false;
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  'start' in value;
