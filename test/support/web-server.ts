import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A small HTTP or HTTPS server on a loopback port. */
export interface WebServer extends AsyncDisposable {
  readonly port: number;
  /** TCP connections so far. */
  connections(): number;
}

/** @param tls key and certificate; plain HTTP when absent */
export async function startWebServer(
  answer: RequestListener,
  tls?: { readonly key: string; readonly cert: string },
): Promise<WebServer> {
  const server = tls === undefined ? createServer(answer) : createTlsServer({ ...tls }, answer);
  // Who has no more use for a connection closes it: nothing here does it for them.
  server.keepAliveTimeout = 0;
  let connections = 0;
  (server as Server).on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A self-signed certificate for a name. */
export async function makeCertificate(
  name: string,
): Promise<{ readonly key: string; readonly cert: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrate-tls-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert],
  ]);
  const pair = { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  await rm(folder, { recursive: true });
  return pair;
}

/** The body of a request, as text. */
export async function bodyIn(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
