import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { orchestrate } from '../support/cli.js';

const prosodyFile = `VirtualHost "meet.example.com"
    authentication = "jitsi-anonymous" -- do not delete me
    modules_enabled = { "bosh"; }
    turn_secret = "canary-of-turn"

Component "conference.meet.example.com" "muc"
    modules_enabled = { "muc_meeting_id"; }
`;

describe('preview', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orchestrate-preview-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Puts these files into the folder. */
  const write = (files: Readonly<Record<string, string>>) =>
    Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));

  const run = (...args: readonly string[]) => orchestrate(['preview', ...args], { cwd: folder });

  it('shows the diff with secrets masked, writes the copy elsewhere, and finds nothing left to do there', async () => {
    await writeFile(join(folder, 'a.cfg.lua'), prosodyFile);
    const first = await run('--set', 'domain=meet.example.com', '--prosody', 'a.cfg.lua', '--out', 'out');
    assert.equal(first.code, 10, first.stderr);
    assert.match(first.stdout, /^\+ {4}authentication = "token" -- do not delete me$/m);
    assert.doesNotMatch(first.stdout, /canary-of-turn/);
    assert.equal(await readFile(join(folder, 'a.cfg.lua'), 'utf8'), prosodyFile);
    const again = await run('--set', 'domain=meet.example.com', '--prosody', 'out/a.cfg.lua');
    assert.equal(again.code, 0, again.stdout);
    assert.match(again.stdout, /^out\/a\.cfg\.lua: nothing to change$/m);
  }).timeout(20_000);

  it('names the file, the line, the column and the reason of a refusal', async () => {
    await writeFile(join(folder, 'a.cfg.lua'), `${prosodyFile}Component "x" "muc"\`\n`);
    const refused = await run('--set', 'domain=meet.example.com', '--prosody', 'a.cfg.lua');
    assert.equal(refused.code, 2);
    assert.match(refused.stdout, /^refused: a\.cfg\.lua:8:20: /m);
    assert.match(refused.stdout, /stray-backtick/);
  }).timeout(20_000);

  it('offers in its help only what means something without hosts', async () => {
    const { stdout } = await run('--help');
    const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    assert.deepEqual(flags, [
      '--prosody',
      '--nginx',
      '--jitsi-config',
      '--graph',
      '--out',
      '--help',
      '--set',
    ]);
  }).timeout(20_000);

  it('says which hosts a file has when it has not the right one', async () => {
    await write({ 'a.cfg.lua': prosodyFile });
    const { code, stdout } = await run('--set', 'domain=other.example.com', '--prosody', 'a.cfg.lua');
    assert.equal(code, 2);
    assert.match(
      stdout,
      /"other\.example\.com" is not in this file; it has "meet\.example\.com"\n {2}next: name the file/,
    );
  }).timeout(20_000);

  it('takes other values of the variables, and says which one is missing', async () => {
    await writeFile(join(folder, 'a.cfg.lua'), prosodyFile);
    const other = await run(
      '--set',
      'domain=meet.example.com',
      '--set',
      'realm=staff',
      '--prosody',
      'a.cfg.lua',
    );
    assert.match(other.stdout, /https:\/\/meet\.example\.com\/realms\/staff"/);
    const missing = await run('--prosody', 'a.cfg.lua');
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /domain is missing\n.*add --set domain=VALUE/);
  }).timeout(20_000);

  it('does not write over the file that it was given', async () => {
    await writeFile(join(folder, 'a.cfg.lua'), prosodyFile);
    const over = await run('--set', 'domain=meet.example.com', '--prosody', 'a.cfg.lua', '--out', '.');
    assert.equal(over.code, 2);
    assert.equal(await readFile(join(folder, 'a.cfg.lua'), 'utf8'), prosodyFile);
  }).timeout(20_000);

  it('says for each known fault of sign-in where it is, what it breaks, and how it goes away', async () => {
    await write(faulty);
    const { code, stdout } = await run(
      ...['--set', 'domain=meet.example.com', '--prosody', 'a.cfg.lua', '--prosody', 'b.cfg.lua'],
      ...['--nginx', 'site.conf', '--jitsi-config', 'c.js'],
    );
    assert.equal(code, 10, stdout);
    for (const [finding, fix] of faults)
      assert.match(stdout, new RegExp(`^${finding}.*\\n  fix: ${fix}`, 'm'));
  }).timeout(20_000);

  it('edits a site behind another proxy when it is told so, and says how to tell', async () => {
    await write({ 'site.conf': 'server {\n    listen [::]:8080;\n    server_name meet.example.com;\n}\n' });
    const untold = await run('--set', 'domain=meet.example.com', '--nginx', 'site.conf');
    assert.equal(untold.code, 2);
    assert.match(untold.stdout, /^refused: site\.conf:1:1: .* have no TLS; .*nginx\.behindProxy: true/m);
    assert.match(untold.stdout, /^ {2}next: name the file with the server that people reach$/m);
    const told = await run(
      ...['--set', 'domain=meet.example.com', '--set', 'nginx.behindProxy=true', '--nginx', 'site.conf'],
    );
    assert.equal(told.code, 10, told.stdout + told.stderr);
    assert.match(told.stdout, /^\+ {4}location \^~ \/realms\/jitsi-realm\/ \{$/m);
  }).timeout(20_000);

  it('shows no secret of the files, neither beside an edit nor in a refusal', async () => {
    await write(withSecrets);
    const { code, stdout, stderr } = await run(
      ...['--set', 'domain=meet.example.com', '--prosody', 'a.cfg.lua'],
      ...['--nginx', 'site.conf', '--jitsi-config', 'c.js'],
    );
    assert.equal(code, 10, stdout + stderr);
    for (const name of [
      'external_service_secret',
      'app_secret',
      'component_secret',
      'password',
      'X-Api-Key',
      'credential',
    ])
      assert.match(stdout, new RegExp(`^ .*\\b${name}\\b`, 'm'), `${name} stands beside an edit`);
    assert.doesNotMatch(stdout, /canary/i);
    await writeFile(join(folder, 'a.cfg.lua'), 'app_secret = "a" "canary-of-syntax"\n');
    const refused = await run('--set', 'domain=meet.example.com', '--prosody', 'a.cfg.lua');
    assert.match(refused.stdout, /^refused: a\.cfg\.lua:1:18: .* found a string/m);
    assert.doesNotMatch(refused.stdout, /canary/);
  }).timeout(20_000);

  it('does not mind that nobody reads on', async () => {
    await write({ 'a.cfg.lua': `${prosodyFile}${'-- x\n'.repeat(100_000)}` });
    const args = ['preview', '--set', 'domain=meet.example.com', '--prosody', 'a.cfg.lua'];
    const { code, stderr } = await orchestrate(args, { cwd: folder, stopReading: true });
    assert.deepEqual([code, stderr], [10, '']);
  }).timeout(20_000);
});

