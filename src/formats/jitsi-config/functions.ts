import type { AnyNode, MemberExpression } from 'acorn';
import { childrenOf, memberKey, nodesWithin } from '../javascript/node.js';
import { leak, type Machine } from './machine.js';
import { UNKNOWN, type Value } from './value.js';

/**
 * Notes what a function (or a class) could change when it runs, which may be at any time or never.
 *
 * Every property name that it assigns to counts, whatever the object, because `config` goes by other names in there.
 */
export function noteFunction(machine: Machine, root: AnyNode): Value {
  let reaches = false;
  for (const node of nodesWithin(root)) {
    for (const target of targetsOf(node)) noteTarget(machine, target);
    reaches ||= mentionsWhole(node);
  }
  if (root.type === 'ClassDeclaration' || root.type === 'ClassExpression') {
    // A static block or initialiser of a class runs at once.
    if (reaches) leak(machine, machine.names.get('config')?.value ?? UNKNOWN, root);
  }
  return { is: 'function', reaches };
}

/** What a node assigns to or deletes. */
function targetsOf(node: AnyNode): readonly AnyNode[] {
  if (node.type === 'UpdateExpression') return [node.argument];
  if (node.type === 'UnaryExpression') return node.operator === 'delete' ? [node.argument] : [];
  const assigns =
    node.type === 'AssignmentExpression' || node.type === 'ForInStatement' || node.type === 'ForOfStatement';
  return assigns ? patternTargets(node.left) : [];
}

const patternTargets = (left: AnyNode): readonly AnyNode[] =>
  left.type === 'ObjectPattern' || left.type === 'ArrayPattern' ? [...nodesWithin(left)] : [left];

function noteTarget(machine: Machine, target: AnyNode): void {
  const name =
    target.type === 'Identifier'
      ? target.name
      : target.type === 'MemberExpression'
        ? memberKey(target)
        : undefined;
  if (name !== undefined && !machine.laterWrites.has(name)) machine.laterWrites.set(name, target.start);
}

/** Whether a node uses `config` other than to look at a property with a spelled-out name. */
function mentionsWhole(node: AnyNode): boolean {
  return childrenOf(node).some((child) => {
    if (child.type !== 'Identifier' || child.name !== 'config') return false;
    if (node.type === 'MemberExpression') return isUnnamedAccess(node, child);
    return !(node.type === 'Property' && !node.computed && !node.shorthand && node.key === child);
  });
}

const isUnnamedAccess = (node: MemberExpression, child: AnyNode): boolean =>
  node.object === child ? memberKey(node) === undefined : node.computed;
