import type { Json } from '../lib/json.js';
import type { SecretRef } from './secret.js';

/** Where a request goes, as seen from the host: it is dialled there, at the far end of the SSH connection. */
export interface Endpoint {
  /** Address on the host's network, usually `127.0.0.1`. */
  readonly address: string;
  readonly port: number;
  /** Dialled from the controller's own network instead: what the world sees. */
  readonly from?: 'controller';
  /** TLS with this server name; `ca` is PEM text that is trusted beside the known authorities. */
  readonly tls?: { readonly serverName: string; readonly ca?: string };
}

/** Signs requests with a bearer token that is got, kept and renewed for as long as the session lasts. */
export interface PasswordGrant {
  readonly tokenPath: string;
  readonly clientId: string;
  readonly username: string;
  readonly password: SecretRef;
}

/** A body: a form (each value one field) or JSON. Secrets get their values at the wire. */
export type HttpBody =
  | { readonly form: Readonly<Record<string, string | SecretRef>> }
  | { readonly json: Json }
  | { readonly text: string; readonly type: string };

/** One HTTP request, as data. */
export interface HttpRequest {
  readonly is: 'http';
  readonly to: Endpoint;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';
  /** Path and query, beginning with `/`. */
  readonly path: string;
  /** `Host` may be set; it defaults to the endpoint's. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly auth?: PasswordGrant;
  /** Default 10 000 ms. */
  readonly timeoutMs?: number;
}

/** What came back. Redirects are not followed; bodies over 4 MiB are cut and `truncated`. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. A header sent several times keeps all its values. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array;
  readonly truncated: boolean;
}