/** Files with secrets right beside every edit. */
const withSecrets = {
  'a.cfg.lua': `external_service_secret = "canary-of-turn"
VirtualHost "meet.example.com"
    app_secret = "canary-of-app"
    authentication = "jitsi-anonymous"
    external_services = {
        { type = "turn", password = "canary-of-service" }
    }
    modules_enabled = { "bosh" }
Component "focus.meet.example.com"
    component_secret = "canary-of-component"
Component "conference.meet.example.com" "muc"
`,
  'site.conf': `server {
    listen 443 ssl;
    server_name meet.example.com;
    proxy_set_header X-Api-Key canary-of-header;
    location ~ ^/([^/?&:'"]+)$ { return 200; }
}
`,
  'c.js': `var config = {
    hosts: {
        domain: 'meet.example.com' // password: 'canary-of-comment'
    },
    p2p: { iceServers: [ { urls: 'turn:x', credential: 'canary-of-ice' } ] }
};
`,
};

/** A site whose admin followed the recipe by hand and made every known mistake. */
const faulty = {
  'a.cfg.lua': `VirtualHost "meet.example.com"
    authentication = "jitsi-anonymous"
    app_id = "jitsi"
    cache_keys_url = "http://127.0.0.1:18080/realms/jitsi-test/protocol/openid-connect/certs"
    asap_accepted_issuers = { "http://meet.example.com/realms/jitsi-test" }
    authentication = "token"
    modules_enabled = { "bosh" }

Component "conference.meet.example.com" "muc"
    modules_enabled = { "muc_wait_for_host" }

asap_require_room_claim = false
`,
  'b.cfg.lua': '-- the old one\nVirtualHost "meet.example.com"\n',
  'site.conf': `server {
    listen 443 ssl;
    server_name meet.example.com;
    location ~ ^/([^/?&:'"]+)/(.*)$ { return 200; }
    location ~ ^/[a-z]+/xmpp-websocket { return 200; }
}
`,
  'c.js': `var config = {
    hosts: { domain: 'meet.example.com' }
};
config.tokenAuthUrl = 'https://meet.example.com/realms/jitsi-realm/protocol/openid-connect/auth?client_id=jitsi';
`,
};

/** [how the finding begins, how its fix does] */
const faults: readonly (readonly [string, string])[] = [
  ['a\\.cfg\\.lua:12:1: asap-in-wrong-section: ', 'delete this line'],
  ['a\\.cfg\\.lua:6:5: second-authentication: .* at line 2 it has no effect', 'delete the ones'],
  ['a\\.cfg\\.lua:1:1: host-in-two-files: .* is also at b\\.cfg\\.lua:2; ', 'keep one'],
  [
    'a\\.cfg\\.lua:10:5: wait-for-host-incomplete: .*`muc_mapper_domain_base`',
    'add muc_mapper_domain_base = ',
  ],
  ['a\\.cfg\\.lua:10:5: wait-for-host-incomplete: .*`main_muc`', 'add main_muc = "conference\\.meet'],
  ['a\\.cfg\\.lua:10:5: wait-for-host-incomplete: .*`lobby_muc`', 'add lobby_muc = "lobby\\.meet'],
  ['a\\.cfg\\.lua:5:5: issuer-not-https: .* every login is refused', 'the edits above mend this'],
  [
    'c\\.js:4:1: realms-differ: .*jitsi-realm, but Prosody \\(a\\.cfg\\.lua:5\\)',
    'the edits above mend this',
  ],
  ['site\\.conf:5:5: never-reached: ', 'Move it before'],
];
