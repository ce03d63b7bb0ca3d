import type { Fault } from './fault.js';
import { canaries } from './fleet.js';
import type { Loose } from './keycloak-admin.js';
import type { LabKeycloak } from './lab-keycloak.js';

const realm = 'jitsi-realm';

interface Identified extends Loose {
  readonly id: string;
}

const only = async (keycloak: LabKeycloak, path: string): Promise<Identified> => {
  const [found] = await keycloak.get<readonly Identified[]>(`${realm}/${path}`);
  if (found === undefined) throw new Error(`nothing at ${path}`);
  return found;
};

const clientIn = (keycloak: LabKeycloak): Promise<Identified> => only(keycloak, 'clients?clientId=jitsi');
const userIn = (keycloak: LabKeycloak): Promise<Identified> =>
  only(keycloak, 'users?username=alice&exact=true');

/** Writes a thing changed, and can write it as it was. */
async function changed(
  keycloak: LabKeycloak,
  path: string,
  was: Loose,
  fields: Loose,
): Promise<() => Promise<void>> {
  await keycloak.put(path, { ...was, ...fields });
  // An attribute that is not sent stays: one that was not there is emptied.
  const emptied = Object.fromEntries(Object.keys(fields['attributes'] ?? {}).map((name) => [name, '']));
  const attributes = { ...emptied, ...(was['attributes'] as Loose | undefined) };
  const restored = fields['attributes'] === undefined ? was : { ...was, attributes };
  return () => keycloak.put(path, restored);
}

const field = (thing: string, name: string): RegExp =>
  new RegExp(`^Keycloak: realm ${realm}, ${thing}field ${name.replaceAll('.', '\\.')}`);

const inRealm = (title: string, cause: string, name: string, fields: Loose): Fault => ({
  title,
  cause,
  where: field('', name),
  inKeycloak: async (keycloak) => changed(keycloak, realm, await keycloak.get(realm), fields),
});

const inClient = (
  title: string,
  cause: string,
  name: string,
  fields: (was: Loose & { readonly attributes: Loose }) => Loose,
): Fault => ({
  title,
  cause,
  where: field('client jitsi, ', name),
  inKeycloak: async (keycloak) => {
    const was = (await clientIn(keycloak)) as Identified & { attributes: Loose };
    return changed(keycloak, `${realm}/clients/${was.id}`, was, fields(was));
  },
});

const attribute = (name: string, value: string) => (was: { readonly attributes: Loose }) => ({
  attributes: { ...was.attributes, [name]: value },
});

const inUser = (title: string, cause: string, name: string, fields: Loose): Fault => ({
  title,
  cause,
  where: field('user alice, ', name),
  inKeycloak: async (keycloak) => {
    const was = await userIn(keycloak);
    return changed(keycloak, `${realm}/users/${was.id}`, was, fields);
  },
});

const otherPassword: Fault = {
  title: 'the user has another password',
  cause: 'password-differs',
  where: field('user alice, ', 'credentials'),
  inKeycloak: async (keycloak) => {
    const { id } = await userIn(keycloak);
    const set = (value: string): Promise<void> =>
      keycloak.put(`${realm}/users/${id}/reset-password`, { type: 'password', value, temporary: false });
    await set('something else');
    return () => set(canaries.ALICE_PASSWORD);
  },
};

const otherAudience: Fault = {
  title: 'the mapper gives another audience',
  cause: 'audience-mapper',
  where: field('client jitsi, ', 'protocolMappers'),
  inKeycloak: async (keycloak) => {
    const { id } = await clientIn(keycloak);
    const mapper = await only(keycloak, `clients/${id}/protocol-mappers/models`);
    const path = `${realm}/clients/${id}/protocol-mappers/models/${mapper.id}`;
    const config = { ...(mapper['config'] as Loose), 'included.client.audience': 'broker' };
    return changed(keycloak, path, mapper, { config });
  },
};

