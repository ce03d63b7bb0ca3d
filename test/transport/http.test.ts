import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { Session } from '../../src/engine/ports.js';
import type { HttpRequest, HttpResponse } from '../../src/shell/http-request.js';
import { makeAccount } from '../support/account.js';
import { shared } from '../support/shared.js';
import { startSshd } from '../support/sshd.js';
import { failureIn, hostAt, needsRealSshd, runScript, transportAt } from '../support/ssh-rig.js';
import { plainVault } from '../support/vault.js';
import { answerJson, bodyIn, makeCertificate, startWebServer } from '../support/web-server.js';

const get = (port: number, path = '/', more: Partial<HttpRequest> = {}): HttpRequest => ({
  is: 'http',
  to: { address: '127.0.0.1', port },
  method: 'GET',
  path,
  ...more,
});

const textOf = (response: HttpResponse): string => Buffer.from(response.body).toString();

/** What a server saw of a request. */
const echo: RequestListener = (request, response) => {
  void bodyIn(request).then((body) => {
    const { host, 'content-type': type, 'x-extra': extra } = request.headers;
    answerJson(response, 200, { method: request.method, url: request.url, host, type, extra, body });
  });
};

describe('HTTP from a real host', function () {
  this.timeout(20_000);
  before(needsRealSshd);
  const sshd = shared(() => startSshd({ config: ['PermitOpen any'] }));
  const account = shared(() => makeAccount({ shell: '/bin/bash' }));
  const label = () => `meet-1 (127.0.0.1 port ${sshd().port})`;
  const connect = (secrets: Record<string, string> = {}): Promise<Session> =>
    transportAt(sshd().home, { vault: plainVault(secrets) }).transport.connect(
      hostAt({ port: sshd().port, user: account().name }),
    );

  it('carries method, path, headers and bodies, with secrets at the wire', async () => {
    await using web = await startWebServer(echo);
    await using session = await connect({ PASSWORD: 'p&ss wörd' });
    const seen = async (more: Partial<HttpRequest>): Promise<unknown> =>
      JSON.parse(textOf(await session.http(get(web.port, '/a?b=c', more))));
    const plain = { method: 'POST', url: '/a?b=c', host: `127.0.0.1:${web.port}` };
    assert.deepEqual(await seen({}), { ...plain, method: 'GET', body: '' });
    assert.deepEqual(
      await seen({
        method: 'POST',
        headers: { Host: 'meet.example.com', 'X-Extra': 'e' },
        body: { text: 'é', type: 'text/plain' },
      }),
      {
        ...plain,
        host: 'meet.example.com',
        type: 'text/plain',
        extra: 'e',
        body: 'é',
      },
    );
    assert.deepEqual(
      await seen({ method: 'POST', body: { form: { user: 'a b', password: { secret: 'PASSWORD' } } } }),
      {
        ...plain,
        type: 'application/x-www-form-urlencoded',
        body: 'user=a+b&password=p%26ss+w%C3%B6rd',
      },
    );
    const json = { secret: 'kept', type: 'x', credentials: [{ value: { secret: 'PASSWORD' } }] };
    assert.deepEqual(await seen({ method: 'POST', body: { json } }), {
      ...plain,
      type: 'application/json',
      body: JSON.stringify({ secret: 'kept', type: 'x', credentials: [{ value: 'p&ss wörd' }] }),
    });
  });

  it('keeps several values of a header, and follows no redirect', async () => {
    await using web = await startWebServer((_request, response) => {
      response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2']);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await using session = await connect();
    const response = await session.http(get(web.port));
    assert.equal(response.status, 302);
    assert.deepEqual(response.headers['set-cookie'], ['a=1; Path=/', 'b=2']);
    assert.equal(response.headers['location'], '/elsewhere');
  });

  it('keeps its connections, and never has more than three to one endpoint', async () => {
    await using web = await startWebServer(
      (_request, response) => void setTimeout(() => response.end('ok'), 20),
    );
    await using session = await connect();
    const all = await Promise.all(Array.from({ length: 20 }, () => session.http(get(web.port))));
    assert.ok(all.every((response) => textOf(response) === 'ok'));
    await session.http(get(web.port));
    assert.ok(web.connections() <= 3, `${web.connections()} connections`);
    // Twenty over three connections, and one more; a connection that opened late leaves more to the others.
    const { handshakes, roundTrips } = session.figures();
    assert.equal(handshakes, 1);
    assert.ok(roundTrips >= 8 && roundTrips <= 11, `${roundTrips} round trips`);
  });

  it('hands over an HTML page of a proxy as it is', async () => {
    await using web = await startWebServer((_request, response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>'),
    );
    await using session = await connect();
    const response = await session.http(get(web.port));
    assert.deepEqual([response.status, textOf(response)], [502, '<h1>502 Bad Gateway</h1>']);
  });

  it('cuts a body over 4 MiB', async () => {
    await using web = await startWebServer(
      (_request, response) => void response.end(Buffer.alloc(9_000_000, 'x')),
    );
    await using session = await connect();
    const response = await session.http(get(web.port));
    assert.deepEqual([response.body.length, response.truncated], [4 * 1024 * 1024, true]);
    const again = await session.http(get(web.port));
    assert.equal(again.status, 200);
  });

  it('says why there is no answer, and that it may come later', async () => {
    await using web = await startWebServer((request, response) => {
      if (request.url?.startsWith('/cut') === true)
        response.writeHead(200, { 'content-length': '100' }).write('half', () => request.socket.destroy());
      else if (request.url === '/drop') request.socket.destroy();
    });
    await using session = await connect();
    const failure = (what: string, evidence: string) => ({
      reason: 'command-failed',
      what: `GET ${what} at 127.0.0.1:${web.port} on ${label()} got no answer`,
      evidence: [evidence],
      next: 'check on the machine that the service runs and listens there',
      transient: true,
    });
    assert.deepEqual(
      await failureIn(session.http(get(web.port, '/drop'))),
      failure('/drop', 'other side closed'),
    );
    assert.deepEqual(
      await failureIn(session.http(get(web.port, '/cut?a=secret'))),
      failure('/cut', 'other side closed'),
    );
    assert.deepEqual(
      await failureIn(session.http(get(web.port, '/hang', { timeoutMs: 200 }))),
      failure('/hang', 'no end within 0.2 s'),
    );
    const refused = await failureIn(session.http(get(1)));
    assert.deepEqual([refused.evidence, refused.transient], [['connection refused'], true]);
  });

  it('does not take a reply for whole that the loss of the SSH connection cut off', async () => {
    let begun = (): void => undefined;
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    await using web = await startWebServer((request) => {
      // Without a length, the end of the connection is the end of the body.
      request.socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf', () => begun());
    });
    await using session = await connect();
    const failing = failureIn(session.http(get(web.port)));
    await beginning;
    await runScript(session, 'kill -KILL "$PPID"\n');
    const failure = await failing;
    // How TCP tells it depends on what sshd had in its buffers when it was killed.
    assert.match(failure.evidence.join(), /^the (host closed the connection|connection was reset)$/);
    assert.equal(failure.transient, true);
  });

  it('can be interrupted', async () => {
    await using web = await startWebServer(() => undefined);
    await using session = await connect();
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    const failure = await failureIn(session.http(get(web.port), abort.signal));
    assert.deepEqual([failure.reason, failure.transient], ['interrupted', false]);
  });

  it('checks certificates: by the authority that is named, for the server name', async () => {
    const certificate = await makeCertificate('meet.example.com');
    await using web = await startWebServer(echo, certificate);
    await using session = await connect();
    const ask = (tls: { serverName: string; ca?: string }) =>
      session.http(get(web.port, '/', { to: { address: '127.0.0.1', port: web.port, tls } }));
    const response = await ask({ serverName: 'meet.example.com', ca: certificate.cert });
    assert.equal((JSON.parse(textOf(response)) as { host: string }).host, `meet.example.com:${web.port}`);
    const unknown = await failureIn(ask({ serverName: 'meet.example.com' }));
    assert.deepEqual(unknown, {
      reason: 'command-failed',
      what: `127.0.0.1:${web.port} on ${label()} shows a certificate that is not trusted`,
      evidence: ['self-signed certificate'],
      next: 'check the certificate for meet.example.com, or name its authority as `ca`',
      transient: false,
    });
    const other = await failureIn(ask({ serverName: 'other.example.com', ca: certificate.cert }));
    assert.match(other.evidence[0] ?? '', /Host: other\.example\.com\. is not in the cert's altnames/);
    const byAddress = await failureIn(ask({ serverName: '127.0.0.1', ca: certificate.cert }));
    assert.match(byAddress.evidence[0] ?? '', /IP: 127\.0\.0\.1 is not in the cert's list/);
  });
});

describe('HTTP from a host whose sshd forbids forwarding', function () {
  this.timeout(20_000);
  before(needsRealSshd);
  const sshd = shared(() => startSshd({ config: ['AllowTcpForwarding no', 'MaxSessions 2'] }));
  const connect = (user: string) => {
    const { transport, findings } = transportAt(sshd().home);
    return { findings, session: transport.connect(hostAt({ port: sshd().port, user })) };
  };

  it('goes through bash, past a noisy login shell, and is found once', async () => {
    await using web = await startWebServer(echo);
    await using account = await makeAccount({ shell: '/bin/bash', bashrc: 'echo noise\n' });
    const { session: opening, findings } = connect(account.name);
    await using session = await opening;
    const body = { text: 'x'.repeat(1_000_000), type: 'text/plain' };
    const responses = await Promise.all(
      Array.from({ length: 4 }, () => session.http(get(web.port, '/', { method: 'POST', body }))),
    );
    assert.ok(responses.every((response) => textOf(response).length > 1_000_000));
    assert.deepEqual(findings, [
      {
        host: 'meet-1',
        code: 'tcp-forwarding-off',
        what: `sshd on meet-1 (127.0.0.1 port ${sshd().port}) forbids TCP forwarding; requests to its own services go through bash there instead`,
        next: 'nothing has to be done; `AllowTcpForwarding local` in its sshd_config makes them faster',
      },
    ]);
    const refused = await failureIn(session.http(get(1)));
    assert.deepEqual([refused.evidence, refused.transient], [['connection refused'], true]);
  });

  for (const shell of ['/bin/dash', '/bin/tcsh', '/usr/bin/fish']) {
    it(`goes through bash from the login shell ${shell} too`, async function () {
      if (!existsSync(shell)) this.skip();
      await using web = await startWebServer(echo);
      await using account = await makeAccount({ shell });
      await using session = await connect(account.name).session;
      assert.equal((await session.http(get(web.port))).status, 200);
    });
  }

  it('leaves the sessions to scripts, and nothing running', async () => {
    await using web = await startWebServer(echo);
    await using account = await makeAccount({ shell: '/bin/bash' });
    const { session: opening } = connect(account.name);
    await using session = await opening;
    await Promise.all([
      ...Array.from({ length: 6 }, () => session.http(get(web.port))),
      ...Array.from({ length: 6 }, () => runScript(session, 'sleep 0.05\n')),
    ]);
    const count = 'while pgrep -u "$(id -u)" -x cat >/dev/null; do sleep 0.05; done; echo none\n';
    const ended = await runScript(session, count);
    assert.equal(ended.is === 'exit' && Buffer.from(ended.stdout).toString(), 'none\n');
  });

  it('says so when it can be done neither way', async () => {
    await using account = await makeAccount({ shell: '/bin/sh', bashrc: '' });
    const { session: opening } = connect(account.name);
    await using session = await opening;
    const failure = await failureIn(session.http(get(80, '/', { to: { address: 'localhost', port: 80 } })));
    assert.deepEqual(failure, {
      reason: 'command-failed',
      what: `localhost:80 cannot be asked from meet-1 (127.0.0.1 port ${sshd().port}): sshd there forbids TCP forwarding, and only an IP address can be dialled another way`,
      evidence: [],
      next: 'set `AllowTcpForwarding local` in its sshd_config and reload sshd',
      transient: false,
    });
    await using poor = await makeAccount({
      shell: '/bin/bash',
      bashrc: 'bash() { echo "sh: 1: bash: not found" >&2; return 127; }\n',
    });
    await using other = await connect(poor.name).session;
    assert.match((await failureIn(other.http(get(80)))).what, /and there is no bash to dial another way$/);
  });
});
