import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpHealthy } from '../../src/kinds/http-healthy.js';
import { verdictOf } from '../support/local-remote.js';
import { docker, importTinyImage, mark, needsDocker, sweep } from '../support/tiny-image.js';

const scope = 'healthy';
const image = `${mark}-${scope}:1`;
const container = `${mark}-${scope}-main`;

describe('http.healthy', function () {
  this.timeout(30_000);
  let server: Server;
  let port: number;
  const answers = { status: 200 };

  before((done) => {
    server = createServer((_request, response) =>
      response.writeHead(answers.status).end('{"status":"DOWN"}\u001b[2J\n'),
    );
    server.listen(0, '127.0.0.1', () => {
      port = (server.address() as AddressInfo).port;
      done();
    });
  });
  after(() => server.close());

  it('is content with the status that it expects', async () => {
    answers.status = 200;
    assert.deepEqual(await verdictOf(httpHealthy, { port, path: '/ready' }), { ok: true });
    answers.status = 404;
    assert.deepEqual(await verdictOf(httpHealthy, { port, path: '/admin', expect: 404 }), { ok: true });
  });

  it('waits while another status comes, and shows the page without what steers a terminal', async () => {
    answers.status = 503;
    assert.deepEqual(await verdictOf(httpHealthy, { port, path: '/ready' }), {
      ok: false,
      because: `http://127.0.0.1:${port}/ready answers 503, not 200`,
      evidence: ['{"status":"DOWN"}\\x1b[2J'],
    });
  });

  it('waits while nobody answers', async () => {
    const verdict = await verdictOf(httpHealthy, { port: 1, path: '/ready' });
    assert.ok(!verdict.ok && verdict.hopeless === undefined);
    assert.match(verdict.because, /no answer from http:\/\/127\.0\.0\.1:1\/ready: .*ECONNREFUSED/);
  });

  describe('of a container', () => {
    const asked = () => verdictOf(httpHealthy, { port: 1, path: '/ready', container });

    before(function () {
      needsDocker.call(this);
      sweep(scope);
      importTinyImage(image);
    });
    beforeEach(() => sweep(`${scope}-`));
    after(() => sweep(scope));

    it('waits while it runs', async () => {
      docker('run', '-d', '--init=false', '--name', container, image, 'sleep', '100');
      const verdict = await asked();
      assert.ok(!verdict.ok && verdict.hopeless === undefined);
    });

    it('gives up when it has ended, with the last twenty lines of its log', async () => {
      docker(
        'run',
        '-d',
        '--name',
        container,
        image,
        'sh',
        '-c',
        'i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo line $i; done; exit 2',
      );
      docker('wait', container);
      const verdict = await asked();
      assert.ok(!verdict.ok && verdict.hopeless);
      assert.equal(verdict.because, `the container ${container} ended with exit code 2`);
      assert.equal(verdict.evidence?.length, 20);
      assert.equal(verdict.evidence[19], 'line 30');
    });

    it('gives up when Docker starts it again and again', async () => {
      docker(
        'run',
        '-d',
        '--restart',
        'always',
        '--name',
        container,
        image,
        'sh',
        '-c',
        'echo no use >&2; exit 3',
      );
      const until = Date.now() + 20_000;
      let verdict = await asked();
      while (!verdict.ok && verdict.hopeless === undefined && Date.now() < until) verdict = await asked();
      assert.ok(!verdict.ok && verdict.hopeless);
      assert.match(verdict.because, /ended with exit code 3, and was started again \d+ times/);
      assert.ok(verdict.evidence?.includes('no use'));
    });

    it('gives up when it is gone or was never started', async () => {
      const gone = await asked();
      assert.ok(!gone.ok && gone.hopeless);
      docker('create', '--name', container, image, 'sh');
      const created = await asked();
      assert.ok(!created.ok && created.hopeless);
      assert.match(created.because, /is not running: it is created/);
    });

    it('is content with a page that answers, whatever the container does', async () => {
      answers.status = 200;
      assert.deepEqual(await verdictOf(httpHealthy, { port, path: '/', container }), { ok: true });
    });
  });
});
