/* What the values of such options are: words that grant access to whoever holds them. */
const secretWords =
  /secret|passw|passphrase|credential|(?:^|_)pw$|(?:^|_)token$|(?:private|api|auth|access|signing|encryption)_?key/i;

/* Options about a secret, whose own values are none: where it is, how long it lives, whom it concerns. */
const aboutSecrets =
  /^turncredentials$|_(?:urls?|uri|files?|path|ports?|hosts?|ttl|expiry|lifetime|algorithm|iterations|length|policy|whitelist|enabled|server)$/i;

/**
 * Whether the value of an option is to be hidden wherever a person might see it: `app_secret`, `component_secret`,
 * `external_service_secret`, the `password` of an SQL store. Addresses of public keys (`cache_keys_url`) are not.
 */
export const isSecretOption = (name: string): boolean => secretWords.test(name) && !aboutSecrets.test(name);
