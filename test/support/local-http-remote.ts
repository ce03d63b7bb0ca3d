import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { Failed } from '../../src/model/failure.js';
import type { Remote } from '../../src/model/kind.js';
import type { Answer, Ask } from '../../src/probe/probe.js';
import { answerRound } from '../../src/probe/round.js';
import { batchScript, readBatch, type Reply } from '../../src/shell/batch.js';
import type { HttpRequest, HttpResponse, PasswordGrant } from '../../src/shell/http-request.js';
import { isSecretRef, type Vault } from '../../src/shell/secret.js';
import type { Sh } from '../../src/shell/sh.js';

/** A test's host: this machine, with `/var/lib/orchestrate` in a folder of the test's own. */
export interface LocalHost extends Remote {
  /** Answers the questions of one round, all at once. */
  answerRound(asks: readonly Ask[]): Promise<readonly Answer[]>;
  /** Method and path of every request so far, those for tokens included. */
  readonly sent: readonly string[];
  /** Bodies and scripts as they went over the wire. */
  readonly wire: readonly string[];
  readonly learned: readonly string[];
  readonly rounds: number;
}

/** A vault with these values. */
export const vaultOf = (secrets: Readonly<Record<string, string>>): Vault => ({
  reveal({ secret }) {
    const value = secrets[secret];
    if (value === undefined) throw new Error(`no secret ${secret}`);
    return value;
  },
  learn: () => undefined,
  scrub: (text) => text,
});

/** Opens the local host. `root` stands for `/var/lib/orchestrate`. */
export function localHost(secrets: Readonly<Record<string, string>>, root: string): LocalHost {
  const vault = vaultOf(secrets);
  const sent: string[] = [];
  const wire: string[] = [];
  const learned: string[] = [];
  const figures = { rounds: 0 };
  const bearer = bearerTokens((request) => exchange(request, vault, { sent, wire }));

  const run = async (script: Sh): Promise<Reply> => {
    const [reply] = await runBatch([script]);
    if (reply === undefined) throw new Error('no reply');
    return reply;
  };
  const runBatch = (scripts: readonly Sh[]): Promise<readonly Reply[]> => {
    const nonce = randomBytes(12).toString('hex');
    const text = Buffer.from(batchScript(scripts, vault, nonce))
      .toString()
      .replaceAll('/var/lib/orchestrate', root);
    wire.push(text);
    return shell(text, scripts.length, nonce);
  };
  const send = (request: HttpRequest): Promise<HttpResponse> => bearer.send(request);

  return {
    sent,
    wire,
    learned,
    get rounds() {
      return figures.rounds;
    },
    run,
    runAll: runBatch,
    async must(script, { what, next }) {
      const reply = await run(script);
      if (reply.code === 0) return reply;
      const evidence = [Buffer.from(reply.stderr).toString()];
      throw new Failed({ reason: 'command-failed', what, evidence, next: next ?? 'read the evidence' });
    },
    stream: () => Promise.reject(new Error('nothing is streamed here')),
    http: send,
    webSocket: () => Promise.reject(new Error('there are no WebSockets here')),
    blob: (sha256) => `${root}/blobs/${sha256}`,
    progress: () => undefined,
    learnSecret: (value) => void learned.push(value),
    signal: new AbortController().signal,
    answerRound(asks) {
      figures.rounds += 1;
      return answerRound(asks, { runAll: runBatch, ask: (one) => send(one).then(responded, noAnswer) });
    },
  };
}

const responded = (response: HttpResponse): Answer => ({ is: 'response', ...response });
const noAnswer = (error: unknown): Answer => ({
  is: 'none',
  because: error instanceof Error ? error.message : String(error),
});

interface Token {
  readonly value: string;
  readonly goodUntil: number;
}

