import { deepEqual } from 'node:assert/strict';
import type { ZodType } from 'zod';
import * as vars from '../../src/model/vars.js';

const table: Readonly<
  Record<string, { schema: ZodType; good: readonly unknown[]; bad: readonly unknown[] }>
> = {
  domainName: {
    schema: vars.domainName,
    good: [
      'meet.example.com',
      'a.bc',
      'xn--bcher-kva.example',
      'meet.xn--p1ai',
      'a-1.b2.example',
      `${'a.'.repeat(118)}com`,
    ],
    bad: [
      '',
      'localhost',
      'Meet.example.com',
      'meet.example.com.',
      '.example.com',
      'meet..example.com',
      '-a.example.com',
      'a-.example.com',
      '192.0.2.1',
      'meet_1.example.com',
      'meet.example.com ',
      'meet.example.com\n',
      'meet.example.com\r\nX: y',
      'a b.example.com',
      'a".example.com',
      "a'.example.com",
      'a;.example.com',
      'a$b.example.com',
      '${x}.example.com',
      'a{}.example.com',
      ']].example.com',
      '</script>.example.com',
      'a\\.example.com',
      'a\0.example.com',
      'ä.example.com',
      'https://meet.example.com',
      'meet.example.com:443',
      `${'a'.repeat(64)}.example.com`,
      `${'a.'.repeat(120)}com`,
      5,
      null,
    ],
  },
  realmName: {
    schema: vars.realmName,
    good: ['jitsi-realm', 'R2.d_2'],
    bad: ['', 'master', '../x', 'a/b', 'a b', '-a', '.', 'a"b', 'a\n'],
  },
  clientId: { schema: vars.clientId, good: ['jitsi', 'web-1'], bad: ['', 'a b', '"', '-x'] },
  username: {
    schema: vars.username,
    good: ['alice', 'a.b+c@example.com'],
    bad: ['', 'Alice', 'a b', '-a', "a'b", 'a<b'],
  },
  emailAddress: {
    schema: vars.emailAddress,
    good: ['alice@example.com'],
    bad: ['alice', 'a@b', 'a b@example.com', 'a@example.com\n'],
  },
  personName: {
    schema: vars.personName,
    good: ['Alice', "O'Neill", 'Zoë van der Berg', '李'],
    bad: ['', '<b>', 'a\nb', 'a\u202eb', '$x'],
  },
  port: { schema: vars.port, good: [1, 22, 65_535], bad: [0, 65_536, 1.5, '22', -1, Number.NaN] },
  dockerName: {
    schema: vars.dockerName,
    good: ['keycloak', 'a_b.c-1'],
    bad: ['', 'a', '-a', 'a b', 'a/b', '--privileged'],
  },
  memorySize: { schema: vars.memorySize, good: ['1536m', '2g'], bad: ['', '2', '0g', '2gb', '1.5g', '-1m'] },
  versionNumber: {
    schema: vars.versionNumber,
    good: ['26.7.3', '26.40'],
    bad: [26.4, 'latest', '26', '26.7.3-1', '26.7.3\n'],
  },
  serviceUrl: {
    schema: vars.serviceUrl,
    good: [
      'https://id.example.com',
      'http://127.0.0.1:18080',
      'https://id.example.com/auth',
      'http://[::1]:8080',
    ],
    bad: [
      '',
      'id.example.com',
      'ftp://x',
      'https://id.example.com/',
      'https://u:p@id.example.com',
      'https://x/?a',
      'https://x/#a',
      'https://x y',
      'https://x"',
    ],
  },
  secretRef: {
    schema: vars.secretRef,
    good: [{ secret: 'ALICE_PASSWORD' }],
    bad: ['hunter2', { secret: 'a b' }, { secret: 1 }, {}, { secret: 'A', more: 1 }, null],
  },
};

describe('schemas for the variables of graphs', () => {
  for (const [name, { schema, good, bad }] of Object.entries(table)) {
    it(`${name} takes what is right and refuses what could mean something else somewhere`, () => {
      deepEqual(
        good.filter((value) => !schema.safeParse(value).success),
        [],
      );
      deepEqual(
        bad.filter((value) => schema.safeParse(value).success),
        [],
      );
    });
  }
});
