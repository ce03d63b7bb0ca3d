import { z } from 'zod';
import type { Json } from '../../lib/json.js';

/** Any value: it comes out of JSON.parse, and only what a table names is ever looked at, with its own rule. */
const anything = z.custom<Json>();

/** A realm as it comes. */
export const realmRepresentation = z.record(z.string(), anything);

/** A client or a user: `id` is Keycloak's own, made of characters that are safe in a path. */
export const identified = z.object({ id: z.string().regex(/^[\w.:-]{1,64}$/) }).catchall(anything);

/** One of the objects that Keycloak knows by an id of its own. */
export type Identified = z.infer<typeof identified>;

/** The answer to a search. */
export const manyIdentified = z.array(identified);
