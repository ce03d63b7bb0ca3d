import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { editNginx } from '../../../src/formats/nginx/index.js';
import { textOf } from '../../../src/formats/source.js';
import { corpusFile } from '../corpus.js';
import { freePorts, inHttp, needsNginx, type RunningNginx, startNginx, stubFolder } from './real-nginx.js';
import { signInEdits, signInRoutes } from './sign-in-edits.js';
import { stubbed } from './stubbed.js';

const choice = { domain: 'jitsi-meet.example.com' };

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A stand-in for Keycloak that remembers what it was asked. */
async function keycloak(): Promise<{
  readonly server: Server;
  readonly port: number;
  readonly asked: Asked[];
}> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers });
    response.end('keycloak');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port, asked };
}

describe('a packaged site with the sign-in edits, in a real nginx', () => {
  for (const year of ['2014-10-20', '2017-03-20', '2020-01-24', '2022-07-14', '2024-09-03']) {
    describe(`of ${year}`, () => {
      const folder = stubFolder();
      let nginx: RunningNginx;
      let port = 0;
      let behind: Awaited<ReturnType<typeof keycloak>>;

      before(async function () {
        needsNginx(this);
        const outcome = editNginx(corpusFile(this, 'nginx', `jitsi-meet-template-${year}.conf`), [
          ...signInEdits(choice),
          ...signInRoutes(choice),
        ]);
        assert.equal(outcome.is, 'edited');
        behind = await keycloak();
        port = (await freePorts(1))[0] ?? 0;
        mkdirSync(`${folder.path}/site`);
        writeFileSync(`${folder.path}/site/index.html`, 'jitsi');
        // Plain HTTP and folders of our own: the routes are what is tried here.
        const site = stubbed(textOf(outcome.bytes))
          .replace(/listen (\[::\]:)?80;/g, 'listen unix:http.sock;')
          .replaceAll('listen [::]:443 ssl http2;', '')
          .replace(/listen 443 ssl( http2)?;/, `listen 127.0.0.1:${port};`)
          .replaceAll('/usr/share/jitsi-meet', `${folder.path}/site`)
          .replaceAll('127.0.0.1:18080', `127.0.0.1:${behind.port}`);
        const socketOnce = site.replace(
          /listen unix:http\.sock;\s*listen unix:http\.sock;/,
          'listen unix:http.sock;',
        );
        nginx = await startNginx(
          folder.path,
          inHttp(socketOnce.replaceAll('unix:http.sock', `unix:${folder.path}/http.sock`)),
        );
      });

      after(async () => {
        await (nginx as RunningNginx | undefined)?.stop();
        (behind as typeof behind | undefined)?.server.close();
        folder.remove();
      });

      const get = (path: string) => nginx.get(port, choice.domain, path);

      it('shows rooms, also those that are named like paths of Keycloak', async () => {
        for (const path of ['/room', '/realmsparty', '/adminroom', '/resources', '/resourceful']) {
          const { status, body } = await get(path);
          assert.equal(`${path} ${status} ${body}`, `${path} 200 jitsi`);
        }
      });

      it('hides everything of Keycloak but the realm and the resources', async () => {
        const hidden = [
          '/realms',
          '/realms/',
          '/realms/x',
          '/realms/master/',
          '/admin',
          '/admin/',
          '/admin/master/console/',
        ];
        const disguised = [
          '//realms//master/',
          '/realms/jitsi-realm/../master/',
          '/realms/jitsi-realm/%2e%2e/master/',
          '/realms%2Fmaster/',
          '/realms/jitsi-realm;x/',
        ];
        for (const path of [...hidden, ...disguised])
          assert.equal(`${path} ${(await get(path)).status}`, `${path} 404`);
      });

      it('passes on the path that it matched, whatever the client wrote', async () => {
        const last = (): string => behind.asked.at(-1)?.path ?? '';
        await get('/realms/jitsi-realm/protocol/openid-connect/auth?client_id=jitsi&a=%2f');
        assert.equal(last(), '/realms/jitsi-realm/protocol/openid-connect/auth?client_id=jitsi&a=%2f');
        await get('/resources/abcde/login/styles.css');
        assert.equal(last(), '/resources/abcde/login/styles.css');
        const token = '/realms/master/protocol/openid-connect/token;x';
        await get(`${token}${'%2f..'.repeat(4)}%2fjitsi-realm%2f`);
        assert.equal(last(), '/realms/jitsi-realm/');
        await get(`${token}${'%2f..'.repeat(5)}%2fresources%2fa`);
        assert.ok(!behind.asked.some(({ path }) => path.includes('master')), last());
      });

      it('tells Keycloak the real address and https', () => {
        for (const { headers } of behind.asked) {
          assert.equal(headers['x-forwarded-for'], '127.0.0.1');
          assert.equal(headers['x-forwarded-proto'], 'https');
          assert.equal(headers['x-forwarded-host'], choice.domain);
        }
        assert.ok(behind.asked.length >= 4);
      });
    });
  }
});
