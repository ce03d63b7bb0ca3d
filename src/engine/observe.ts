import { randomBytes } from 'node:crypto';
import { Failed, failureOf } from '../model/failure.js';
import type { Answer, Probe } from '../probe/probe.js';
import { answerRound } from '../probe/round.js';
import { type Reading, settle } from '../probe/settle.js';
import { batchScript, readBatch, type Reply } from '../shell/batch.js';
import type { HttpRequest } from '../shell/http-request.js';
import type { Vault } from '../shell/secret.js';
import type { Sh } from '../shell/sh.js';
import type { ExecOptions, Session } from './ports.js';

/** Files are read whole, so a round may be large. */
const roundCapBytes = 64 * 1024 * 1024;

/** Reads many things of one host: all shell questions of a round in one script, its HTTP requests beside it. */
export const observe = <T>(
  session: Session,
  vault: Vault,
  probes: readonly Probe<T>[],
  signal?: AbortSignal,
): Promise<readonly Reading<T>[]> =>
  settle(probes, (asks) =>
    answerRound(asks, {
      runAll: (scripts) => runScripts(session, vault, scripts, options(signal)),
      ask: (request) => responseTo(session, request, signal),
    }),
  );

const options = (signal?: AbortSignal): ExecOptions => ({
  timeoutMs: 120_000,
  capBytes: roundCapBytes,
  ...(signal === undefined ? {} : { signal }),
});

/**
 * Runs pieces of shell in one script and gives their replies.
 *
 * @throws Failed `unknown-outcome` when the connection went away, `command-failed` when no shell answered
 */
export async function runScripts(
  session: Session,
  vault: Vault,
  scripts: readonly Sh[],
  options: ExecOptions,
): Promise<readonly Reply[]> {
  const nonce = `orchestrate-${randomBytes(12).toString('hex')}`;
  const ended = await session.script(batchScript(scripts, vault, nonce), options);
  if (ended.is === 'unknown') {
    throw new Failed({
      reason: 'unknown-outcome',
      what: 'the connection went away in the middle of a command',
      evidence: [ended.because],
      next: 'see whether the host is up, then run the same command again: it reads first what has happened',
      transient: true,
    });
  }
  try {
    return readBatch(ended, scripts.length, nonce);
  } catch (cause) {
    throw new Failed(
      {
        reason: 'command-failed',
        what: `the host did not run our shell to its end (${ended.is === 'exit' ? `exit ${ended.code}` : ended.signal})`,
        evidence: Buffer.from(ended.stderr).toString('utf8').split('\n').filter(Boolean).slice(-5),
        next: 'log in by hand with the same user and run `sh -c "echo ok"`: it must print ok',
      },
      { cause },
    );
  }
}

async function responseTo(session: Session, request: HttpRequest, signal?: AbortSignal): Promise<Answer> {
  try {
    return { is: 'response', ...(await session.http(request, signal)) };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.reason === 'bug' || !failure.transient) throw error;
    return { is: 'none', because: [failure.what, ...failure.evidence].join(': ') };
  }
}
