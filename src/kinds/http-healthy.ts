import {
  type FoundContainer,
  foundContainer,
  inspectContainer,
  lastLog,
} from '../dialects/docker/container.js';
import { lastLines } from '../lib/printable.js';
import type { CheckKind, Verdict } from '../model/kind.js';
import { all, andThen, ask, attempt, known, map, type Probe } from '../probe/probe.js';
import type { HttpResponse } from '../shell/http-request.js';

/** A page that a healthy service answers, asked from the host itself. */
export interface HttpHealthy {
  /** Default 127.0.0.1. */
  readonly address?: string;
  readonly port: number;
  readonly path: string;
  /** The status that means healthy. Default 200. */
  readonly expect?: number;
  /** The container that serves it: waiting ends at once when it has ended. */
  readonly container?: string;
}

/** So many starts by Docker itself, and no answer yet: it will not come right by waiting. */
const crashLoop = 3;

/** Waits for the status of a page. Shows the last lines of the container's log when there is no hope. */
export const httpHealthy: CheckKind<HttpHealthy> = {
  shape: 'check',
  name: 'http.healthy',

  probe(props) {
    const { address = '127.0.0.1', port, path, container } = props;
    const question = { is: 'http', to: { address, port }, method: 'GET', path } as const;
    const both = all({
      answer: attempt(question, (response) => response),
      found: container === undefined ? known('not asked' as const) : read(container),
    });
    return andThen(both, ({ answer, found }) => {
      if (typeof answer !== 'string' && answer.status === (props.expect ?? 200))
        return known<Verdict>({ ok: true });
      const end = found === 'not asked' ? null : endOf(container ?? '', found);
      return end === null
        ? known(notYet(props, answer))
        : hopeless(end, found === null ? null : (container ?? null));
    });
  },
};

const read = (name: string): Probe<FoundContainer | null> =>
  ask(inspectContainer(name), (reply) => foundContainer(reply, name));

/** Why a container will not come right by waiting; null while it may. */
function endOf(name: string, found: FoundContainer | null): string | null {
  if (found === null) return `the container ${name} is not there`;
  const { status, exitCode, outOfMemory, restarts } = found;
  const cause = outOfMemory ? 'ran out of memory' : `ended with exit code ${exitCode}`;
  if (status === 'exited' || status === 'dead') return `the container ${name} ${cause}`;
  if (status === 'created' || status === 'paused')
    return `the container ${name} is not running: it is ${status}`;
  return restarts >= crashLoop
    ? `the container ${name} ${cause}, and was started again ${restarts} times`
    : null;
}

function notYet(
  { port, path, expect = 200, address = '127.0.0.1' }: HttpHealthy,
  answer: HttpResponse | string,
): Verdict {
  const url = `http://${address}:${port}${path}`;
  if (typeof answer === 'string') return { ok: false, because: `no answer from ${url}: ${answer}` };
  return {
    ok: false,
    because: `${url} answers ${answer.status}, not ${expect}`,
    evidence: lastLines(answer.body.slice(0, 2000), 5),
  };
}

function hopeless(because: string, container: string | null): Probe<Verdict> {
  if (container === null) return known({ ok: false, because, hopeless: true });
  return map(
    ask(lastLog(container), (reply) => lastLines(reply.stdout, 20)),
    (evidence): Verdict => ({
      ok: false,
      because,
      evidence,
      next: `the lines above are the end of its log; all of it: \`docker logs ${container}\``,
      hopeless: true,
    }),
  );
}
