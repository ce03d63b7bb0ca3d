import { z } from 'zod';
import type { HttpRequest } from '../../shell/http-request.js';
import { type Declared, type Fields, patch, type Representation } from './fields.js';
import { realmPath } from './realm.js';
import type { Identified } from './representation.js';
import { adminRequest, type Errand, type KeycloakServer } from './server.js';

/** The fields of a client that can be managed. A client's secret is none of them: it is never read into a plan. */
export const clientTable = {
  name: 'text',
  description: 'text',
  enabled: 'flag',
  protocol: 'text',
  publicClient: 'flag',
  bearerOnly: 'flag',
  consentRequired: 'flag',
  standardFlowEnabled: 'flag',
  implicitFlowEnabled: 'flag',
  directAccessGrantsEnabled: 'flag',
  serviceAccountsEnabled: 'flag',
  frontchannelLogout: 'flag',
  fullScopeAllowed: 'flag',
  rootUrl: 'text',
  baseUrl: 'text',
  adminUrl: 'text',
  redirectUris: 'set',
  webOrigins: 'set',
  defaultClientScopes: 'set',
  optionalClientScopes: 'set',
  attributes: 'merged',
  protocolMappers: 'mappers',
} as const;

/** What a graph may declare of a client. */
export type ClientFields = Declared<typeof clientTable>;

/** A client of one realm, by the name that applications use. */
export type ClientRef = {
  readonly server: KeycloakServer;
  readonly realm: string;
  readonly clientId: string;
};

/** The two lists of scopes that a client PUT ignores: they have addresses of their own. */
export const scopeFields = {
  defaultClientScopes: 'default-client-scopes',
  optionalClientScopes: 'optional-client-scopes',
} as const;

/** The answer to {@link readScopes}. */
export const scopeList = z.array(z.object({ id: z.string().regex(/^[\w.:-]{1,64}$/), name: z.string() }));

/** What a request about the client is for, in words. */
export const clientErrand = (verb: string, { server, realm, clientId }: ClientRef): Errand => ({
  server,
  what: `${verb} the client "${clientId}" of the realm "${realm}"`,
  role: 'manage-clients',
});

/** Asks for the client by its name, so that it needs no round of its own. 404: no such realm. */
export const findClient = ({ server, realm, clientId }: ClientRef): HttpRequest =>
  adminRequest(server, 'GET', `${realmPath(realm)}/clients?clientId=${encodeURIComponent(clientId)}`);

/** The client among what the search found. */
export const clientIn = (found: readonly Identified[] | null, clientId: string): Identified | null =>
  found?.find((client) => client['clientId'] === clientId) ?? null;

/** Makes the client with these fields. 409: it is there already. */
export const createClient = ({ server, realm, clientId }: ClientRef, fields: Fields): HttpRequest =>
  adminRequest(server, 'POST', `${realmPath(realm)}/clients`, {
    clientId,
    ...patch(clientTable, {}, fields),
  });

/**
 * Writes these fields and nothing else. A client PUT leaves alone what it is not sent and merges attributes, but
 * replaces the list of protocol mappers; a secret that is not sent stays (measured on 26.4.5 and 26.7.3).
 *
 * @param secret the one to set; null: none is sent
 */
export function updateClient(
  ref: ClientRef,
  there: Identified,
  fields: Fields,
  secret: string | null,
): HttpRequest {
  return adminRequest(ref.server, 'PUT', clientPath(ref, there.id), {
    clientId: ref.clientId,
    ...patch(clientTable, withoutAttributes(there), fields),
    ...(secret === null ? {} : { secret }),
  });
}

/** Removes the client. */
export const deleteClient = (ref: ClientRef, id: string): HttpRequest =>
  adminRequest(ref.server, 'DELETE', clientPath(ref, id));

/** Asks for all client scopes of the realm: names and ids. */
export const readScopes = ({ server, realm }: ClientRef): HttpRequest =>
  adminRequest(server, 'GET', `${realmPath(realm)}/client-scopes`);

/** Puts a scope into one of the client's two lists, or takes it out. One that is in the other list is not moved. */
export const changeScope = (
  ref: ClientRef,
  client: string,
  change: {
    readonly method: 'PUT' | 'DELETE';
    readonly field: keyof typeof scopeFields;
    readonly scope: string;
  },
): HttpRequest =>
  adminRequest(
    ref.server,
    change.method,
    `${clientPath(ref, client)}/${scopeFields[change.field]}/${change.scope}`,
  );

const clientPath = ({ realm }: ClientRef, id: string): string =>
  `${realmPath(realm)}/clients/${encodeURIComponent(id)}`;

/** Attributes are merged by the server, so only the changed ones are sent. */
const withoutAttributes = (there: Identified): Representation => ({ ...there, attributes: {} });
