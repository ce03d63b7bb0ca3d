import { z } from 'zod';

/**
 * `{ secret: NAME }`: the name of a secret of the inventory. A value that is written out is refused. More may be said
 * beside the name with `secretRef.extend({ … })`.
 */
export const secretRef = z.strictObject(
  { secret: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be a name of letters, digits and _') },
  'must name a secret, as in { secret: NAME }, with its value in the environment or in .env',
);

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';

/**
 * A public host name in small letters. Nothing that could mean something to nginx, Lua, JavaScript or a shell
 * passes. 240 characters leave room for `conference.` and the like before it (RFC 1035: 253 in all).
 */
export const domainName = z
  .string()
  .max(240, 'must have at most 240 characters')
  .regex(
    new RegExp(`^(?:${label}\\.)+(?:[a-z][a-z0-9-]{0,61}[a-z0-9]|xn--[a-z0-9-]{1,58}[a-z0-9])$`),
    'must be a full host name in small letters, such as meet.example.com',
  );

/** The name of a Keycloak realm, as it stands in URLs. `master` is Keycloak's own and is never served to the world. */
export const realmName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'must start with a letter or digit and hold letters, digits, . _ - only',
  )
  .refine((name) => name !== 'master', 'must not be master: that is the realm of the administrators');

/** The id of a Keycloak client. */
export const clientId = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'must start with a letter or digit and hold letters, digits, . _ - only',
  );

/** The name that a user signs in with. Keycloak keeps user names in small letters. */
export const username = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._@+-]{0,99}$/,
    'must start with a small letter or digit and hold small letters, digits, . _ @ + - only',
  );

/** An e-mail address. */
export const emailAddress = z.email('must be an e-mail address').max(254, 'must have at most 254 characters');

/** A first or last name. What Keycloak's default user profile prohibits in names is refused here already. */
export const personName = z
  .string()
  .min(1, 'must not be empty')
  .max(255, 'must have at most 255 characters')
  // Keycloak: PersonNameProhibitedCharactersValidator; control and direction characters are ours.
  .regex(
    /^[^<>&"$%!#?§;*~/\\|^=[\]{}()\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u,
    'must not hold < > & " $ % ! # ? ; * ~ / \\ | ^ = or brackets',
  );

/** A TCP port. */
export const port = z
  .int('must be a whole number from 1 to 65535')
  .min(1, 'must be a whole number from 1 to 65535')
  .max(65_535, 'must be a whole number from 1 to 65535');

/** The name of a Docker container or volume. Source: `RestrictedNamePattern` of moby. */
export const dockerName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/,
    'must be a Docker name: letters, digits, _ . - and a letter or digit first',
  );

/** Memory in Docker's words, such as `1536m` or `2g`. */
export const memorySize = z.string().regex(/^[1-9][0-9]{0,8}[kmg]$/, 'must be a size such as 1536m or 2g');

/** A version of two or three numbers. In YAML it needs quotes: 26.40 is the number 26.4. */
export const versionNumber = z
  .string()
  .regex(/^\d{1,5}\.\d{1,5}(?:\.\d{1,5})?$/, 'must be a version such as "26.7.3"');

/** The base URL of a web service: http or https, no login, query, fragment or slash at the end. */
export const serviceUrl = z.string().refine((text) => {
  if (!/^https?:\/\/[A-Za-z0-9.:[\]-]+(?:\/[A-Za-z0-9._~-]+)*$/.test(text)) return false;
  return URL.canParse(text);
}, 'must be a URL such as https://id.example.com, with no slash at the end');
