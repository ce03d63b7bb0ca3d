import { deepEqual, equal, throws } from 'node:assert/strict';
import { chmod, chown, writeFile } from 'node:fs/promises';
import { findSecrets } from '../../src/inventory/secrets.js';
import { demoEnv, load, refused } from '../support/demo-inventory.js';
import { folderWith } from '../support/folder.js';

const withAlice = `
vars: { users: [{ username: alice, password: { secret: ALICE_PASSWORD } }] }
hosts:
  a: { address: a, vars: { domain: a.example.com } }
  b: { address: b, vars: { domain: b.example.com, users: [{ username: bob, password: { secret: BOB_PASSWORD, enforce: true } }] } }
`;

const use = (name: string) => ({ name, place: { is: 'whole', of: 'somewhere' } as const });

describe('the secrets of an inventory', () => {
  it('come from the environment, else from .env beside the inventory, and stay names in the variables', async () => {
    const { hosts, vault } = await load(withAlice, {
      env: { KEYCLOAK_ADMIN_PASSWORD: 'from-environment', ALICE_PASSWORD: 'also-from-environment' },
      dotEnv: "ALICE_PASSWORD='from-file'\nBOB_PASSWORD='b#b from-file'\n",
    });
    equal(vault.reveal({ secret: 'KEYCLOAK_ADMIN_PASSWORD' }), 'from-environment');
    equal(vault.reveal({ secret: 'ALICE_PASSWORD' }), 'also-from-environment');
    equal(vault.reveal({ secret: 'BOB_PASSWORD' }), 'b#b from-file');
    throws(() => vault.reveal({ secret: 'OTHER' }), /the secret OTHER is not in the vault/);
    equal(JSON.stringify(hosts).includes('from-'), false);
  });

  it('are looked for in .env when the environment holds an empty value', async () => {
    const { vault } = await load(withAlice, {
      env: { ...demoEnv, ALICE_PASSWORD: '', BOB_PASSWORD: undefined },
      dotEnv: 'ALICE_PASSWORD=alice-in-file\nBOB_PASSWORD=bob-in-file\n',
    });
    equal(vault.reveal({ secret: 'ALICE_PASSWORD' }), 'alice-in-file');
  });

  it('are reported all at once when they are missing, each with its place', async () => {
    const { what, evidence } = await refused(withAlice, { env: {} });
    equal(what, 'hosts.yml has 3 mistakes');
    equal(
      evidence.join('\n'),
      `hosts.yml:2:56: the secret ALICE_PASSWORD has no value
    2 | vars: { users: [{ username: alice, password: { secret: ALICE_PASSWORD } }] }
      |                                                        ^
      = export ALICE_PASSWORD, or write ALICE_PASSWORD='…' into .env (chmod 600)
hosts.yml:4:3: the secret KEYCLOAK_ADMIN_PASSWORD has no value (named in 2 places)
    4 |   a: { address: a, vars: { domain: a.example.com } }
      |   ^
      = export KEYCLOAK_ADMIN_PASSWORD, or write KEYCLOAK_ADMIN_PASSWORD='…' into .env (chmod 600)
hosts.yml:5:96: the secret BOB_PASSWORD has no value
    5 | .example.com, users: [{ username: bob, password: { secret: BOB_PASSWORD, enforce: true } }] } }
      |                                                            ^
      = export BOB_PASSWORD, or write BOB_PASSWORD='…' into .env (chmod 600)`,
    );
  });

  it('cannot be empty or so short that they could not be kept out of outputs', async () => {
    const { evidence } = await refused(withAlice, {
      env: { KEYCLOAK_ADMIN_PASSWORD: 'abc', ALICE_PASSWORD: 'long-enough' },
      dotEnv: "BOB_PASSWORD=''\n",
    });
    deepEqual(
      evidence.filter((line) => line.includes('secret KEYCLOAK') || line.includes('secret BOB')),
      [
        'hosts.yml:4:3: the secret KEYCLOAK_ADMIN_PASSWORD is too short to be kept out of outputs',
        'hosts.yml:5:96: the secret BOB_PASSWORD is empty',
      ],
    );
    equal(evidence.join('\n').includes('abc'), false);
  });

  it('are warned about when everybody would guess them, by name only', async () => {
    const { warnings } = await load(withAlice, {
      env: { KEYCLOAK_ADMIN_PASSWORD: 'changeme', ALICE_PASSWORD: 'seven77', BOB_PASSWORD: ' with-a-space' },
    });
    deepEqual(warnings, [
      'the secret ALICE_PASSWORD has fewer than 8 characters: choose a longer one',
      'the secret KEYCLOAK_ADMIN_PASSWORD is a word that everybody tries first: choose another',
      'the secret BOB_PASSWORD starts or ends with white space: is that meant?',
    ]);
  });
});

describe('.env beside an inventory', () => {
  for (const mode of [0o640, 0o604, 0o660, 0o606]) {
    it(`is refused with mode ${mode.toString(8)}, and what may be in it is not called missing`, async () => {
      await using folder = await folderWith({ '.env': 'A=12345678\n' });
      await chmod(folder.at('.env'), mode);
      const { values, complaints } = await findSecrets([use('A')], { folder: folder.path, env: {} });
      deepEqual(complaints, [
        {
          place: { is: 'whole', of: folder.at('.env') },
          message: `is open to others (mode 0${mode.toString(8)})`,
          help: `chmod 600 ${folder.at('.env')}`,
        },
      ]);
      deepEqual([...values], []);
    });
  }

  it('is refused when it belongs to somebody else', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await using folder = await folderWith({ '.env': 'A=12345678\n' });
    await chown(folder.at('.env'), 12_345, 12_345);
    const { complaints } = await findSecrets([use('A')], { folder: folder.path, env: {} });
    deepEqual(
      complaints.map(({ message }) => message),
      ['belongs to user id 12345, who is neither you nor root'],
    );
  });

  it('is refused in a folder where anyone may exchange it', async () => {
    await using folder = await folderWith({ '.env': 'A=12345678\n' });
    await chmod(folder.path, 0o777);
    const { complaints } = await findSecrets([use('A')], { folder: folder.path, env: {} });
    deepEqual(
      complaints.map(({ message }) => message),
      ['lies in a folder that anyone may write to'],
    );
  });

  it('warns of values that are read otherwise than they look', async () => {
    await using folder = await folderWith({});
    const lines = [
      'A=has#hash-in-it',
      "B='kept#whole-value'",
      'C=comment-follows # yes',
      'D="never-closed',
      'E="a',
      'b-long-value"',
    ];
    await writeFile(folder.at('.env'), `${lines.join('\n')}\n`, { mode: 0o600 });
    const names = ['A', 'B', 'C', 'D', 'E'];
    const { values, warnings, complaints } = await findSecrets(names.map(use), {
      folder: folder.path,
      env: {},
    });
    deepEqual(Object.fromEntries(values), {
      B: 'kept#whole-value',
      C: 'comment-follows',
      D: '"never-closed',
      E: 'a\nb-long-value',
    });
    deepEqual(
      complaints.map(({ message }) => message),
      ['the secret A is too short to be kept out of outputs'],
    );
    deepEqual(
      warnings.map((text) => text.replace(folder.path, '')),
      [
        '/.env:1: the value of A ends at its #; in single quotes it is kept whole',
        '/.env:4: the value of D starts with a quote that is never closed',
      ],
    );
  });

  it('gives nothing for names that every object has', async () => {
    await using folder = await folderWith({});
    const { complaints } = await findSecrets([use('constructor')], { folder: folder.path, env: {} });
    equal(complaints[0]?.message, 'the secret constructor has no value');
  });
});
