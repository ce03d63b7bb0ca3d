import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type KeycloakSetup,
  keycloakBase,
  keycloakContainer,
  keycloakImage,
  keycloakReady,
  keycloakWipe,
} from '../../src/dialects/keycloak-server.js';
import { dockerContainer } from '../../src/kinds/docker-container.js';
import { dockerImage } from '../../src/kinds/docker-image.js';
import { dockerVolume } from '../../src/kinds/docker-volume.js';
import { dockerWipe } from '../../src/kinds/docker-wipe.js';
import { httpHealthy } from '../../src/kinds/http-healthy.js';
import { localRemote, turn, verdictOf } from '../support/local-remote.js';
import { docker, mark, needsDocker, sweep } from '../support/tiny-image.js';

const version = process.env['ORCHESTRATE_KEYCLOAK_VERSION'] ?? '26.7.3';
const scope = 'keycloak';
const name = `${mark}-${scope}`;
/** Everything in one that a shell, a properties file or Keycloak reads as something else. */
const password = ` Can'ary-7f3 $ \${HOME} $$ \\$ \\\\ \\n # = : ! "é€ end\\`;
const server: KeycloakSetup = {
  name,
  version,
  domain: 'meet.example.com',
  port: 28_480,
  managementPort: 29_480,
  admin: { username: 'ad$min', password: { secret: 'PASSWORD' } },
};
const volumes = [{ volume: name, path: '/opt/keycloak/data' }];
const props = { ...keycloakContainer(server), volumes };

async function login(given: string): Promise<number> {
  const body = new URLSearchParams({
    grant_type: 'password',
    client_id: 'admin-cli',
    username: server.admin.username,
    password: given,
  });
  const url = `http://127.0.0.1:${server.port}/realms/master/protocol/openid-connect/token`;
  return (await fetch(url, { method: 'POST', body })).status;
}

/** Looks at the arguments of every process until it is stopped, and counts those that hold the text. */
function watchArguments(text: string) {
  const seen = new Set<string>();
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        if (line.includes(text)) seen.add(line);
      } catch {
        // The process has ended meanwhile.
      }
    }
  }, 25);
  return { looks: () => looks, seen: () => [...seen], [Symbol.dispose]: () => clearInterval(timer) };
}

describe('a real Keycloak', function () {
  this.timeout(300_000);
  // Each step needs the one before: wiping the file of a server that is not ready would leave it without an admin.
  this.bail(true);
  const remote = localRemote({ secrets: { PASSWORD: password } });
  const run = 'run-1';
  const undo: (() => Promise<unknown>)[] = [];

  const ready = async () => {
    const until = Date.now() + 240_000;
    for (;;) {
      const verdict = await verdictOf(httpHealthy, keycloakReady(server), remote);
      if (verdict.ok) return;
      assert.ok(!verdict.hopeless && Date.now() < until, JSON.stringify(verdict));
      await sleep(500);
    }
  };

  before(function () {
    needsDocker.call(this);
    if (process.env['ORCHESTRATE_LONG'] !== '1') {
      console.log('      SKIPPED: a real Keycloak takes a minute or more; set ORCHESTRATE_LONG=1');
      this.skip();
    }
    if (spawnSync('docker', ['image', 'inspect', keycloakBase(version).tag]).status !== 0) {
      console.log(`      SKIPPED: ${keycloakBase(version).tag} is not on this engine`);
      this.skip();
    }
    sweep(scope);
  });
  after(async () => {
    if (undo.length === 0) return;
    for (const back of undo.reverse()) await back();
    assert.equal(docker('ps', '-a', '-q', '--filter', `name=${name}`), '');
    assert.equal(docker('volume', 'ls', '-q', '--filter', `name=${name}`), '');
  });

  it('is built, started and ready, and its admin signs in with a password of every odd character', async () => {
    const started = Date.now();
    const image = await turn(dockerImage, keycloakImage(version), { remote, run });
    undo.push(image.changed ? image.undo : () => Promise.resolve());
    const built = Date.now();
    undo.push((await turn(dockerVolume, { name }, { remote, run })).undo);
    using watch = watchArguments('ary-7f3');
    const container = await turn(dockerContainer, props, { remote, run });
    undo.push(container.undo);
    assert.ok(image.settled && container.settled);
    await ready();
    assert.equal(await login(password), 200);
    assert.match(String(await login(`${password}x`)), /^40[01]$/);
    assert.ok(watch.looks() > 20, `looked ${watch.looks()} times`);
    assert.deepEqual(watch.seen(), []);
    const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
    console.log(`      image ${seconds(started, built)} s, start to ready ${seconds(built, Date.now())} s`);
  });

  it('is reachable from this host only', () => {
    const ports = docker('container', 'port', name).split('\n').sort();
    assert.deepEqual(ports, ['8080/tcp -> 127.0.0.1:28480', '9000/tcp -> 127.0.0.1:29480']);
  });

  it('announces the public name', async () => {
    const reply = await fetch(
      `http://127.0.0.1:${server.port}/realms/master/.well-known/openid-configuration`,
    );
    const { issuer } = (await reply.json()) as { issuer: string };
    assert.equal(issuer, 'https://meet.example.com/realms/master');
  });

  it('does not look for a cluster', () => {
    assert.ok(!docker('logs', name).includes('JGroups'));
  });

  it('holds the password nowhere but in the file, and not there any more once it is wiped', async () => {
    const config = () => docker('exec', name, 'cat', '/opt/keycloak/conf/keycloak.conf');
    const pid = docker('inspect', '--format', '{{.State.Pid}}', name);
    assert.match(config(), /ary-7f3/);
    for (const place of [
      docker('inspect', name),
      readFileSync(`/proc/${pid}/environ`, 'utf8'),
      docker('logs', name),
    ]) {
      assert.ok(!place.includes('ary-7f3'));
    }
    await dockerWipe.fire(keycloakWipe(server), remote);
    assert.equal(config(), '');
  });

  it('starts again without the file, and the admin still signs in', async () => {
    docker('restart', name);
    await ready();
    assert.equal(await login(password), 200);
    assert.equal((await turn(dockerContainer, props, { remote, run: 'run-2' })).changed, false);
  });

  it('keeps its admin when the container is replaced, and comes back when that is undone', async () => {
    const other = { ...props, memoryBytes: 1280 * 1024 ** 2 };
    const second = await turn(dockerContainer, other, { remote, run: 'run-3' });
    await ready();
    assert.equal(await login(password), 200);
    assert.deepEqual(await second.undo(), second.from);
    await ready();
    assert.equal(await login(password), 200);
  });

  it('refuses another version on the same data', () => {
    const another = { ...props, image: keycloakImage('99.0.0').tag };
    const seen = {
      state: dockerContainer.target(props, { state: null, foreign: null }).state,
      foreign: null,
    };
    assert.throws(() => dockerContainer.target(another, seen), /is made from orchestrate\/keycloak:/);
  });
});
