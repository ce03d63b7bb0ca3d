/** What sign-in is to be, as far as config files repeat it. */
export interface SignInJob {
  /** The public name of the site: `meet.example.com`. */
  readonly domain: string;
  readonly realm: string;
  /** The identity of the client in Keycloak. */
  readonly client: string;
}

/** The realm that an address of Keycloak names; `undefined` when it names none. */
export function realmIn(address: string): string | undefined {
  const realm = /\/realms\/([^/?#]+)/.exec(address)?.[1];
  if (realm === undefined) return undefined;
  try {
    return decodeURIComponent(realm);
  } catch {
    return realm;
  }
}
