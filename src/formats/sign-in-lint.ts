import type { FileFinding } from './file-finding.js';
import { realmIn } from './sign-in-job.js';
import type { Position } from './source.js';

/** An address of Keycloak that a config file holds. */
export interface SeenAddress {
  readonly path: string;
  /** How the option is called there: `asap_accepted_issuers`, `tokenAuthUrl`. */
  readonly option: string;
  readonly address: string;
  readonly at: Position;
}

/** What the config files of one site say about Keycloak. */
export interface SeenSignIn {
  /** Each entry of Prosody's `asap_accepted_issuers`. */
  readonly issuers: readonly SeenAddress[];
  /** Prosody's `cache_keys_url`. */
  readonly keyAddresses: readonly SeenAddress[];
  /** Where config.js sends people: see `realmsNamed`. */
  readonly pages: readonly SeenAddress[];
}

/**
 * What is wrong between the files, each of which may be right alone: a token carries the realm it was made in, and Prosody
 * compares that issuer to the letter (mod_auth_token of jitsi-meet).
 */
export function lintSignIn({ issuers, keyAddresses, pages }: SeenSignIn): readonly FileFinding[] {
  const accepted = new Set(
    issuers.map(({ address }) => realmIn(address)).filter((realm) => realm !== undefined),
  );
  if (accepted.size === 0) return [];
  const names = [...accepted].join(', ');
  const from = issuers.map(({ path, at }) => `${path}:${at.line}`).join(', ');
  const differing = (
    addresses: readonly SeenAddress[],
  ): readonly (SeenAddress & { readonly realm: string })[] =>
    addresses.flatMap((seen) => {
      const realm = realmIn(seen.address);
      return realm === undefined || accepted.has(realm) ? [] : [{ ...seen, realm }];
    });
  return [
    ...differing(pages).map(({ path, at, option, realm }) => ({
      path,
      at,
      code: 'realms-differ',
      breaks: `\`${option}\` signs people in at the realm ${realm}, but Prosody (${from}) accepts only ${names}: nobody gets in.`,
      fix: 'Name one realm in all files.',
    })),
    ...differing(keyAddresses).map(({ path, at, option, realm }) => ({
      path,
      at,
      code: 'realms-differ',
      breaks: `\`${option}\` fetches the keys of the realm ${realm}, but tokens come from ${names}: every token is refused.`,
      fix: 'Name one realm in all files.',
    })),
  ];
}
