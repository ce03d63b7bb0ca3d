import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { verdictOn } from '../../src/transport/host-key-verdict.js';
import { isFor, knownName, readKnownHosts, standingOf } from '../../src/transport/known-hosts.js';
import { shared } from '../support/shared.js';
import { makeKey } from '../support/sshd.js';

const run = promisify(execFile);

describe('a file of known hosts', function () {
  this.timeout(20_000);
  const rig = shared(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrate-known-'));
    await makeKey(join(folder, 'key'), 'ed25519');
    const line = (await readFile(join(folder, 'key.pub'), 'utf8')).trim();
    return {
      line,
      file: join(folder, 'known_hosts'),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
    };
  });
  const reading = async (text: string) => {
    await writeFile(rig().file, text);
    return readKnownHosts(rig().file);
  };

  it('speaks of a name exactly when ssh-keygen finds it there', async () => {
    const patterns = [
      'meet.example.com',
      'MEET.example.com',
      'a,meet.example.com,b',
      '*.example.com',
      '*.example.com,!meet.example.com',
      '!meet.example.com',
      'm??t.*',
      '*',
      '*meet*com*',
      '[meet.example.com]:2222',
      '[*.example.com]:22?2',
      'meet.example.com.',
      'eet.example.com',
      '?*.example.com',
    ];
    const names = ['meet.example.com', '[meet.example.com]:2222', 'xmeet.example.com', 'example.com'];
    for (const pattern of patterns) {
      const [entry] = await reading(`${pattern} ${rig().line}\n`);
      assert.ok(entry);
      for (const name of names) {
        const found = await run('ssh-keygen', ['-F', name, '-f', rig().file]).then(
          () => true,
          () => false,
        );
        assert.equal(isFor(entry, name), found, `${pattern} for ${name}`);
      }
    }
  });

  it('costs no time with a pattern made to cost time', async () => {
    const [entry] = await reading(`${'*a'.repeat(2000)}b ${rig().line}\n`);
    assert.ok(entry);
    const before = performance.now();
    assert.equal(isFor(entry, 'a'.repeat(5000)), false);
    assert.ok(performance.now() - before < 1000);
  });

  it('is passed over where it is damaged, with the places of the other lines kept', async () => {
    const damaged = [
      '',
      '# comment',
      'name',
      'name ssh-ed25519',
      'name ssh-ed25519 ####',
      `name ssh-rsa ${rig().line.split(' ')[1] ?? ''}`,
      `@strange name ${rig().line}`,
      `|1|nonsense ${rig().line}`,
    ];
    const entries = await reading([...damaged, `name ${rig().line}`].join('\r\n'));
    assert.deepEqual(
      entries.filter((entry) => isFor(entry, 'name')).map(({ place }) => place),
      [`${rig().file}:9`],
    );
  });

  it('trusts, doubts and revokes keys as OpenSSH does', async () => {
    const name = knownName('meet.example.com', 2222, null);
    const verdict = async (text: string): Promise<string> => {
      const key = Buffer.from(rig().line.split(' ')[1] ?? '', 'base64');
      return verdictOn(key, standingOf(await reading(text), name)).is;
    };
    const other = `${rig().line.slice(0, 60)}AAAA${rig().line.slice(64)}`;
    assert.deepEqual(
      [
        await verdict(''),
        await verdict(`[meet.example.com]:2222 ${rig().line}`),
        await verdict(`[meet.example.com]:2222 ${other}`),
        await verdict(`[meet.example.com]:2222 ${other}\n[meet.example.com]:2222 ${rig().line}`),
        await verdict(`meet.example.com ${rig().line}`),
        await verdict(`meet.example.com ${other}`),
        await verdict(`[meet.example.com]:2222 ${other}\nmeet.example.com ${rig().line}`),
        await verdict(`@revoked meet.example.com ${rig().line}\n[meet.example.com]:2222 ${rig().line}`),
        await verdict(`@cert-authority * ${rig().line}`),
      ],
      ['unknown', 'trusted', 'changed', 'trusted', 'trusted', 'unknown', 'trusted', 'revoked', 'unknown'],
    );
  });

  it('knows a host by its alias alone, whatever the port', () => {
    assert.deepEqual(knownName('192.0.2.1', 2222, 'Meet'), { exact: 'meet', plain: null });
    assert.deepEqual(knownName('Meet', 22, null), { exact: 'meet', plain: null });
    assert.deepEqual(knownName('2001:db8::1', 2222, null), {
      exact: '[2001:db8::1]:2222',
      plain: '2001:db8::1',
    });
  });
});
