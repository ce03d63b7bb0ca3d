import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { type Alteration, alterations } from './alterations.js';
import { openBosh } from './bosh.js';
import { type Host, must, startHost } from './host.js';

describe('the stock host', () => {
  let host: Host;

  before(async function () {
    this.timeout(600_000);
    host = await startHost();
  });

  after(async function () {
    this.timeout(60_000);
    await host.dispose();
  });

  it('runs sshd, nginx, Prosody and an empty Docker engine, without Python', async () => {
    assert.equal(await must(host, 'systemctl is-system-running'), 'running\n');
    assert.equal(await must(host, 'docker ps --all --quiet; docker images --quiet'), '');
    assert.notEqual((await host.exec('command -v python3 python')).code, 0);
  });

  it('offers ANONYMOUS over BOSH through nginx, and lets a guest in', async () => {
    const session = await openBosh(host, host.domain);
    assert.deepEqual(session.mechanisms, ['ANONYMOUS']);
    assert.deepEqual(await session.signIn(), { is: 'accepted' });
  }).timeout(20_000);

  it("cannot load the token plugin's modules under its own Lua, like every Debian 12", async () => {
    for (const module of ['basexx', 'inspect']) {
      const loaded = await host.exec(`lua5.4 -e 'require "${module}"'`);
      assert.match(loaded.stderr, new RegExp(`module '${module}' not found`));
    }
    await must(host, `lua5.4 -e 'require "cjson"; require "openssl"'`);
  });

  it('serves the page with config.js filled in by server-side includes', async () => {
    const page = await must(host, `curl --silent --insecure https://${host.domain}/someroom`);
    assert.match(page, new RegExp(`domain: '${host.domain.replaceAll('.', '\\.')}'`));
    assert.doesNotMatch(page, /<!--#/);
  });

  it('can be altered as people alter hosts, each in the way that its name says', async () => {
    const check = 'prosodyctl check config';
    const signs: readonly (readonly [Alteration, string, RegExp])[] = [
      ['nginx-invalid', 'nginx -t 2>&1 || true', /unknown directive "this"/],
      ['nginx-stopped', 'systemctl is-active nginx || true', /^inactive$/m],
      ['port-taken', 'ss -lnt', /127\.0\.0\.1:18080/],
      ['prosody-computed-host', `${check}; test $? -eq 2; prosodyctl check config | cat`, /conf\.d\/meet/],
      ['prosody-invalid', `${check} 2>&1 || true`, /unexpected symbol near '`'/],
      [
        'docker-stopped',
        'systemctl is-active docker || true; docker info 2>&1 || true',
        /Is the docker daemon running/,
      ],
      ['docker-missing', 'command -v docker || echo none', /^none$/m],
    ];
    for (const [alteration, script, sign] of signs) {
      await must(host, alterations[alteration]);
      assert.match((await host.exec(script)).stdout, sign, alteration);
    }
  }).timeout(60_000);
});
