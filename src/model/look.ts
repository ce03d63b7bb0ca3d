import { type Answer, type Probe, Unreadable } from '../probe/probe.js';
import { answerRound } from '../probe/round.js';
import type { HttpRequest } from '../shell/http-request.js';
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
      const answers = await answerRound(reading.asks, {
        runAll: (scripts) => remote.runAll(scripts),
        ask: (request) => responseTo(request, remote),
      });
      reading = reading.resume(answers);
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

async function responseTo(request: HttpRequest, remote: Remote): Promise<Answer> {
  try {
    return { is: 'response', ...(await remote.http(request)) };
  } catch (error) {
    const failure = failureOf(error);
    if (!failure.transient) throw error;
    return { is: 'none', because: failure.what };
  }
}
