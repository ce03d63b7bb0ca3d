import { z } from 'zod';
import { type Inventory, loadInventory } from '../../src/inventory/load.js';
import { Failed, type FailureData } from '../../src/model/failure.js';
import { graph, type GraphDefinition } from '../../src/model/graph.js';
import { clientId, domainName, port, realmName, secretRef, username } from '../../src/model/vars.js';
import { folderWith } from './folder.js';

/** A graph with variables like those of the flagship, and no tasks. */
export const demoGraph = graph({
  name: 'demo',
  vars: z.strictObject({
    domain: domainName,
    realm: realmName.default('jitsi-realm'),
    client: clientId.default('jitsi'),
    keycloak: z
      .strictObject({
        version: z.string().default('26.7.3'),
        port: port.default(18_080),
        database: z
          .discriminatedUnion('kind', [
            z.strictObject({ kind: z.literal('embedded') }),
            z.strictObject({ kind: z.literal('postgres'), url: z.string(), password: secretRef }),
          ])
          .default({ kind: 'embedded' }),
        admin: z
          .strictObject({
            username: username.default('admin'),
            password: secretRef.default({ secret: 'KEYCLOAK_ADMIN_PASSWORD' }),
          })
          .prefault({}),
      })
      .prefault({}),
    guests: z.boolean().default(true),
    prosody: z.strictObject({ mendLua: z.boolean().default(false) }).optional(),
    users: z
      .array(
        z.strictObject({
          username,
          email: z.email().optional(),
          firstName: z.string().optional(),
          lastName: z.string().optional(),
          password: secretRef.extend({ enforce: z.boolean().optional() }),
        }),
      )
      .default([]),
  }),
  build: () => undefined,
});

/** What stands in the environment unless a test says otherwise. */
export const demoEnv = {
  KEYCLOAK_ADMIN_PASSWORD: 'a-long-admin-password',
  ALICE_PASSWORD: 'a-long-user-password',
};

/** How to load a test's inventory. */
export interface DemoOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly dotEnv?: string;
  readonly set?: readonly string[];
  readonly limit?: string;
  readonly graphOf?: (path: string | undefined) => Promise<GraphDefinition>;
}

/** Loads an inventory from its text. */
export async function load(yaml: string | Uint8Array, options: DemoOptions = {}): Promise<Inventory> {
  const {
    dotEnv,
    env = demoEnv,
    set = [],
    limit,
    graphOf = () => Promise.resolve(demoGraph as GraphDefinition),
  } = options;
  await using folder = await folderWith({
    'hosts.yml': yaml,
    ...(dotEnv === undefined ? {} : { '.env': dotEnv }),
  });
  try {
    return await loadInventory({ file: folder.at('hosts.yml'), env, set, limit, graphOf });
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const short = (text: string): string => text.replaceAll(`${folder.path}/`, '');
    const { failure } = error;
    throw new Failed({ ...failure, what: short(failure.what), evidence: failure.evidence.map(short) });
  }
}

/** Loads an inventory that must be refused; its complaints, with the temporary folder left out of the paths. */
export async function refused(yaml: string | Uint8Array, options: DemoOptions = {}): Promise<FailureData> {
  try {
    await load(yaml, options);
  } catch (error) {
    if (error instanceof Failed && error.failure.reason === 'configuration') return error.failure;
    throw error;
  }
  throw new Error('the inventory was taken');
}
