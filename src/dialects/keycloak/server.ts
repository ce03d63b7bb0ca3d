import type { Json } from '../../lib/json.js';
import type { Endpoint, HttpRequest } from '../../shell/http-request.js';

/**
 * A Keycloak and its admin, as part of a task's identity: enough to ask it again without the graph.
 * The password is the name of a secret.
 */
export type KeycloakServer = {
  /** As seen from the host of the task. */
  readonly endpoint: {
    readonly address: string;
    readonly port: number;
    readonly tls?: { readonly serverName: string; readonly ca?: string };
  };
  /** Where Keycloak's paths begin (`http-relative-path`), such as `/auth`. Default: nothing. */
  readonly basePath?: string;
  /** A user of the realm `master` who may manage realms. */
  readonly admin: { readonly username: string; readonly password: { readonly secret: string } };
};

/** Which thing of which server a request is about, in words, and the admin's role that it takes. */
export interface Errand {
  readonly server: KeycloakServer;
  /** As in `Keycloak could not …`: `read realm "jitsi-realm"`. */
  readonly what: string;
  /** The role that is missing when the answer is 403. */
  readonly role: string;
}

/** One request to the admin API. `path` begins behind `/admin/realms`. */
export function adminRequest(
  server: KeycloakServer,
  method: HttpRequest['method'],
  path: string,
  body?: Json,
): HttpRequest {
  const base = server.basePath ?? '';
  return {
    is: 'http',
    to: endpointOf(server),
    method,
    path: `${base}/admin/realms${path}`,
    headers: { accept: 'application/json' },
    ...(body === undefined ? {} : { body: { json: body } }),
    auth: {
      tokenPath: `${base}/realms/master/protocol/openid-connect/token`,
      clientId: 'admin-cli',
      username: server.admin.username,
      password: server.admin.password,
    },
  };
}

/** `server` in a few characters, for messages. */
export const serverName = ({ endpoint, basePath }: KeycloakServer): string =>
  `${endpoint.tls === undefined ? 'http' : 'https'}://${endpoint.address}:${endpoint.port}${basePath ?? ''}`;

const endpointOf = (server: KeycloakServer): Endpoint => server.endpoint;
