import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { sameJson, type Json } from '../../src/lib/json.js';
import { Failed } from '../../src/model/failure.js';
import type { CheckKind, Observed, Remote, ResourceKind, RunOptions, Verdict } from '../../src/model/kind.js';
import type { Answer, Probe } from '../../src/probe/probe.js';
import { answerRound } from '../../src/probe/round.js';
import { settle } from '../../src/probe/settle.js';
import { batchScript, readBatch, type Reply } from '../../src/shell/batch.js';
import type { HttpRequest, HttpResponse } from '../../src/shell/http-request.js';
import type { Vault } from '../../src/shell/secret.js';
import { type Sh, identityOf } from '../../src/shell/sh.js';

/** Secrets of a test, by name. */
export type Secrets = Readonly<Record<string, string>>;

/** This machine as the host: a real `/bin/sh`, its own Docker, its own loopback. */
export interface LocalRemote extends Remote {
  /** Every script that was run, for a person: secrets by name. */
  readonly ran: readonly string[];
  readonly told: readonly string[];
  read<T>(probe: Probe<T>): Promise<T>;
}

/** What a test may change about a {@link localRemote}. `before` is shell that stands before every script. */
export interface LocalOptions {
  readonly secrets?: Secrets;
  readonly before?: string;
}

/** Makes this machine the host of a test. */
export function localRemote({ secrets = {}, before = '' }: LocalOptions = {}): LocalRemote {
  const vault = vaultOf(secrets);
  const ran: string[] = [];
  const told: string[] = [];
  const inOneScript = (scripts: readonly Sh[], options: RunOptions = {}): Promise<readonly Reply[]> =>
    runBatch(
      scripts.map((script) => withBefore(before, script)),
      vault,
      options,
    );
  const runAll = (scripts: readonly Sh[], options?: RunOptions): Promise<readonly Reply[]> => {
    ran.push(...scripts.map(identityOf));
    return inOneScript(scripts, options);
  };
  const run = (script: Sh, options?: RunOptions): Promise<Reply> =>
    runAll([script], options).then(([reply]) => reply!);
  return {
    ran,
    told,
    run,
    runAll,
    must: async (script, { what, next = 'see the lines above', ...options }) => {
      const reply = await run(script, options);
      if (reply.code === 0) return reply;
      throw new Failed({
        reason: 'command-failed',
        what,
        next,
        evidence: text(reply.stderr).split('\n').slice(-20),
      });
    },
    stream: (_command, path) => dockerLoad(path),
    http: (request) => send(request),
    webSocket: () => Promise.reject(new Error('there are no WebSockets here')),
    blob: (digest) => `/nowhere/${digest}`,
    progress: (line) => told.push(line),
    learnSecret: () => undefined,
    signal: new AbortController().signal,
    read: async <T>(probe: Probe<T>) => {
      const [reading] = await settle([probe], (asks) =>
        answerRound(asks, { runAll: inOneScript, ask: responseTo }),
      );
      if (reading?.is === 'threw') throw reading.error;
      return reading!.value;
    },
  };
}

/** One turn of the loop: observe, decide, converge, observe. Like the engine, with nothing around it. */
export async function turn<P, I extends Json, S extends Json, Seen extends Observed<S>>(
  kind: ResourceKind<P, I, S, Seen>,
  props: P,
  { remote, run }: { readonly remote: LocalRemote; readonly run: string },
) {
  const id = kind.identify(props);
  const seen = await remote.read(kind.probe(id));
  const wanted = kind.target(props, seen);
  const changed = !sameJson(seen.state, wanted.state);
  if (changed) await kind.converge({ id, from: seen.state, to: wanted.state, props, run }, remote);
  const after = await remote.read(kind.probe(id));
  const settled = sameJson(kind.target(props, after).state, after.state);
  const undo = async (by: LocalRemote = remote) => {
    await kind.converge({ id, from: wanted.state, to: seen.state, props: null, run }, by);
    return (await remote.read(kind.probe(id))).state;
  };
  return { changed, settled, from: seen.state, to: wanted.state, now: after.state, undo };
}

/** Asks a check once. */
export const verdictOf = <P>(check: CheckKind<P>, props: P, remote = localRemote()): Promise<Verdict> =>
  remote.read(check.probe(props));

const responseTo = (request: HttpRequest): Promise<Answer> =>
  send(request).then(
    (response): Answer => ({ is: 'response', ...response }),
    (error: unknown) => {
      if (error instanceof Failed) return { is: 'none', because: error.message };
      throw error;
    },
  );

const withBefore = (before: string, script: Sh): Sh => ({
  is: 'sh',
  pieces: [{ is: 'code', text: before }, ...script.pieces],
});

/** Runs a batch in a process group of its own, so that a test can have all of it killed by `kill -9 0`. */
async function runBatch(
  scripts: readonly Sh[],
  vault: Vault,
  options: RunOptions,
): Promise<readonly Reply[]> {
  if (scripts.length === 0) return [];
  const nonce = randomBytes(8).toString('hex');
  const child = spawn('/bin/sh', ['-s'], { detached: true });
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(batchScript(scripts, vault, nonce));
  const signal = await new Promise<string | null>((resolve) =>
    child.on('close', (_code, name) => resolve(name)),
  );
  if (signal !== null) {
    throw new Failed({ reason: 'unknown-outcome', what: `killed by ${signal}`, next: 'look at the host' });
  }
  const whole = { stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr) };
  for (const line of text(whole.stdout).split('\n')) options.onLine?.(line);
  return readBatch(whole, scripts.length, nonce);
}

async function dockerLoad(path: string): Promise<Reply> {
  const child = spawn('docker', ['load']);
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  createReadStream(path).pipe(child.stdin);
  const code = await new Promise<number>((resolve) => child.on('close', (ended) => resolve(ended ?? 255)));
  return { code, stdout: Buffer.concat(output.stdout), stderr: Buffer.concat(output.stderr) };
}

function send({ to, method, path, headers, timeoutMs = 10_000 }: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(new Failed({ reason: 'command-failed', what: error.message, next: 'wait', transient: true }));
    const options = {
      host: to.address,
      port: to.port,
      method,
      path,
      timeout: timeoutMs,
      ...(headers && { headers }),
    };
    const outgoing = httpRequest(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('error', fail);
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: {},
          body: Buffer.concat(chunks),
          truncated: false,
        }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
    outgoing.on('error', fail);
    outgoing.end();
  });
}

const vaultOf = (secrets: Secrets): Vault => ({
  reveal: ({ secret }) => {
    const value = secrets[secret];
    if (value === undefined) throw new Error(`no secret ${secret}`);
    return value;
  },
  learn: () => undefined,
  scrub: (line) => line,
});

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
