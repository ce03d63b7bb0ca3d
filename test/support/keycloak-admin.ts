import type { TestKeycloak } from './keycloak.js';

/** An object of Keycloak's, as a test sees it. */
export type Loose = Readonly<Record<string, unknown>>;

/** The tests' own way into a Keycloak: seeds it, and reads it independently of the code under test. */
export interface TestAdmin {
  get<T = Loose>(path: string): Promise<T>;
  post(path: string, body: unknown): Promise<void>;
  put(path: string, body?: unknown): Promise<void>;
  remove(path: string): Promise<void>;
  client(realm: string, clientId: string): Promise<Loose & { readonly id: string }>;
  user(realm: string, username: string): Promise<Loose & { readonly id: string }>;
}

/** Opens the admin API. Paths begin behind `/admin/realms`. */
export function testAdmin({ port, admin }: Pick<TestKeycloak, 'port' | 'admin'>): TestAdmin {
  const base = `http://127.0.0.1:${port}`;
  const token = keptToken(`${base}/realms/master/protocol/openid-connect/token`, admin);
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${base}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  };
  const get = <T>(path: string) => call('GET', path) as Promise<T>;
  const only = async (path: string): Promise<Loose & { readonly id: string }> => {
    const found = await get<readonly (Loose & { readonly id: string })[]>(path);
    if (found.length !== 1) throw new Error(`${path}: ${found.length} found`);
    return found[0]!;
  };
  return {
    get,
    post: async (path, body) => {
      await call('POST', path, body);
    },
    put: async (path, body) => {
      await call('PUT', path, body);
    },
    remove: async (path) => {
      await call('DELETE', path);
    },
    client: (realm, clientId) => only(`/${realm}/clients?clientId=${clientId}`),
    user: (realm, username) => only(`/${realm}/users?exact=true&username=${username}`),
  };
}

/** A login takes Keycloak most of a second, and its token lasts for one minute. */
function keptToken(url: string, login: TestKeycloak['admin']): () => Promise<string> {
  const kept = { value: Promise.resolve(''), goodUntil: 0 };
  return () => {
    if (kept.goodUntil > Date.now()) return kept.value;
    kept.goodUntil = Date.now() + 40_000;
    kept.value = fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...login }),
    }).then(async (response) => ((await response.json()) as { access_token: string }).access_token);
    return kept.value;
  };
}

/** What an application gets for a name and a password (the client must allow direct grants). */
export async function passwordGrant(
  { port }: Pick<TestKeycloak, 'port'>,
  realm: string,
  login: { readonly client_id: string; readonly username: string; readonly password: string },
): Promise<{ readonly status: number; readonly claims: Loose }> {
  const response = await fetch(`http://127.0.0.1:${port}/realms/${realm}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'password', scope: 'openid', ...login }),
  });
  const { access_token: token } = (await response.json()) as { readonly access_token?: string };
  const payload = token?.split('.')[1];
  const claims =
    payload === undefined ? {} : (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Loose);
  return { status: response.status, claims };
}

/** Names of the fields in which two objects differ. */
export const changedFields = (before: Loose, after: Loose): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(sorted(before[name])) !== JSON.stringify(sorted(after[name])),
  );

/** Keycloak gives maps and sets in any order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value
      .map(sorted)
      .map((item) => JSON.stringify(item))
      .sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, sorted(item)]);
}
