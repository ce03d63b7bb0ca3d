import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { sshConfig } from '../../src/transport/ssh-config.js';
import { failureIn, hostAt } from '../support/ssh-rig.js';

/** A home with a config, and a PATH on which `ssh` counts its calls, or is not there. */
async function makeHome(config: string | null, client: 'real' | 'none' = 'real') {
  const home = await mkdtemp(join(tmpdir(), 'orchestrate-home-'));
  const [bin, calls] = [join(home, 'bin'), join(home, 'calls')];
  await Promise.all([mkdir(join(home, '.ssh')), mkdir(bin)]);
  if (config !== null) await writeFile(join(home, '.ssh', 'config'), config);
  await symlink('/bin/sh', join(bin, 'sh'));
  if (client === 'real') {
    await writeFile(join(bin, 'ssh'), `#!/bin/sh\necho "$@" >>${calls}\nexec /usr/bin/ssh "$@"\n`);
    await chmod(join(bin, 'ssh'), 0o755);
  }
  return {
    home,
    config: sshConfig({ HOME: home, PATH: bin, SSH_AUTH_SOCK: '/agent' }),
    calls: async () => (await readFile(calls, 'utf8').catch(() => '')).split('\n').slice(0, -1),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true }),
  };
}

const rich = `
Host meet
  HostName %h.example.com
  User jitsi
  Port 2222
  IdentityFile ~/.ssh/%r-%h
  IdentityFile "~/.ssh/other"
  UserKnownHostsFile ~/.ssh/known ~/.ssh/known2
  HostKeyAlias alias
  IdentityAgent none
  ProxyJump bastion
`;

const own = { address: 'meet', connectTimeoutMs: 1000 };

describe('the config of OpenSSH', () => {
  for (const client of ['real', 'none'] as const) {
    it(`is honoured ${client === 'real' ? 'as ssh itself reads it' : 'where there is no ssh'}`, async () => {
      await using rig = await makeHome(rich, client);
      const ssh = join(rig.home, '.ssh');
      const target = await rig.config.target({ ...hostAt({ port: 22 }), login: own });
      assert.deepEqual(
        { ...target, globalKnownHosts: [], hashKnownHosts: true },
        {
          address: 'meet.example.com',
          port: 2222,
          user: 'jitsi',
          namedIdentity: null,
          identityFiles: [`${ssh}/jitsi-meet.example.com`, `${ssh}/other`],
          identitiesOnly: false,
          agentSocket: null,
          userKnownHosts: [`${ssh}/known`, `${ssh}/known2`],
          globalKnownHosts: [],
          hostKeyAlias: 'alias',
          hashKnownHosts: true,
          proxy: 'ProxyJump bastion',
        },
      );
      assert.equal((await rig.calls()).length, client === 'real' ? 1 : 0);
    });
  }

  it('yields to the inventory', async () => {
    await using rig = await makeHome(rich);
    const login = { ...own, user: 'root', port: 22, identityFile: '~/key', knownHosts: '~/known' };
    const target = await rig.config.target({ ...hostAt({ port: 22 }), login });
    assert.deepEqual(
      [target.user, target.port, target.namedIdentity, target.userKnownHosts],
      ['root', 22, `${rig.home}/key`, [`${rig.home}/known`]],
    );
    assert.equal(target.identityFiles[0], `${rig.home}/key`);
  });

  it('is asked with the user and port of the inventory, so that its Match blocks see them', async () => {
    await using rig = await makeHome('Match user root\n  HostName 192.0.2.7\n');
    const as = (user: string) => rig.config.target({ ...hostAt({ port: 22 }), login: { ...own, user } });
    assert.deepEqual([(await as('root')).address, (await as('admin')).address], ['192.0.2.7', 'meet']);
  });

  it('costs no process when it says nothing of interest', async () => {
    await using rig = await makeHome('# nothing\nHost *\n  SendEnv LANG LC_*\n  HashKnownHosts yes\n');
    const target = await rig.config.target({ ...hostAt({ port: 22 }), login: own });
    const ssh = join(rig.home, '.ssh');
    assert.deepEqual(target, {
      address: 'meet',
      port: 22,
      user: userInfo().username,
      namedIdentity: null,
      identityFiles: [`${ssh}/id_ed25519`, `${ssh}/id_ecdsa`, `${ssh}/id_rsa`],
      identitiesOnly: false,
      agentSocket: '/agent',
      userKnownHosts: [`${ssh}/known_hosts`, `${ssh}/known_hosts2`],
      globalKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      hostKeyAlias: null,
      hashKnownHosts: true,
      proxy: null,
    });
    assert.deepEqual(await rig.calls(), []);
  });

  it('gives the same defaults whether ssh was asked or not', async () => {
    await using asked = await makeHome('Host elsewhere\n  Port 1\nHost *\n  HashKnownHosts yes\n');
    await using unasked = await makeHome(null);
    const [a, b] = await Promise.all(
      [asked, unasked].map(({ config }) => config.target({ ...hostAt({ port: 22 }), login: own })),
    );
    assert.deepEqual(
      JSON.stringify(a).replaceAll(asked.home, ''),
      JSON.stringify(b).replaceAll(unasked.home, ''),
    );
    assert.equal((await asked.calls()).length, 1);
  });

  it('is not guessed at where only ssh could read it', async () => {
    await using rig = await makeHome('Include others/*\n', 'none');
    const failure = await failureIn(rig.config.target({ ...hostAt({ port: 22 }), login: own }));
    assert.equal(
      failure.what,
      `${rig.home}/.ssh/config uses Include or Match, which only ssh itself can read, and there is no ssh on this machine`,
    );
  });

  it('that does not parse is shown with its line', async () => {
    await using rig = await makeHome('Host meet\n  Prot 2222\n');
    const file = join(rig.home, '.ssh', 'config');
    assert.deepEqual(await failureIn(rig.config.target({ ...hostAt({ port: 22 }), login: own })), {
      reason: 'configuration',
      what: "the ssh client's config cannot be read for meet-1",
      evidence: [
        `${file}: line 2: Bad configuration option: prot`,
        `${file}: terminating, 1 bad configuration options`,
      ],
      next: 'correct it until `ssh -G meet` prints no error',
      transient: false,
    });
  });
});
