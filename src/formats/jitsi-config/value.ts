import type {
  AssignmentExpression,
  Expression,
  ExpressionStatement,
  ObjectExpression,
  Property,
} from 'acorn';

/** What is known of a value when the whole file has run. */
export type Value =
  | { readonly is: 'constant'; readonly constant: Constant }
  | ObjectValue
  /** The global object: `window`, `self`, `globalThis`, `this`. */
  | { readonly is: 'window' }
  /** A function; `reaches` says that its body can change `config` without naming what it changes. */
  | { readonly is: 'function'; readonly reaches: boolean }
  /** An array, a regular expression, an instance: something truthy that is no plain object. */
  | { readonly is: 'thing' }
  | { readonly is: 'unknown' };

export type Constant = string | number | boolean | null | undefined;

/** Why something is not certain, and the offset of the code that makes it so. */
export interface Doubt {
  readonly at: number;
  readonly why: string;
}

/** A plain object, made by a literal of the file. Names for one object share one of these. */
export interface ObjectValue {
  readonly is: 'object';
  readonly literal: ObjectExpression;
  readonly slots: Map<string, Slot>;
  /** Set when it may hold properties that the file does not name. */
  open?: Doubt;
  /** Set when code that is not followed may have changed anything in it; what was written later is certain again. */
  blur?: Doubt & { readonly moment: number };
  /** The offset of the call that froze or sealed it. */
  frozen?: number;
}

/** One property of an object. */
export interface Slot {
  readonly value: Value;
  /** All code that gives this property a value, in the order in which it runs: the last one wins. */
  readonly writes: Write[];
  /** When the last write ran, counted in writes. */
  readonly moment: number;
  /** Set when the last write may not have happened, or not as it reads. */
  readonly doubt?: Doubt;
}

/** A place in the file that gives a property its value. */
export type Write =
  | { readonly is: 'property'; readonly node: Property; readonly within: ObjectExpression }
  | {
      readonly is: 'assignment';
      readonly node: AssignmentExpression;
      /** Whether nothing uses the value of the assignment itself. */
      readonly alone: boolean;
      /** The statement that is this assignment and nothing else, when it stands in a list of statements. */
      readonly statement?: ExpressionStatement;
    }
  /** Code that no editor should change: an accessor, a destructuring, `+=`, `++`. */
  | { readonly is: 'other'; readonly at: number };

export const UNKNOWN: Value = { is: 'unknown' };
export const THING: Value = { is: 'thing' };

export const constantValue = (constant: Constant): Value => ({ is: 'constant', constant });

/** Whether a value counts as true, when that is certain. */
export function truthOf(value: Value): boolean | undefined {
  if (value.is === 'unknown') return undefined;
  return value.is === 'constant' ? Boolean(value.constant) : true;
}

/** Why a slot of an object is not certain; `undefined` when it is. */
export function doubtOf(object: ObjectValue, slot: Slot): Doubt | undefined {
  if (slot.doubt !== undefined) return slot.doubt;
  return object.blur !== undefined && object.blur.moment > slot.moment ? object.blur : undefined;
}

/** The expression that a write takes its value from. */
export function writtenExpression(write: Write): Expression | undefined {
  if (write.is === 'property') return write.node.value;
  return write.is === 'assignment' ? write.node.right : undefined;
}
