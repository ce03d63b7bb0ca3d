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
});
