import { randomBytes } from 'node:crypto';
import { type Answer, type Ask, type Probe, Unreadable } from '../probe/probe.js';
import { batched, readBatch, type Reply } from '../shell/batch.js';
import type { HttpRequest } from '../shell/http-request.js';
import type { Sh } from '../shell/sh.js';
import { Failed, failureOf } from './failure.js';
import type { Remote } from './kind.js';

/**
 * Takes a reading in the middle of a change.
 *
 * @throws Failed `command-failed`, transient, when the thing cannot be read
 */
export async function look<T>(probe: Probe<T>, remote: Remote): Promise<T> {
  let reading = probe;
  try {
    while (!reading.done) {
      reading = reading.resume(await answerRound(reading.asks, remote));
    }
    return reading.value;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new Failed(
      {
        reason: 'command-failed',
        what: `cannot look before the change: ${error.message}`,
        next: 'mend that on the host and run again',
        transient: true,
      },
      { cause: error },
    );
  }
}

/** All shell questions in one script, and the HTTP requests beside it. */
async function answerRound(asks: readonly Ask[], remote: Remote): Promise<readonly Answer[]> {
  const scripts = asks.filter((question): question is Sh => question.is === 'sh');
  const requests = asks.filter((question): question is HttpRequest => question.is === 'http');
  const [replies, responses] = await Promise.all([
    runAll(scripts, remote),
    Promise.all(requests.map((request) => responseTo(request, remote))),
  ]);
  const queues = {
    sh: replies.map((reply): Answer => ({ is: 'reply', ...reply })),
    http: responses,
  };
  return asks.map(({ is }) => queues[is].shift() ?? { is: 'none', because: 'the question was not answered' });
}

async function runAll(scripts: readonly Sh[], remote: Remote): Promise<readonly Reply[]> {
  const [first] = scripts;
  if (first === undefined) return [];
  if (scripts.length === 1) return [await remote.run(first)];
  const nonce = `look-${randomBytes(12).toString('hex')}`;
  return readBatch(await remote.run(batched(scripts, nonce)), scripts.length, nonce);
}

async function responseTo(request: HttpRequest, remote: Remote): Promise<Answer> {
  try {
    return { is: 'response', ...(await remote.http(request)) };
  } catch (error) {
    const failure = failureOf(error);
    if (!failure.transient) throw error;
    return { is: 'none', because: failure.what };
  }
}
