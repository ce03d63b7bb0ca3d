import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { jitsiConfig } from '../../src/formats/jitsi-config/index.js';
import { location } from '../../src/formats/nginx/index.js';
import { prosody } from '../../src/formats/prosody/edit.js';
import { type SiteLint, siteLint } from '../../src/kinds/site-lint.js';
import { type Folder, folderWith } from '../support/folder.js';
import { verdictOf } from '../support/local-remote.js';

const domain = 'd.example';

/** The lint of a site in a folder that stands for `/etc`, whose edits set one value in each file. */
const lintOf = (folder: Folder): SiteLint => ({
  job: { domain, realm: 'r', client: 'c' },
  prosodyFolder: folder.at('prosody'),
  prosody: {
    path: folder.at(`prosody/conf.avail/${domain}.cfg.lua`),
    edit: { format: 'prosody', edits: [prosody.set({ host: domain }, 'authentication', 'token')] },
  },
  nginx: {
    path: folder.at('site.conf'),
    edit: { format: 'nginx', edits: [location('= /realms', [['return', '404']], { server: domain })] },
  },
  page: {
    path: folder.at('config.js'),
    edit: { format: 'jitsi-config', edits: [jitsiConfig.set('tokenAuthInline', true)] },
  },
});

async function findingsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await using folder = await folderWith({ 'prosody/conf.d/.keep': '', ...files });
  const own = folder.at(`prosody/conf.avail/${domain}.cfg.lua`);
  await symlink(own, folder.at(`prosody/conf.d/${domain}.cfg.lua`));
  const verdict = await verdictOf(siteLint, lintOf(folder));
  assert.ok(verdict.ok);
  return (verdict.findings ?? []).map((finding) => finding.replaceAll(`${folder.path}/`, ''));
}

const own = `prosody/conf.avail/${domain}.cfg.lua`;
const host = `VirtualHost "${domain}"\n    app_id = "c"\n    app_secret = "canary"\n`;

describe('site.lint', () => {
  it('has nothing to say of a site without files, or with nothing wrong in them', async () => {
    assert.deepEqual(await findingsOf({}), []);
    assert.deepEqual(await findingsOf({ [own]: host, 'config.js': `var config = {};\n` }), []);
  });

  it('reads the other files of Prosody, and finds the host in two of them', async () => {
    const [finding, ...more] = await findingsOf({
      [own]: host,
      'prosody/prosody.cfg.lua': 'admins = {}\n',
      'prosody/conf.d/zz.cfg.lua': `-- another\nVirtualHost "${domain}"\n`,
    });
    assert.match(finding ?? '', /^prosody\/conf\.d\/zz\.cfg\.lua:2: VirtualHost "d\.example" is also at /);
    assert.match(finding ?? '', /conf\.avail\/d\.example\.cfg\.lua:1; .*; keep one of the two sections$/);
    assert.deepEqual(more, []);
  });

  it('counts an option that another file sets for all', async () => {
    const token = host.replace('    app_id = "c"\n', '');
    assert.match((await findingsOf({ [own]: token })).join('\n'), /without `app_id`/);
    assert.deepEqual(await findingsOf({ [own]: token, 'prosody/prosody.cfg.lua': 'app_id = "c"\n' }), []);
  });

  it('says what is wrong now and mended by the edits, with the line of now', async () => {
    const realm = "config.tokenAuthInline = 'false';\n";
    assert.deepEqual(await findingsOf({ 'config.js': `var config = {};\n${realm}` }), [
      'config.js:2: `config.tokenAuthInline` is a string, and every string but the empty one counts as true; `apply` mends this',
    ]);
  });

  it('names what stays wrong by its line of now, though the edits move it', async () => {
    const site = `server {
    listen 443 ssl;
    server_name ${domain};
    location ~ ^/([^/]+)/(.*)$ { return 200; }
    location ~ ^/[a-z]+/http-bind { return 200; }
}
`;
    const [finding, ...more] = await findingsOf({ 'site.conf': site });
    assert.match(finding ?? '', /^site\.conf:5: /);
    assert.deepEqual(more, []);
  });

  it('says of a file that is no Lua what breaks', async () => {
    const found = await findingsOf({ [own]: `${host}Component "x" "muc"\`\n` });
    assert.deepEqual(found, [
      `${own}:4: a backtick is no Lua: Prosody does not start with this file; delete the backtick`,
    ]);
  });
});
