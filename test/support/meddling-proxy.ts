import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one request on its way. Nothing: it goes through. */
export interface Meddling {
  /** Answers in the server's place. */
  readonly answer?: { readonly status: number; readonly body: string; readonly type?: string };
  /** Lets the server do it, then cuts the connection: the answer is lost. */
  readonly loseAnswer?: true;
}

/** A proxy in front of a real server that meddles with chosen requests. */
export interface MeddlingProxy extends AsyncDisposable {
  readonly port: number;
}

/** Starts the proxy. `meddle` sees each request before the server does, and may act first. */
export async function meddlingProxy(
  target: number,
  meddle: (request: { readonly method: string; readonly path: string }) => Promise<Meddling> | Meddling,
): Promise<MeddlingProxy> {
  const server = http.createServer((incoming, outgoing) => {
    const pass = async () => {
      const body = await bodyOf(incoming);
      const { answer, loseAnswer } = await meddle({
        method: incoming.method ?? '',
        path: incoming.url ?? '',
      });
      if (answer !== undefined) {
        outgoing.writeHead(answer.status, { 'content-type': answer.type ?? 'text/html' });
        outgoing.end(answer.body);
        return;
      }
      const response = await forward(target, incoming, body);
      if (loseAnswer === true) {
        incoming.socket.destroy();
        return;
      }
      outgoing.writeHead(response.status, response.headers);
      outgoing.end(response.body);
    };
    pass().catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Forwarded {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

function forward(port: number, incoming: http.IncomingMessage, body: Buffer): Promise<Forwarded> {
  const { method, url, headers } = incoming;
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path: url, headers }, (response) => {
      bodyOf(response).then(
        (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }),
        reject,
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function bodyOf(message: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
