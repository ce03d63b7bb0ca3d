import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { putFile, filePlaceComplaint } from '../../src/dialects/docker/secret-file.js';
import { configValue, keycloakContainer } from '../../src/dialects/keycloak-server.js';
import { localRemote } from '../support/local-remote.js';

/** Stands in for `docker container cp - NAME:FOLDER`: unpacks into a folder of the test. */
const unpacks = (folder: string) => `docker() { tar -xf - -C '${folder}'; }\n`;
const place = { path: '/opt/a b%s', owner: '12345:678', mode: '0640' };

describe('a secret file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'orchestrate-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const length of [0, 1, 511, 512, 513, 1024, 70_000]) {
    it(`of ${length} bytes is one good archive`, async () => {
      const secrets = { S: '§'.repeat(length / 2) + 'x'.repeat(length % 2) };
      const remote = localRemote({ secrets, before: unpacks(folder) });
      const reply = await remote.run(putFile('box', { ...place, parts: [{ secret: 'S' }] }));
      assert.deepEqual(
        { code: reply.code, stderr: Buffer.from(reply.stderr).toString() },
        { code: 0, stderr: '' },
      );
      const path = join(folder, 'a b%s');
      assert.equal(readFileSync(path, 'utf8'), secrets.S);
      const { uid, gid, mode } = statSync(path);
      assert.deepEqual({ uid, gid, mode: mode & 0o7777 }, { uid: 12345, gid: 678, mode: 0o640 });
    });
  }

  it('is not put in where printf is a program: the process list would show it', async () => {
    const before = `${unpacks(folder)}command() { echo /usr/bin/printf; }\n`;
    const reply = await localRemote({ before }).run(putFile('box', { ...place, parts: ['x'] }));
    assert.equal(reply.code, 1);
    assert.equal(execFileSync('ls', [folder], { encoding: 'utf8' }), '');
  });

  for (const bad of [
    { path: 'opt/x' },
    { path: '/x' },
    { path: '/opt/' },
    { owner: 'root' },
    { mode: 'u+x' },
    { path: `/o/${'x'.repeat(101)}` },
  ]) {
    it(`is refused as ${JSON.stringify(bad)}`, () =>
      assert.notEqual(filePlaceComplaint({ ...place, ...bad }), null));
  }

  for (const value of [
    'plain',
    'a$b',
    '${HOME}',
    '\\',
    '\\$',
    ' x ',
    '\tx',
    'a\nb\n\nc',
    'a\rb',
    '#!=:',
    'é€',
  ]) {
    it(`for Keycloak escapes ${JSON.stringify(value)} on the host as it would here`, async () => {
      const remote = localRemote({ secrets: { S: value }, before: unpacks(folder) });
      const admin = { username: value, password: { secret: 'S' } };
      const { secretFiles } = keycloakContainer({ version: '1', domain: 'd', admin });
      const reply = await remote.run(putFile('box', secretFiles[0]!));
      assert.equal(reply.code, 0);
      const escaped = configValue(value);
      assert.equal(
        readFileSync(join(folder, 'keycloak.conf'), 'utf8'),
        `bootstrap-admin-username=${escaped}\nbootstrap-admin-password=${escaped}\n`,
      );
    });
  }
});