/** The transport's rule for tokens: got once, kept, renewed before they end and once after a 401. */
function bearerTokens(exchangeOne: (request: HttpRequest) => Promise<HttpResponse>) {
  const tokens = new Map<string, Promise<Token>>();
  const tokenFor = async (request: HttpRequest, auth: PasswordGrant, fresh: boolean): Promise<string> => {
    const key = JSON.stringify([request.to, auth]);
    const kept = fresh ? undefined : tokens.get(key);
    const got = kept ?? login(request, auth, exchangeOne);
    tokens.set(key, got);
    const token = await got;
    if (token.goodUntil > Date.now()) return token.value;
    return kept === undefined ? token.value : tokenFor(request, auth, true);
  };
  return {
    async send(request: HttpRequest): Promise<HttpResponse> {
      const { auth } = request;
      if (auth === undefined) return exchangeOne(request);
      const attempt = async (fresh: boolean) =>
        exchangeOne(withHeader(request, `Bearer ${await tokenFor(request, auth, fresh)}`));
      const first = await attempt(false);
      return first.status === 401 ? attempt(true) : first;
    },
  };
}

async function login(
  { to }: HttpRequest,
  { tokenPath, clientId, username, password }: PasswordGrant,
  exchangeOne: (request: HttpRequest) => Promise<HttpResponse>,
): Promise<Token> {
  const form = { grant_type: 'password', client_id: clientId, username, password };
  const response = await exchangeOne({ is: 'http', to, method: 'POST', path: tokenPath, body: { form } });
  if (response.status === 400 || response.status === 401) {
    const what = `the login of "${username}" is wrong`;
    throw new Failed({ reason: 'refused', what, next: 'give the right password' });
  }
  const reply = JSON.parse(Buffer.from(response.body).toString()) as {
    access_token: string;
    expires_in: number;
  };
  return { value: reply.access_token, goodUntil: Date.now() + (reply.expires_in - 10) * 1000 };
}

const withHeader = (request: HttpRequest, authorization: string): HttpRequest => ({
  ...request,
  headers: { ...request.headers, authorization },
});

/** One request and its response, on a connection of its own. */
function exchange(
  request: HttpRequest,
  vault: Vault,
  log: { readonly sent: string[]; readonly wire: string[] },
): Promise<HttpResponse> {
  const body = bodyOf(request, vault);
  log.sent.push(`${request.method} ${request.path}`);
  if (body !== null) log.wire.push(body.text);
  const { tls, address, port } = request.to;
  const options = {
    host: address,
    port,
    method: request.method,
    path: request.path,
    agent: false,
    timeout: request.timeoutMs ?? 10_000,
    headers: { ...(body === null ? {} : { 'content-type': body.type }), ...request.headers },
    ...(tls === undefined
      ? {}
      : { servername: tls.serverName, ...(tls.ca === undefined ? {} : { ca: tls.ca }) }),
  };
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      const what = `no answer: ${error.message}`;
      reject(
        new Failed({
          reason: 'command-failed',
          what,
          next: 'look whether the server runs and listens there',
          transient: true,
        }),
      );
    };
    const outgoing = (tls === undefined ? http : https).request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', refuse);
      incoming.on('end', () => resolve(responseOf(incoming, Buffer.concat(chunks))));
    });
    outgoing.on('error', refuse);
    outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
    outgoing.end(body?.text);
  });
}

const responseOf = (incoming: http.IncomingMessage, body: Buffer): HttpResponse => ({
  status: incoming.statusCode ?? 0,
  headers: incoming.headers as HttpResponse['headers'],
  body: body.subarray(0, 4 * 1024 * 1024),
  truncated: body.length > 4 * 1024 * 1024,
});

function bodyOf(
  { body }: HttpRequest,
  vault: Vault,
): { readonly text: string; readonly type: string } | null {
  if (body === undefined) return null;
  if ('text' in body) return body;
  if ('json' in body) {
    const text = JSON.stringify(body.json, (_key, value: unknown) =>
      isLoneRef(value) ? vault.reveal(value) : value,
    );
    return { text, type: 'application/json' };
  }
  const fields = Object.entries(body.form).map(([name, value]): [string, string] => [
    name,
    isSecretRef(value) ? vault.reveal(value) : value,
  ]);
  return { text: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' };
}

/** `{ secret: NAME }` and nothing beside it: an object of Keycloak's that happens to have a secret is none. */
const isLoneRef = (value: unknown): value is { secret: string } =>
  isSecretRef(value) && Object.keys(value).length === 1;

function shell(script: string, count: number, nonce: string): Promise<readonly Reply[]> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-s']);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', () => {
      try {
        resolve(readBatch({ stdout: Buffer.concat(out), stderr: Buffer.concat(err) }, count, nonce));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    child.stdin.end(script);
  });
}
