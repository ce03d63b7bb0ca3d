import type { Reply } from '../shell/batch.js';
import type { HttpRequest } from '../shell/http-request.js';
import type { Sh } from '../shell/sh.js';
import type { Answer, Ask } from './probe.js';

/** What carries the questions of a round to a host. */
export interface Carrier {
  /** Runs pieces of shell in one script. Called only when there are some. */
  readonly runAll: (scripts: readonly Sh[]) => Promise<readonly Reply[]>;
  readonly ask: (request: HttpRequest) => Promise<Answer>;
}

/** Answers the questions of one round, in their order: all shell in one script, the HTTP requests beside it. */
export async function answerRound(asks: readonly Ask[], carrier: Carrier): Promise<readonly Answer[]> {
  const scripts = asks.filter((question): question is Sh => question.is === 'sh');
  const requests = asks.filter((question): question is HttpRequest => question.is === 'http');
  const [replies, responses] = await Promise.all([
    scripts.length === 0 ? [] : carrier.runAll(scripts),
    Promise.all(requests.map((request) => carrier.ask(request))),
  ]);
  const queues = { sh: replies.map((reply): Answer => ({ is: 'reply', ...reply })), http: responses };
  return asks.map(({ is }) => queues[is].shift() ?? { is: 'none', because: 'the question was not answered' });
}
