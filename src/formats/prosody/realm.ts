/** The realm in a URL of Keycloak: of an issuer, of its keys, of its login page. */
export const realmIn = (url: string): string | undefined => {
  const realm = /\/realms\/([^/?#]+)/.exec(url)?.[1];
  try {
    return realm === undefined ? undefined : decodeURIComponent(realm);
  } catch {
    return realm;
  }
};
