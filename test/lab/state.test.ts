import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { type Host, must, startHost } from './host.js';
import { differencesBetween, type HostState, takeState } from './state.js';

describe('the state of a host', () => {
  let host: Host;
  let stock: HostState;

  before(async function () {
    this.timeout(600_000);
    host = await startHost({ docker: 'keycloak-loaded' });
    stock = await takeState(host);
  });

  after(async function () {
    this.timeout(60_000);
    await host.dispose();
  });

  it('is the same when nothing was changed, whoever logged in and whatever was restarted', async () => {
    await must(host, 'su - admin -c "sudo -n true"; systemctl restart nginx prosody docker');
    assert.deepEqual(differencesBetween(stock, await takeState(host)), []);
  }).timeout(60_000);

  it('names every file, service and Docker object that changed, and no other', async () => {
    await must(
      host,
      `printf '\\n' >> /etc/nginx/nginx.conf
      chmod 0640 /etc/jitsi/meet/${host.domain}-config.js
      chown admin /root/.profile
      ln -sfn /etc/nginx/sites-available/default /etc/nginx/sites-enabled/zzz
      systemctl stop prosody
      docker volume create keycloak_data >/dev/null
      docker create --name keycloak quay.io/keycloak/keycloak:26.7.3 >/dev/null`,
    );
    const named = differencesBetween(stock, await takeState(host)).map((line) => line.replace(/ \(.*$/, ''));
    assert.deepEqual(named, [
      'changed: bytes /etc/nginx/nginx.conf',
      'new: container keycloak',
      `changed: entry /etc/jitsi/meet/${host.domain}-config.js`,
      'new: entry /etc/nginx/sites-enabled/zzz',
      'changed: entry /root/.profile',
      'gone: service prosody.service',
      'new: volume keycloak_data',
    ]);
  }).timeout(60_000);
});
