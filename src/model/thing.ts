import { canonical, type Json } from '../lib/json.js';
import type { ResourceKind } from './kind.js';

/** Which thing an identity means, in words that are equal for equal things of one host. */
export const thingOf = <I extends Json>(
  kind: Pick<ResourceKind<never, I, never>, 'name' | 'thing'>,
  id: I,
): string => kind.thing?.(id) ?? `${kind.name} ${canonical(id)}`;
