import { printableProse } from '../../lib/printable.js';
import type { Json } from '../../lib/json.js';
import type { Difference } from '../../model/kind.js';
import { differing, type Fields } from './fields.js';

/** The fields that differ, for a person. Null: the thing is not there. */
export function differences(from: Fields | null, to: Fields | null): readonly Difference[] {
  if (to === null) return [{ is: 'note', text: 'is removed' }];
  const names = from === null ? Object.keys(to) : differing(from, to);
  return names.map((field) => ({
    is: 'field',
    field,
    from: from === null ? '(not there)' : worded(from[field]),
    to: worded(to[field]),
  }));
}

/** Sets by their members, everything else as JSON. */
function worded(value: Json | undefined): string {
  if (value === undefined || value === null) return '(empty)';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.length === 0 ? '(none)' : printableProse(value.join(', '), 600);
  }
  return printableProse(typeof value === 'string' ? value : JSON.stringify(value), 600);
}
