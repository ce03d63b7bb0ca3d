import { deepEqual, equal, rejects } from 'node:assert/strict';
import { chmod, readFile } from 'node:fs/promises';
import { loadInventory } from '../../src/inventory/load.js';
import { Failed } from '../../src/model/failure.js';
import { demoGraph, load, refused } from '../support/demo-inventory.js';
import { folderWith } from '../support/folder.js';

const oneHost = 'hosts:\n  meet-1: { address: 192.0.2.10, vars: { domain: meet.example.com } }\n';

describe('loading an inventory', () => {
  it('gives each host its login and its variables, completed by the graph', async () => {
    const { hosts, selected, proof, graph, warnings } = await load(oneHost);
    deepEqual(hosts, [
      {
        name: 'meet-1',
        login: { address: '192.0.2.10', connectTimeoutMs: 10_000 },
        become: true,
        groups: [],
        vars: {
          domain: 'meet.example.com',
          realm: 'jitsi-realm',
          client: 'jitsi',
          keycloak: {
            version: '26.7.3',
            port: 18_080,
            database: { kind: 'embedded' },
            admin: { username: 'admin', password: { secret: 'KEYCLOAK_ADMIN_PASSWORD' } },
          },
          guests: true,
          users: [],
        },
      },
    ]);
    deepEqual(selected, hosts);
    deepEqual(proof, {});
    equal(graph, demoGraph);
    deepEqual(warnings, []);
  });

  it('takes the login of a host before the defaults, and paths from the folder of the inventory', async () => {
    const { hosts, folder } = await load(`
defaults: { user: admin, port: 2200, become: false, identityFile: keys/id, knownHosts: /etc/known, connectTimeoutMs: 500 }
hosts:
  a: { address: a.example.com, vars: { domain: a.example.com } }
  b: { address: "2001:db8::1", user: root, port: 22, become: true, identityFile: ~/.ssh/b, vars: { domain: b.example.com } }
`);
    deepEqual(
      hosts.map(({ login, become }) => ({ ...login, become })),
      [
        {
          address: 'a.example.com',
          port: 2200,
          user: 'admin',
          identityFile: `${folder}/keys/id`,
          knownHosts: '/etc/known',
          connectTimeoutMs: 500,
          become: false,
        },
        {
          address: '2001:db8::1',
          port: 22,
          user: 'root',
          identityFile: `${process.env['HOME'] ?? ''}/.ssh/b`,
          knownHosts: '/etc/known',
          connectTimeoutMs: 500,
          become: true,
        },
      ],
    );
  });

  it('lays the variables over each other key by key: all hosts, groups in the order of the host, host, --set', async () => {
    const { hosts } = await load(
      `
vars: { realm: all, client: all, keycloak: { port: 1, version: "1" }, guests: false, users: [{ username: a, password: { secret: ALICE_PASSWORD } }] }
groups:
  one: { vars: { realm: one, keycloak: { port: 2 } } }
  two: { vars: { realm: two, client: two } }
hosts:
  a: { address: a, groups: [one, two], vars: { domain: a.example.com } }
  b: { address: b, groups: [two, one], vars: { domain: b.example.com, users: [] } }
`,
      { set: ['keycloak.version="2.50"', 'guests=true'] },
    );
    const seen = hosts.map(({ vars }) => {
      const { realm, client, keycloak, guests, users } = vars as Record<string, unknown>;
      const { port, version } = keycloak as Record<string, unknown>;
      return { realm, client, port, version, guests, users: (users as unknown[]).length };
    });
    deepEqual(seen, [
      { realm: 'two', client: 'two', port: 2, version: '2.50', guests: true, users: 1 },
      { realm: 'one', client: 'two', port: 2, version: '2.50', guests: true, users: 0 },
    ]);
  });

  it('takes the example inventory that it ships', async () => {
    const example = await readFile(new URL('../../inventory/hosts.example.yml', import.meta.url), 'utf8');
    const { hosts, proof } = await load(example);
    equal(hosts[0]?.name, 'meet-1');
    deepEqual(proof, { user: 'alice' });
  });

  it('knows every key that the example shows in a comment', async () => {
    const example = await readFile(new URL('../../inventory/hosts.example.yml', import.meta.url), 'utf8');
    const uncommented = example
      .replace(/^ {2}# (meet-2:)/m, '  $1')
      .replaceAll(/^ {2}# {3}(\w+: )/gm, '    $1')
      .replaceAll(/^ {2}# (identityFile|knownHosts)/gm, '  $1');
    const { hosts } = await load(uncommented);
    deepEqual(
      hosts.map(({ login }) => Object.keys(login).sort()),
      [
        ['address', 'connectTimeoutMs', 'identityFile', 'knownHosts', 'port', 'user'],
        ['address', 'connectTimeoutMs', 'identityFile', 'knownHosts', 'port', 'user'],
      ],
    );
  });

  it('says that hosts with the same address are most likely one machine', async () => {
    const { warnings } = await load(`
hosts:
  a: { address: 192.0.2.1, vars: { domain: a.example.com } }
  b: { address: 192.0.2.1, vars: { domain: b.example.com } }
`);
    deepEqual(warnings, ['a, b have the same address: 192.0.2.1']);
  });

  it('loads 3000 hosts in seconds, not minutes', async () => {
    const many = Array.from(
      { length: 3000 },
      (_, n) => `  meet-${n}: { address: 10.0.${n >> 8}.${n & 255}, vars: { domain: m${n}.example.com } }`,
    );
    const started = performance.now();
    const { hosts } = await load(`vars: { realm: r }\nhosts:\n${many.join('\n')}\n`);
    equal(hosts.length, 3000);
    equal(performance.now() - started < 10_000, true);
  }).timeout(20_000);
});

describe('a wrong inventory', () => {
  it('is told everything at once, each with its place, its line and what to do', async () => {
    const failure = await refused(
      `defaults: { user: "-oProxyCommand=x", prot: 22, become: yes, jump: bastion }
vars:
  realm: 5
  keycloak: { version: 26.40, database: { kind: mysql } }
groups:
  eu: { vars: { keycloak: { prot: 1 } } }
hosts:
  meet-1: { address: "a b", groups: [eu, us], vars: { domain: meet.example.com } }
  meet-2: { adress: 192.0.2.1 }
`,
      { set: ['keycloak.port=99999', 'users.0.x=1'] },
    );
    equal(failure.what, 'hosts.yml has 15 mistakes');
    equal(failure.next, 'correct this and run the same command again; nothing was touched');
    equal(
      failure.evidence.join('\n'),
      `hosts.yml:1:19: defaults.user must be a login name: letters, digits, . _ @ - only, and no - first
    1 | defaults: { user: "-oProxyCommand=x", prot: 22, become: yes, jump: bastion }
      |                   ^
hosts.yml:1:39: unknown key "prot" in defaults
    1 | defaults: { user: "-oProxyCommand=x", prot: 22, become: yes, jump: bastion }
      |                                       ^
      = did you mean "port"?
hosts.yml:1:57: defaults.become must be true or false, not text
    1 | defaults: { user: "-oProxyCommand=x", prot: 22, become: yes, jump: bastion }
      |                                                         ^
hosts.yml:1:68: defaults.jump is not supported yet: this version logs in directly
    1 | : { user: "-oProxyCommand=x", prot: 22, become: yes, jump: bastion }
      |                                                            ^
hosts.yml:3:10: vars.realm must be text, not a number
    3 |   realm: 5
      |          ^
      = in quotes: "5"
hosts.yml:4:24: vars.keycloak.version must be text, not a number with a fraction
    4 |   keycloak: { version: 26.40, database: { kind: mysql } }
      |                        ^
      = in quotes: "26.40"
hosts.yml:4:49: vars.keycloak.database.kind must be one of embedded, postgres
    4 |   keycloak: { version: 26.40, database: { kind: mysql } }
      |                                                 ^
hosts.yml:6:29: unknown key "prot" in vars.keycloak
    6 |   eu: { vars: { keycloak: { prot: 1 } } }
      |                             ^
      = did you mean "port"?
hosts.yml:8:22: hosts.meet-1.address must be a host name or an IP address: no user, port, space or quote in it
    8 |   meet-1: { address: "a b", groups: [eu, us], vars: { domain: meet.example.com } }
      |                      ^
hosts.yml:8:42: there is no group "us"
    8 |   meet-1: { address: "a b", groups: [eu, us], vars: { domain: meet.example.com } }
      |                                          ^
      = add it: groups: { us: {} }
hosts.yml:9:3: vars.domain is missing
    9 |   meet-2: { adress: 192.0.2.1 }
      |   ^
      = write it under vars: of meet-2, of a group of it, or of all hosts
hosts.yml:9:11: hosts.meet-2.address is missing
    9 |   meet-2: { adress: 192.0.2.1 }
      |           ^
hosts.yml:9:13: unknown key "adress" in hosts.meet-2
    9 |   meet-2: { adress: 192.0.2.1 }
      |             ^
      = did you mean "address"?
--set keycloak.port: vars.keycloak.port must be a whole number from 1 to 65535
--set users.0.x: vars.users must be a list, not a map`,
    );
  });

  const hostWith = (line: string): string => `hosts:\n  m: ${line}\n`;
  const cases: Readonly<Record<string, { readonly yaml: string | Uint8Array; readonly message: string }>> = {
    'duplicate key': {
      yaml: `vars: {}\n${oneHost}vars: {}\n`,
      message: 'hosts.yml:4:1: the key vars is there twice',
    },
    'duplicate host': {
      yaml: 'hosts:\n  m: { address: a }\n  m: { address: b }\n',
      message: 'hosts.yml:3:3: the key m is there twice',
    },
    '__proto__ as a key': {
      yaml: `vars: { __proto__: { a: 1 } }\n${oneHost}`,
      message: 'hosts.yml:1:9: "__proto__" cannot be a key',
    },
    'constructor as a host': {
      yaml: 'hosts: { constructor: { address: a } }\n',
      message: 'hosts.yml:1:10: "constructor" cannot be a key',
    },
    'merge key': {
      yaml: `vars: { <<: { a: 1 } }\n${oneHost}`,
      message: 'hosts.yml:1:9: YAML 1.2 has no merge key "<<"',
    },
    'number as a key': { yaml: `vars: { 1: 2 }\n${oneHost}`, message: 'hosts.yml:1:9: a key must be text' },
    tag: {
      yaml: `vars: { realm: !!js/function x }\n${oneHost}`,
      message: 'hosts.yml:1:16: the tag tag:yaml.org,2002:js/function means nothing here',
    },
    'YAML 1.1': {
      yaml: `%YAML 1.1\n---\n${oneHost}`,
      message: 'hosts.yml:1:1: this is read as YAML 1.2: take the %YAML line out',
    },
    'two documents': {
      yaml: `${oneHost}---\n${oneHost}`,
      message: 'hosts.yml:3:1: a second YAML document starts here: one is allowed',
    },
    tab: { yaml: 'hosts:\n\tm: {}\n', message: 'hosts.yml:2:1: a tab cannot indent YAML' },
    syntax: {
      yaml: 'hosts: [\n',
      message:
        'hosts.yml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    },
    nothing: { yaml: '', message: 'hosts.yml: is not a map of keys such as hosts:' },
    list: { yaml: '- a\n', message: 'hosts.yml: is not a map of keys such as hosts:' },
    'no hosts': { yaml: 'vars: {}\n', message: 'hosts.yml:1:1: hosts is missing' },
    'empty hosts': { yaml: 'hosts: {}\n', message: 'hosts.yml:1:8: hosts is empty: name at least one host' },
    'deep nesting': {
      yaml: `vars: ${'['.repeat(50_000)}\n`,
      message: 'hosts.yml:1:71: maps and lists lie in each other more than 64 deep',
    },
    'recursive alias': {
      yaml: `vars: &a { x: *a }\n${oneHost}`,
      message: 'hosts.yml:1:15: *a lies inside the value it stands for',
    },
    'alias of nothing': {
      yaml: `vars: { x: *nothing }\n${oneHost}`,
      message: 'hosts.yml:1:12: *nothing has no anchor before it',
    },
    infinity: {
      yaml: `vars: { x: .inf }\n${oneHost}`,
      message: 'hosts.yml:1:12: .inf is not a number that can be used here',
    },
    'big number': {
      yaml: `vars: { x: 12345678901234567890 }\n${oneHost}`,
      message: 'hosts.yml:1:12: the number is too big to be kept exactly',
    },
    'host with a dash first': {
      yaml: 'hosts: { -x: { address: a, vars: { domain: a.example.com } } }\n',
      message: 'hosts.yml:1:10: "-x" cannot be the name of a host or group',
    },
    'host named as a group': {
      yaml: `groups: { meet-1: {} }\n${oneHost}`,
      message: 'hosts.yml:1:11: "meet-1" is a host already',
    },
    'address with an option': {
      yaml: hostWith('{ address: -oProxyCommand=x, vars: { domain: a.example.com } }'),
      message:
        'hosts.yml:2:17: hosts.m.address must be a host name or an IP address: no user, port, space or quote in it',
    },
    'address with a user': {
      yaml: hostWith('{ address: root@a, vars: { domain: a.example.com } }'),
      message:
        'hosts.yml:2:17: hosts.m.address must be a host name or an IP address: no user, port, space or quote in it',
    },
    'address with a port': {
      yaml: hostWith('{ address: "10.0.0.1:22", vars: { domain: a.example.com } }'),
      message:
        'hosts.yml:2:17: hosts.m.address must be a host name or an IP address: no user, port, space or quote in it',
    },
    'address with a newline': {
      yaml: hostWith('{ address: "a\\nb", vars: { domain: a.example.com } }'),
      message:
        'hosts.yml:2:17: hosts.m.address must be a host name or an IP address: no user, port, space or quote in it',
    },
    'user with a dollar': {
      yaml: hostWith('{ address: a, user: a$b, vars: { domain: a.example.com } }'),
      message:
        'hosts.yml:2:26: hosts.m.user must be a login name: letters, digits, . _ @ - only, and no - first',
    },
    'fractional port': {
      yaml: hostWith('{ address: a, port: 22.5, vars: { domain: a.example.com } }'),
      message: 'hosts.yml:2:26: hosts.m.port must be a whole number from 1 to 65535',
    },
    'timeout in seconds': {
      yaml: hostWith('{ address: a, connectTimeoutMs: 10, vars: { domain: a.example.com } }'),
      message: 'hosts.yml:2:38: hosts.m.connectTimeoutMs must be from 100 to 600000 ms',
    },
    'strategy, which comes later': {
      yaml: `strategy: { waves: 2 }\n${oneHost}`,
      message: 'hosts.yml:1:1: unknown key "strategy"',
    },
    'user of the proof': {
      yaml: `proof: { user: alise }\nvars: { users: [{ username: alice, password: { secret: ALICE_PASSWORD } }] }\n${oneHost}`,
      message: 'hosts.yml:1:16: proof.user is "alise", which is none of vars.users of meet-1',
    },
    'domain with a quote': {
      yaml: hostWith(`{ address: a, vars: { domain: 'a"; os.execute("id") --' } }`),
      message:
        'hosts.yml:2:36: vars.domain must be a full host name in small letters, such as meet.example.com',
    },
    'domain with a newline': {
      yaml: hostWith('{ address: a, vars: { domain: "a.example.com\\n" } }'),
      message:
        'hosts.yml:2:36: vars.domain must be a full host name in small letters, such as meet.example.com',
    },
    'domain with a dollar': {
      yaml: hostWith('{ address: a, vars: { domain: $host.example.com } }'),
      message:
        'hosts.yml:2:36: vars.domain must be a full host name in small letters, such as meet.example.com',
    },
    'missing in the middle of a list': {
      yaml: `vars: { users: [{ username: bob }] }\n${oneHost}`,
      message:
        'hosts.yml:1:17: vars.users[0].password must name a secret, as in { secret: NAME }, with its value in the environment or in .env',
    },
  };
  for (const [name, { yaml, message }] of Object.entries(cases)) {
    it(`is refused: ${name}`, async () => {
      const { evidence } = await refused(yaml);
      equal(evidence.find((line) => line === message) ?? evidence.join('\n'), message);
    });
  }

  it('says that it is not UTF-8', async () => {
    const { what, next } = await refused(Buffer.from([0x68, 0xff, 0x3a]));
    deepEqual([what, next], ['the inventory hosts.yml is not UTF-8 text', 'save it as UTF-8']);
  });

  it('counts what aliases stand for', async () => {
    const levels = Array.from(
      { length: 9 },
      (_, n) => `  l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(', ')}]`,
    );
    const { evidence } = await refused(`vars:\n  l0: &l0 [x]\n${levels.join('\n')}\n${oneHost}`);
    equal(
      evidence.find((line) => line.includes('aliases')),
      'hosts.yml:7:27: aliases stand for more than 100000 values',
    );
  });

  it('takes an anchor that is used again', async () => {
    const { hosts } = await load(`
vars: { users: &users [{ username: bob, password: { secret: ALICE_PASSWORD } }] }
hosts: { m: { address: a, vars: { domain: a.example.com, users: *users } } }
`);
    equal((hosts[0]?.vars as { users: readonly unknown[] }).users.length, 1);
  });

  it('never shows a secret that was written out', async () => {
    const { evidence } = await refused(
      `vars:\n  users:\n    - { username: Alice, password: hunter2hunter2 }\n    - username: bob\n      password:\n        correct-horse-battery\n${oneHost}`,
    );
    equal(/hunter2|correct-horse/.test(evidence.join('\n')), false);
    equal(evidence.includes('    3 |     - { username: Alice, password: ••• }'), true, evidence.join('\n'));
    const unreadable = await refused(`vars: { password: hunter2hunter2, x: [ }\n`);
    equal(/hunter2/.test(unreadable.evidence.join('\n')), false);
  });

  it('complains once about what many hosts share', async () => {
    const { evidence } = await refused(`
vars: { realm: master }
hosts:
  a: { address: a, vars: { domain: a.example.com } }
  b: { address: b, vars: { domain: b.example.com } }
`);
    equal(evidence.filter((line) => line.includes('vars.realm')).length, 1);
  });

  it('puts a mistake in the graph beside those in the inventory', async () => {
    const { evidence } = await refused(`graph: graph.ts\n${oneHost.replace('address', 'adress')}`, {
      graphOf: () =>
        Promise.reject(
          new Failed({
            reason: 'configuration',
            what: 'the graph cannot be loaded',
            next: 'correct it',
            evidence: ['x.ts:1:1: bad'],
          }),
        ),
    });
    deepEqual(evidence.slice(0, 5), [
      'hosts.yml:1:8: the graph cannot be loaded',
      '    1 | graph: graph.ts',
      '      |        ^',
      '      x.ts:1:1: bad',
      '      = correct it',
    ]);
    equal(evidence.filter((line) => line.startsWith('hosts.yml:3')).length, 2);
  });

  it('says that anyone could have written it', async () => {
    await using folder = await folderWith({ 'hosts.yml': oneHost });
    const file = folder.at('hosts.yml');
    await chmod(file, 0o666);
    const graphOf = () => Promise.reject(new Error('no graph is loaded'));
    await rejects(loadInventory({ file, env: {}, set: [], limit: undefined, graphOf }), (error: Failed) => {
      equal(error.failure.what, `the inventory ${file} may be written by anyone`);
      equal(error.failure.next, `chmod o-w ${file}`);
      return true;
    });
  });

  it('says that a file is missing, and what to do', async () => {
    await using folder = await folderWith({});
    await rejects(
      loadInventory({
        file: folder.at('none.yml'),
        env: {},
        set: [],
        limit: undefined,
        graphOf: () => Promise.reject(new Error()),
      }),
      (error: Failed) => {
        equal(error.failure.what, `there is no inventory ${folder.at('none.yml')}`);
        equal(
          error.failure.next,
          'copy inventory/hosts.example.yml there and edit it, or name another with --inventory',
        );
        return true;
      },
    );
  });
});