/** The client as Keycloak makes it, and one role of another client more on the user. */
const oneRoleMore: Fault = {
  title: 'the client takes audiences from roles, and the user has one role more',
  recipe: 17,
  cause: 'audience-from-roles',
  where: field('client jitsi, ', 'defaultClientScopes'),
  inKeycloak: async (keycloak) => {
    const client = await clientIn(keycloak);
    const user = await userIn(keycloak);
    const scopes = await keycloak.get<readonly (Identified & { name: string })[]>(`${realm}/client-scopes`);
    const roles = scopes.find(({ name }) => name === 'roles');
    const other = await only(keycloak, 'clients?clientId=realm-management');
    const role = await keycloak.get(`${realm}/clients/${other.id}/roles/view-realm`);
    const scope = `${realm}/clients/${client.id}/default-client-scopes/${roles?.id ?? ''}`;
    const mapping = `${realm}/users/${user.id}/role-mappings/clients/${other.id}`;
    await keycloak.put(scope);
    await keycloak.put(`${realm}/clients/${client.id}`, { ...client, fullScopeAllowed: true });
    await keycloak.post(mapping, [role]);
    return async () => {
      await keycloak.remove(mapping, [role]);
      await keycloak.remove(scope);
      await keycloak.put(`${realm}/clients/${client.id}`, client);
    };
  },
};

/** A key that signs from now on, and that Prosody has not seen. */
const newKey: Fault = {
  title: 'the realm signs with a new key',
  cause: 'key-rotated',
  where: field('', 'keys'),
  inKeycloak: async (keycloak) => {
    const { id } = await keycloak.get<Identified>(realm);
    await keycloak.post(`${realm}/components`, {
      name: 'planted',
      providerId: 'rsa-generated',
      providerType: 'org.keycloak.keys.KeyProvider',
      parentId: id,
      config: { priority: ['900'] },
    });
    const planted = await only(keycloak, 'components?name=planted');
    return () => keycloak.remove(`${realm}/components/${planted.id}`);
  },
};

/** The user of the recipe: a name and a password, and nothing else. */
const profile = { email: '', firstName: '', lastName: '', emailVerified: false };

/** Faults of the realm, the client and the user. */
export const keycloakFaults: readonly Fault[] = [
  inRealm('the realm is switched off', 'realm-disabled', 'enabled', { enabled: false }),
  inRealm('the realm announces another address', 'frontend-url', 'attributes.frontendUrl', {
    attributes: { frontendUrl: 'https://login.example.test' },
  }),
  inRealm('tokens are over when they are made', 'token-lifespan', 'accessTokenLifespan', {
    accessTokenLifespan: 0,
  }),
  inClient('the client is switched off', 'client-disabled', 'enabled', () => ({ enabled: false })),
  {
    ...inClient('the client has another name', 'client-missing', '', () => ({ clientId: 'meet' })),
    where: /^Keycloak: realm jitsi-realm, client jitsi$/,
  },
  inClient('the client may not use codes', 'standard-flow-disabled', 'standardFlowEnabled', () => ({
    standardFlowEnabled: false,
  })),
  inClient('the client wants a secret', 'client-not-public', 'publicClient', () => ({ publicClient: false })),
  inClient('the client comes back to another page', 'redirect-uri', 'redirectUris', () => ({
    redirectUris: ['https://meet.example.test/static/sso'],
  })),
  inClient('the client has no web origin', 'web-origin', 'webOrigins', () => ({ webOrigins: [] })),
  inClient(
    'the client wants a proof key of another method',
    'pkce-method',
    'attributes.pkce',
    attribute('pkce.code.challenge.method', 'plain'),
  ),
  inClient(
    'the client goes elsewhere after signing out',
    'post-logout-uri',
    'attributes.post.logout',
    attribute('post.logout.redirect.uris', 'https://meet.example.test/'),
  ),
  inClient(
    'access tokens have the new header type',
    'token-header-type',
    'attributes.access.token.header',
    attribute('access.token.header.type.rfc9068', 'true'),
  ),
  inClient(
    'access tokens are signed by another algorithm',
    'token-algorithm',
    'attributes.access.token.signed',
    attribute('access.token.signed.response.alg', 'PS256'),
  ),
  inUser('the user is switched off', 'user-disabled', 'enabled', { enabled: false }),
  {
    ...inUser('the user has no e-mail address and no names', 'profile-incomplete', 'email', profile),
    recipe: 12,
  },
  inUser('the password was set as a temporary one', 'required-action', 'requiredActions', {
    requiredActions: ['UPDATE_PASSWORD'],
  }),
  otherPassword,
  otherAudience,
  oneRoleMore,
  newKey,
];
