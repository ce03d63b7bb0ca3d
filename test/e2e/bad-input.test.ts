import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { Machine } from '../lab/machine.js';
import { startSshd } from '../lab/sshd.js';
import { type CliRun, orchestrate } from '../support/cli.js';

const users =
  '[{ username: alice, email: alice@example.com, firstName: Alice, lastName: Liddell, password: { secret: ALICE_PASSWORD } }]';
const secrets = { KEYCLOAK_ADMIN_PASSWORD: 'long-enough-1', ALICE_PASSWORD: 'long-enough-2' };

describe('bad input', () => {
  let machine: Machine;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    machine = await startSshd();
  });
  after(() => machine.dispose());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orchestrate-bad-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
    assert.equal(
      (await machine.exec('[ -e /var/lib/orchestrate ]')).code,
      1,
      'something was written on the host',
    );
  });

  interface Words {
    readonly vars?: string;
    readonly host?: string;
    readonly more?: string;
    readonly user?: string;
    readonly knownHosts?: string;
    readonly port?: number;
  }

  async function run(words: Words, env: Readonly<Record<string, string>> = secrets): Promise<CliRun> {
    const { port = machine.port, knownHosts = machine.knownHostsPath, user = 'admin' } = words;
    await writeFile(
      join(folder, 'hosts.yml'),
      `vars: { ${words.vars ?? `domain: meet.example.com, users: ${users}`} }
${words.more ?? ''}
hosts:
  meet-1: { address: 127.0.0.1, port: ${port}, user: ${user}, identityFile: ${machine.privateKeyPath}, knownHosts: ${knownHosts}${words.host ?? ''} }
`,
    );
    return orchestrate(['apply', '--yes', '--inventory', 'hosts.yml'], { cwd: folder, env });
  }

  const said = ({ stdout, stderr }: CliRun): string => stdout + stderr;

  it('is told all at once, with line and column: unknown keys, duplicate keys, wrong values', async () => {
    const one = await run({ host: ', adress: x', more: 'defalts: {}' });
    assert.equal(one.code, 2);
    assert.match(said(one), /hosts\.yml:2:1: unknown key "defalts".*\n(.*\n)*.*did you mean "defaults"/);
    assert.match(said(one), /hosts\.yml:4:\d+: unknown key "adress" in hosts\.meet-1/);
    const twice = await run({ more: 'hosts: {}' });
    assert.equal(twice.code, 2);
    assert.match(said(twice), /hosts\.yml:3:1: /);
  }).timeout(20_000);

  for (const domain of [
    '"a\\"b.example.com"',
    '"a\\nb.example.com"',
    '"$(id).example.com"',
    '"a;b.example.com"',
    '"-x.example.com"',
  ]) {
    it(`refuses the domain ${domain}`, async () => {
      const wrong = await run({ vars: `domain: ${domain}` });
      assert.equal(wrong.code, 2);
      assert.match(said(wrong), /hosts\.yml:1:\d+: vars\.domain must be a full host name/);
    }).timeout(20_000);
  }

  it('names every missing secret and where it is wanted', async () => {
    const missing = await run({}, {});
    assert.equal(missing.code, 2);
    assert.match(said(missing), /ALICE_PASSWORD/);
    assert.match(said(missing), /KEYCLOAK_ADMIN_PASSWORD/);
  }).timeout(20_000);

  it('refuses an .env that others can read, and says which command mends it', async () => {
    await writeFile(
      join(folder, '.env'),
      'ALICE_PASSWORD="long-enough-2"\nKEYCLOAK_ADMIN_PASSWORD="long-enough-1"\n',
    );
    await chmod(join(folder, '.env'), 0o644);
    const open = await run({}, {});
    assert.equal(open.code, 2);
    assert.match(said(open), /chmod 600/);
    assert.doesNotMatch(said(open), /long-enough/);
  }).timeout(20_000);

  it('says that a host cannot be reached, with exit code 6', async () => {
    const away = await run({ port: 1 });
    assert.equal(away.code, 6, said(away));
    assert.match(said(away), /127\.0\.0\.1 port 1/);
  }).timeout(60_000);

  it('stops at a host key that changed, shows both fingerprints and the way out', async () => {
    const known = join(folder, 'known_hosts');
    const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIE1pcnJvck1pcnJvck1pcnJvck1pcnJvck1pcnJvcjEy';
    await writeFile(known, `[127.0.0.1]:${machine.port} ssh-ed25519 ${other}\n`);
    const changed = await run({ knownHosts: known });
    assert.equal(changed.code, 6, said(changed));
    assert.equal(said(changed).match(/SHA256:/g)?.length, 2, said(changed));
    assert.match(said(changed), /ssh-keygen -f .* -R/);
    assert.match(await readFile(known, 'utf8'), new RegExp(other));
  }).timeout(60_000);

  it('says who may not use sudo, and what to put where', async () => {
    const nosudo = await run({ user: 'nosudo' });
    assert.equal(nosudo.code, 6, said(nosudo));
    assert.match(said(nosudo), /sudo/);
    assert.match(said(nosudo), /sudoers|NOPASSWD/);
  }).timeout(60_000);

  it('does not ask where nobody can answer', async () => {
    await run({});
    const unasked = await orchestrate(['apply', '--inventory', 'hosts.yml'], { cwd: folder, env: secrets });
    assert.equal(unasked.code, 2);
    assert.match(said(unasked), /--yes/);
  }).timeout(60_000);
});
