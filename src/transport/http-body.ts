import type { Json } from '../lib/json.js';
import type { HttpBody } from '../shell/http-request.js';
import { isSecretRef, type Vault } from '../shell/secret.js';

/** A body as it goes over the wire. */
export interface WireBody {
  readonly bytes: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Writes a body; secrets get their values here, and only here. */
export function bodyOf(body: HttpBody | undefined, vault: Vault): WireBody {
  if (body === undefined) return { bytes: null, headers: {} };
  if ('form' in body) {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries(body.form)) {
      fields.append(name, isSecretRef(value) ? vault.reveal(value) : value);
    }
    return wire(fields.toString(), 'application/x-www-form-urlencoded');
  }
  if ('json' in body) return wire(JSON.stringify(withSecrets(body.json, vault)), 'application/json');
  return wire(body.text, body.type);
}

const wire = (text: string, type: string): WireBody => ({
  bytes: Buffer.from(text),
  headers: { 'content-type': type },
});

/** Only an object that is nothing but `{ secret: NAME }` names a secret: APIs have fields of that name themselves. */
function withSecrets(value: Json, vault: Vault): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => withSecrets(item, vault));
  if (isSecretRef(value) && Object.keys(value).length === 1) return vault.reveal(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withSecrets(item, vault)]));
}
