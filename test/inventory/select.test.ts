import { deepEqual, equal } from 'node:assert/strict';
import { load, refused } from '../support/demo-inventory.js';

const yaml = `
groups: { eu: {}, us: {}, canary: {} }
hosts:
  meet-1: { address: a, groups: [eu, canary], vars: { domain: a.example.com } }
  meet-2: { address: b, groups: [eu], vars: { domain: b.example.com } }
  meet-3: { address: c, groups: [us], vars: { domain: c.example.com } }
`;

describe('--limit', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'meet-2': ['meet-2'],
    'meet-3,meet-1': ['meet-1', 'meet-3'],
    eu: ['meet-1', 'meet-2'],
    'us, canary': ['meet-1', 'meet-3'],
    '!us': ['meet-1', 'meet-2'],
    'eu,!canary': ['meet-2'],
    '!meet-1,!meet-3': ['meet-2'],
  };
  for (const [limit, names] of Object.entries(cases)) {
    it(`${limit} leaves ${names.join(' and ')}`, async () => {
      const { selected, hosts } = await load(yaml, { limit });
      deepEqual(
        selected.map(({ name }) => name),
        names,
      );
      equal(hosts.length, 3);
    });
  }

  it('names the nearest host or group when there is none of that name', async () => {
    const { evidence } = await refused(yaml, { limit: 'meet-4,canari,tokyo' });
    equal(
      evidence.join('\n'),
      `--limit meet-4,canari,tokyo: "meet-4" is neither a host nor a group
      = did you mean meet-1 or meet-2 or meet-3?
--limit meet-4,canari,tokyo: "canari" is neither a host nor a group
      = did you mean canary?
--limit meet-4,canari,tokyo: "tokyo" is neither a host nor a group
      = known: meet-1, meet-2, meet-3, eu, us, canary`,
    );
  });

  it('must leave a host', async () => {
    const { evidence } = await refused(yaml, { limit: 'us,!us' });
    deepEqual(evidence, ['--limit us,!us: leaves no host']);
  });

  it('has no empty names', async () => {
    const { evidence } = await refused(yaml, { limit: 'eu,' });
    deepEqual(evidence, ['--limit eu,: has an empty name in it']);
  });
});

describe('--set', () => {
  const one = 'hosts: { a: { address: a, vars: { domain: a.example.com, users: [] } } }\n';
  const cases: Readonly<Record<string, unknown>> = {
    'keycloak.port=8080': 8080,
    'keycloak.port=0x1F90': 8080,
    'guests=false': false,
    'realm=other': 'other',
    'realm="quoted"': 'quoted',
    'realm=yes': 'yes',
    'keycloak.version=26.7.3': '26.7.3',
    'keycloak.version="26.40"': '26.40',
  };
  for (const [flag, value] of Object.entries(cases)) {
    it(`${flag} sets ${JSON.stringify(value)}`, async () => {
      const { hosts } = await load(one, { set: [flag] });
      const path = (flag.split('=')[0] ?? '').split('.');
      const found = path.reduce<unknown>(
        (here, key) => (here as Record<string, unknown>)[key],
        hosts[0]?.vars,
      );
      deepEqual(found, value);
    });
  }

  const refusals: Readonly<Record<string, string>> = {
    nonsense: '--set nonsense: is not of the form key.path=value',
    '=1': '--set =1: is not of the form key.path=value',
    'a..b=1': '--set a..b: is not of the form key.path=value',
    '__proto__.x=1': '--set __proto__.x: "__proto__" cannot be a key',
    'users=[a]': '--set users: takes one plain value',
    'users.0.username=x': '--set users.0.username: cannot reach 0.username inside a list',
    'domain.x=1': '--set domain.x: cannot reach x inside a plain value',
    'keycloak.version=26.40':
      '--set keycloak.version: vars.keycloak.version must be text, not a number with a fraction',
    'domain=a"b':
      '--set domain: vars.domain must be a full host name in small letters, such as meet.example.com',
    'reelm=x': '--set reelm: unknown key "reelm" in vars',
  };
  for (const [flag, message] of Object.entries(refusals)) {
    it(`${flag} is refused`, async () => {
      const { evidence } = await refused(one, { set: [flag] });
      equal(evidence[0], message);
    });
  }
});
