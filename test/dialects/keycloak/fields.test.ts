import assert from 'node:assert/strict';
import { clientTable } from '../../../src/dialects/keycloak/client.js';
import {
  type Fields,
  flatten,
  patch,
  pick,
  type Representation,
} from '../../../src/dialects/keycloak/fields.js';
import { realmTable } from '../../../src/dialects/keycloak/realm.js';
import { userTable } from '../../../src/dialects/keycloak/user.js';
import { sameJson } from '../../../src/lib/json.js';

const mapper = (
  name: string,
  config: Record<string, string>,
  type = 'oidc-audience-mapper',
): Representation => ({
  ...{ id: `id of ${name}`, name, protocol: 'openid-connect', protocolMapper: type, consentRequired: false },
  config,
});

describe('the fields of Keycloak objects', () => {
  describe('in canonical form', () => {
    const same: readonly (readonly [
      what: string,
      table: typeof clientTable,
      there: Representation,
      wanted: Fields,
    ])[] = [
      [
        'a set in another order',
        clientTable,
        { redirectUris: ['b', 'a'] },
        flatten(clientTable, { redirectUris: ['a', 'b'] }),
      ],
      [
        'a set with something twice',
        clientTable,
        { webOrigins: ['a', 'a'] },
        flatten(clientTable, { webOrigins: ['a'] }),
      ],
      ['an absent set and an empty one', clientTable, {}, flatten(clientTable, { webOrigins: [] })],
      ['an absent flag and false', clientTable, {}, flatten(clientTable, { bearerOnly: false })],
      ['null and an empty text', clientTable, { name: null }, flatten(clientTable, { name: '' })],
      [
        'an absent attribute and null',
        clientTable,
        { attributes: {} },
        flatten(clientTable, { attributes: { a: null } }),
      ],
      ['an absent attribute and ""', clientTable, {}, flatten(clientTable, { attributes: { a: '' } })],
      [
        'an attribute as text and as flag',
        clientTable,
        { attributes: { a: 'true' } },
        flatten(clientTable, { attributes: { a: true } }),
      ],
      [
        'an attribute as text and as number',
        clientTable,
        { attributes: { a: '5' } },
        flatten(clientTable, { attributes: { a: 5 } }),
      ],
      [
        'a list of scopes in another order',
        clientTable,
        { defaultClientScopes: ['b', 'a'] },
        flatten(clientTable, { defaultClientScopes: ['a', 'b'] }),
      ],
      [
        'a mapper with an id and with flags that Keycloak added',
        clientTable,
        {
          protocolMappers: [
            mapper('m', { 'x.y': 'account', 'access.token.claim': 'true', 'userinfo.token.claim': 'false' }),
          ],
        },
        flatten(clientTable, {
          protocolMappers: {
            'oidc-audience-mapper': [{ name: 'm', config: { 'access.token.claim': true, 'x.y': 'account' } }],
          },
        }),
      ],
    ];
    for (const [what, table, there, wanted] of same) {
      it(`takes ${what} for the same`, () => {
        const seen = pick(table, there, Object.keys(wanted));
        assert.ok(sameJson(seen, wanted), `${JSON.stringify(seen)} and ${JSON.stringify(wanted)}`);
      });
    }

    const different: readonly (readonly [what: string, there: Representation, wanted: Fields])[] = [
      ['one member more', { redirectUris: ['a', 'b'] }, flatten(clientTable, { redirectUris: ['a'] })],
      ['true and false', { publicClient: true }, flatten(clientTable, { publicClient: false })],
      [
        'another mapper of the same type',
        { protocolMappers: [mapper('m', {}), mapper('n', {})] },
        flatten(clientTable, { protocolMappers: { 'oidc-audience-mapper': [{ name: 'm', config: {} }] } }),
      ],
      [
        'a mapper whose introspection is off, and one that says nothing',
        { protocolMappers: [mapper('m', { 'introspection.token.claim': 'false' })] },
        flatten(clientTable, { protocolMappers: { 'oidc-audience-mapper': [{ name: 'm', config: {} }] } }),
      ],
      [
        'upper and lower case of an address',
        { redirectUris: ['A'] },
        flatten(clientTable, { redirectUris: ['a'] }),
      ],
    ];
    for (const [what, there, wanted] of different) {
      it(`tells apart ${what}`, () => {
        assert.ok(!sameJson(pick(clientTable, there, Object.keys(wanted)), wanted));
      });
    }

    it('keeps e-mail addresses in lower case, and each name of a map for itself', () => {
      assert.deepEqual(flatten(userTable, { email: 'A@B.c', attributes: { 'a.b': ['y', 'x'] } }), {
        email: 'a@b.c',
        'attributes.a.b': ['x', 'y'],
      });
    });

    it('reads a host that answers with other types as nothing, instead of believing it', () => {
      const odd = {
        enabled: 'yes',
        displayName: { a: 1 },
        supportedLocales: 'de',
        attributes: ['x'],
      } as const;
      assert.deepEqual(
        pick(realmTable, odd, ['enabled', 'displayName', 'supportedLocales', 'attributes.x']),
        {
          enabled: false,
          displayName: null,
          supportedLocales: [],
          'attributes.x': null,
        },
      );
    });

    it('refuses a field that no table has', () => {
      assert.throws(() => pick(realmTable, {}, ['constructor']), /not one that can be managed/);
    });
  });

  describe('as they are written', () => {
    it('sends declared fields only, and of a realm’s attributes all the others as they are', () => {
      const there = { enabled: false, displayName: 'theirs', attributes: { theirs: 'kept', ours: 'old' } };
      const sent = patch(realmTable, there, { enabled: true, 'attributes.ours': 'new' });
      assert.deepEqual(sent, { enabled: true, attributes: { theirs: 'kept', ours: 'new' } });
    });

    it('takes an attribute of a realm away by leaving it out, and one of a client by sending ""', () => {
      const there = { attributes: { theirs: 'kept', ours: 'old' } };
      assert.deepEqual(patch(realmTable, there, { 'attributes.ours': null }), {
        attributes: { theirs: 'kept' },
      });
      assert.deepEqual(patch(clientTable, { attributes: {} }, { 'attributes.ours': null }), {
        attributes: { ours: '' },
      });
    });

    it('sends a mask back as it came', () => {
      const there = { smtpServer: { host: 'a', password: '**********' } };
      const sent = patch(realmTable, there, { 'smtpServer.host': 'b' });
      assert.deepEqual(sent, { smtpServer: { host: 'b', password: '**********' } });
    });

    it('exchanges the mappers of one type, keeps the id of one that stays, and keeps other types', () => {
      const theirs = mapper('theirs', {}, 'oidc-hardcoded-claim-mapper');
      const stays = mapper('stays', { a: 'b' });
      const fields = flatten(clientTable, {
        protocolMappers: {
          'oidc-audience-mapper': [
            { name: 'new', config: {} },
            { name: 'stays', config: { a: 'b' } },
          ],
        },
      });
      const sent = patch(clientTable, { protocolMappers: [theirs, stays, mapper('goes', {})] }, fields);
      assert.deepEqual(sent['protocolMappers'], [
        theirs,
        { name: 'new', protocol: 'openid-connect', config: {}, protocolMapper: 'oidc-audience-mapper' },
        stays,
      ]);
    });

    it('sends "" for a text that shall be empty, because null is not sent', () => {
      assert.deepEqual(patch(userTable, {}, { lastName: null }), { lastName: '' });
    });
  });
});
