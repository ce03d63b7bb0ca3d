import { type Answer, type Ask, type Probe, Unreadable } from '../probe/probe.js';
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
      const answers: Answer[] = [];
      for (const question of reading.asks) answers.push(await answer(question, remote));
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

async function answer(question: Ask, remote: Remote): Promise<Answer> {
  if (question.is === 'sh') return { is: 'reply', ...(await remote.run(question)) };
  try {
    return { is: 'response', ...(await remote.http(question)) };
  } catch (error) {
    const failure = failureOf(error);
    if (!failure.transient) throw error;
    return { is: 'none', because: failure.what };
  }
}
