import type { JavaScriptScalar, JavaScriptValue } from '../javascript/encode.js';
import type { Path } from './model.js';

/** One change of a config.js, as plain data that JSON can hold. Nothing else in the file changes with it. */
export type JitsiConfigEdit =
  | { readonly is: 'set'; readonly path: string; readonly value: JavaScriptValue }
  | { readonly is: 'unset'; readonly path: string };

/** Makes the changes of a config.js. A path is written with dots: `hosts.anonymousdomain`. */
export const jitsiConfig = {
  /** The value is to be this one. */
  set: (
    path: string,
    value: JavaScriptScalar | Readonly<Record<string, JavaScriptScalar>>,
  ): JitsiConfigEdit => ({
    is: 'set',
    path,
    value,
  }),
  /** There is to be no such value. */
  unset: (path: string): JitsiConfigEdit => ({ is: 'unset', path }),
} as const;

/** The names of a path. */
export const pathOf = (edit: JitsiConfigEdit): Path => edit.path.split('.');

/** @throws {Error} When two edits are about one value, or about a value and a part of it. */
export function refuseOverlaps(edits: readonly JitsiConfigEdit[]): void {
  for (const [index, one] of edits.entries()) {
    for (const other of edits.slice(index + 1)) {
      if (`${one.path}.`.startsWith(`${other.path}.`) || `${other.path}.`.startsWith(`${one.path}.`)) {
        throw new Error(`two edits of one file overlap: ${one.path} and ${other.path}`);
      }
    }
  }
}
