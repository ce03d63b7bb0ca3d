// What the inventory may say about a Jitsi host, and what holds when it says nothing.
import {
  clientId,
  domainName,
  dockerName,
  emailAddress,
  memorySize,
  personName,
  port,
  realmName,
  secretRef,
  serviceUrl,
  username,
  versionNumber,
  z,
} from 'orchestrate';

const admin = z.strictObject({
  username: username.default('admin'),
  password: secretRef.default({ secret: 'KEYCLOAK_ADMIN_PASSWORD' }),
});

const keycloak = z.strictObject({
  version: versionNumber.default('26.7.3'),
  /** The URL of a Keycloak that is there already. Then none is installed. */
  external: serviceUrl.optional(),
  /** Of the container. */
  name: dockerName.default('keycloak'),
  /** A file made by `docker save`, beside the inventory: the host then needs no registry. */
  imageArchive: z.string().min(1).optional(),
  /** On 127.0.0.1 of the host. */
  port: port.default(18080),
  managementPort: port.default(19000),
  memory: memorySize.default('1536m'),
  database: z
    .strictObject({ kind: z.literal('embedded', 'must be embedded: postgres is not supported yet') })
    .default({ kind: 'embedded' }),
  admin: admin.prefault({}),
});

const user = z.strictObject({
  username,
  email: emailAddress,
  firstName: personName,
  lastName: personName,
  /** Given once, when the user is made. With `enforce: true` it is put back whenever it was changed. */
  password: secretRef.extend({ enforce: z.boolean().default(false) }),
});

/** The variables of one Jitsi host. */
export const jitsiVars = z.strictObject({
  domain: domainName,
  realm: realmName.default('jitsi-realm'),
  client: clientId.default('jitsi'),
  keycloak: keycloak.prefault({}),
  /** Whether people without an account may wait for somebody who has one. */
  guests: z.boolean().default(true),
  users: z.array(user).default([]),
  prosody: z.strictObject({ mendLua: z.boolean().default(false) }).prefault({}),
  /** Whether another proxy ends TLS before this nginx: then the site's server has none. */
  nginx: z.strictObject({ behindProxy: z.boolean().default(false) }).prefault({}),
});

/** The variables of one Jitsi host, checked and complete. */
export type JitsiVars = z.infer<typeof jitsiVars>;
