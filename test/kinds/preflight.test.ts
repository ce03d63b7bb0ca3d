import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dockerContainer } from '../../src/kinds/docker-container.js';
import { dockerReady } from '../../src/kinds/docker-ready.js';
import { hostClock } from '../../src/kinds/host-clock.js';
import { hostDisk } from '../../src/kinds/host-disk.js';
import { hostMemory } from '../../src/kinds/host-memory.js';
import { hostPort } from '../../src/kinds/host-port.js';
import { localRemote, turn, verdictOf } from '../support/local-remote.js';
import { docker, importTinyImage, mark, needsDocker, sweep } from '../support/tiny-image.js';

const mebibyte = 1024 ** 2;
/** A host on which a tool behaves otherwise. */
const withTool = (name: string, body: string) => localRemote({ before: `${name}() { ${body}; }\n` });

describe('the preflight', function () {
  this.timeout(30_000);

  describe('docker.ready', () => {
    it('names the packages to install where there is no Docker', async () => {
      const verdict = await verdictOf(dockerReady, {}, withTool('docker', 'return 127'));
      assert.ok(!verdict.ok && verdict.hopeless);
      assert.match(verdict.next ?? '', /apt-get update && apt-get install -y docker\.io/);
    });

    it('says how to start an engine that does not answer', async () => {
      const verdict = await verdictOf(
        dockerReady,
        {},
        withTool('docker', 'echo Is the daemon running? >&2; return 1'),
      );
      assert.ok(!verdict.ok);
      assert.deepEqual(verdict.evidence, ['Is the daemon running?']);
      assert.match(verdict.next ?? '', /systemctl enable --now docker/);
    });

    it('is content with an engine that answers', async function () {
      needsDocker.call(this);
      const verdict = await verdictOf(dockerReady, {});
      assert.ok(verdict.ok);
      assert.match(verdict.note ?? '', /^Docker \d/);
    });
  });

  describe('host.memory', () => {
    const meminfo = (kibibytes: number) => withTool('cat', `echo 'MemAvailable: ${kibibytes} kB'`);

    it('is content with enough, and says how much there is', async () => {
      assert.deepEqual(await verdictOf(hostMemory, { neededBytes: 1000 * mebibyte }, meminfo(1_024_000)), {
        ok: true,
        note: '1000 MiB of memory free',
      });
    });

    it('tells what is needed and what is free', async () => {
      const verdict = await verdictOf(hostMemory, { neededBytes: 1500 * mebibyte }, meminfo(1_024_000));
      assert.ok(!verdict.ok);
      assert.equal(verdict.because, '1.5 GiB of memory is needed, 1000 MiB is free');
    });

    it('reads this machine', async () => {
      assert.ok((await verdictOf(hostMemory, { neededBytes: mebibyte })).ok);
      assert.ok(!(await verdictOf(hostMemory, { neededBytes: 2 ** 50 })).ok);
    });
  });

  describe('host.port', () => {
    let server: Server;
    let port: number;
    before((done) => {
      server = createServer().listen(0, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port;
        done();
      });
    });
    after(() => server.close());

    it('names the process that has it', async () => {
      const verdict = await verdictOf(hostPort, { port });
      assert.ok(!verdict.ok);
      assert.match(verdict.because, new RegExp(`^port ${port} is taken by \\S+ \\(pid ${process.pid}\\)$`));
    });

    it('is content when it is held on another address only', async () => {
      assert.deepEqual(await verdictOf(hostPort, { port, address: '127.0.0.2' }), { ok: true });
    });

    it('is content when nobody has it', async () => {
      assert.deepEqual(await verdictOf(hostPort, { port: 1 }), { ok: true });
    });

    it('says that it did not look where ss is missing', async () => {
      const verdict = await verdictOf(hostPort, { port }, withTool('ss', 'return 127'));
      assert.ok(verdict.ok);
      assert.match(verdict.note ?? '', /nobody looked/);
    });
  });

  describe('host.disk', () => {
    it('is content with enough, also for a path that is still to be made', async () => {
      assert.ok((await verdictOf(hostDisk, { neededBytes: 1, path: '/var/lib/not/yet/there' })).ok);
    });

    it('tells what is needed and what is free where', async () => {
      const verdict = await verdictOf(hostDisk, { neededBytes: 2 ** 60, path: '/' });
      assert.ok(!verdict.ok);
      assert.match(verdict.because, /GiB of disk is needed, .* free on \//);
    });
  });

  describe('host.clock', () => {
    const at = (seconds: number) => withTool('date', `echo ${seconds}`);
    for (const [there, verdict] of [
      [1000, true],
      [1029, true],
      [1031, '31 s ahead of'],
      [969, '31 s behind'],
    ] as const) {
      it(`${there} s there and 1000 s here: ${verdict === true ? 'fine' : verdict}`, async () => {
        const found = await verdictOf(hostClock, { nowMs: () => 1_000_000 }, at(there));
        if (verdict === true) assert.deepEqual(found, { ok: true });
        else assert.ok(!found.ok && found.because.includes(verdict));
      });
    }

    it('reads this machine', async () => {
      assert.deepEqual(await verdictOf(hostClock, { nowMs: Date.now }), { ok: true });
    });
  });

  describe('beside a container of ours', () => {
    const scope = 'preflight';
    const image = `${mark}-${scope}:1`;
    const name = `${mark}-${scope}-main`;
    const port = 28_432;
    const ports = [{ address: '127.0.0.1', hostPort: port, containerPort: 80 }];

    before(async function () {
      needsDocker.call(this);
      sweep(scope);
      importTinyImage(image);
      const command = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'];
      await turn(dockerContainer, { name, image, command, ports }, { remote: localRemote(), run: 'run-1' });
    });
    after(() => sweep(scope));

    it('its port is ours already, under its name only', async () => {
      assert.deepEqual(await verdictOf(hostPort, { port, container: name }), {
        ok: true,
        note: `port ${port} is ours already`,
      });
      const verdict = await verdictOf(hostPort, { port, container: 'another' });
      assert.ok(!verdict.ok);
      assert.equal(verdict.because, `port ${port} is taken by the container ${name}`);
    });

    it('a container of somebody else is named when it has the port, also under our name', async () => {
      docker('run', '-d', '--name', `${name}-theirs`, '-p', '127.0.0.1:28433:80', image, 'sleep', '100');
      const verdict = await verdictOf(hostPort, { port: 28_433, container: `${name}-theirs` });
      assert.ok(!verdict.ok);
      assert.equal(verdict.because, `port 28433 is taken by the container ${name}-theirs, which is not ours`);
    });

    it('what it holds in memory counts as free', async () => {
      const verdict = await verdictOf(hostMemory, { neededBytes: mebibyte, container: name });
      assert.ok(verdict.ok);
      assert.match(verdict.note ?? '', /free, and ours holds \d+ MiB$/);
      const theirs = await verdictOf(hostMemory, { neededBytes: mebibyte, container: `${name}-theirs` });
      assert.ok(theirs.ok && theirs.note !== undefined && !theirs.note.includes('ours'));
    });

    it('no room is needed for an image that is there', async () => {
      const needed = { neededBytes: 2 ** 60 };
      assert.ok((await verdictOf(hostDisk, { ...needed, image })).ok);
      assert.ok(!(await verdictOf(hostDisk, { ...needed, image: `${mark}-nowhere:1` })).ok);
    });
  });
});
