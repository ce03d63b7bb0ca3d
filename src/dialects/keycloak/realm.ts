import type { HttpRequest } from '../../shell/http-request.js';
import { type Declared, type Fields, patch, type Representation } from './fields.js';
import { adminRequest, type Errand, type KeycloakServer } from './server.js';

/** The fields of a realm that can be managed. Of `attributes` and `smtpServer` only the declared names are. */
export const realmTable = {
  enabled: 'flag',
  displayName: 'text',
  displayNameHtml: 'text',
  sslRequired: 'text',
  registrationAllowed: 'flag',
  registrationEmailAsUsername: 'flag',
  rememberMe: 'flag',
  verifyEmail: 'flag',
  loginWithEmailAllowed: 'flag',
  duplicateEmailsAllowed: 'flag',
  resetPasswordAllowed: 'flag',
  editUsernameAllowed: 'flag',
  bruteForceProtected: 'flag',
  permanentLockout: 'flag',
  failureFactor: 'number',
  waitIncrementSeconds: 'number',
  maxFailureWaitSeconds: 'number',
  maxDeltaTimeSeconds: 'number',
  passwordPolicy: 'text',
  defaultSignatureAlgorithm: 'text',
  accessTokenLifespan: 'number',
  ssoSessionIdleTimeout: 'number',
  ssoSessionMaxLifespan: 'number',
  internationalizationEnabled: 'flag',
  supportedLocales: 'set',
  defaultLocale: 'text',
  loginTheme: 'text',
  accountTheme: 'text',
  emailTheme: 'text',
  eventsEnabled: 'flag',
  eventsExpiration: 'number',
  enabledEventTypes: 'set',
  adminEventsEnabled: 'flag',
  smtpServer: 'attributes',
  attributes: 'attributes',
} as const;

/** What a graph may declare of a realm. */
export type RealmFields = Declared<typeof realmTable>;

/** A realm of one server. */
export type RealmRef = { readonly server: KeycloakServer; readonly realm: string };

/** Where a realm lies in the admin API. */
export const realmPath = (realm: string): string => `/${encodeURIComponent(realm)}`;

/** What a request about the realm is for, in words. */
export const realmErrand = (verb: string, { server, realm }: RealmRef): Errand => ({
  server,
  what: `${verb} the realm "${realm}"`,
  role: verb === 'create' ? 'create-realm' : 'admin',
});

/** Asks for the whole realm. 404: there is none. */
export const readRealm = ({ server, realm }: RealmRef): HttpRequest =>
  adminRequest(server, 'GET', realmPath(realm));

/** Makes the realm with these fields; everything else is Keycloak's default. 409: it is there already. */
export const createRealm = ({ server, realm }: RealmRef, fields: Fields): HttpRequest =>
  adminRequest(server, 'POST', '', { realm, ...patch(realmTable, {}, fields) });

/**
 * Writes these fields and nothing else: a realm PUT leaves alone what it is not sent, but of `attributes` it
 * removes the names that are not sent (measured on 26.4.5 and 26.7.3; sending the whole realm back instead adds
 * attributes that were not there).
 */
export const updateRealm = (
  { server, realm }: RealmRef,
  there: Representation,
  fields: Fields,
): HttpRequest => adminRequest(server, 'PUT', realmPath(realm), patch(realmTable, there, fields));

/** Removes the realm with its clients and users. */
export const deleteRealm = ({ server, realm }: RealmRef): HttpRequest =>
  adminRequest(server, 'DELETE', realmPath(realm));
