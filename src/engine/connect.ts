import pLimit from 'p-limit';
import type { HostState } from '../dialects/host-journal.js';
import { failureOf, type FailureData } from '../model/failure.js';
import type { Host } from '../model/host.js';
import type { HostRun, RunContext } from './context.js';
import type { Session } from './ports.js';
import { retrying } from './retry.js';

/** A connection is tried this often, for at most this long. */
const connectPatience = { attempts: 4, budgetMs: 30_000, firstWaitMs: 500, longestWaitMs: 5_000 };

/** What became of the hosts of a run: with a session, or with the reason why not. */
export interface Connected {
  readonly sessions: ReadonlyMap<string, Session>;
  readonly failures: ReadonlyMap<string, FailureData>;
}

/** A host that has said nothing of earlier runs. */
export const blankState: HostState = { open: null, owed: [] };

/** Logs in everywhere, `forks` at a time. One host's failure is its own. */
export async function connectAll(context: RunContext, hosts: readonly Host[]): Promise<Connected> {
  const limit = pLimit(context.forks);
  const sessions = new Map<string, Session>();
  const failures = new Map<string, FailureData>();
  await Promise.all(
    hosts.map((host) =>
      limit(async () => {
        try {
          sessions.set(host.name, await connectOne(context, host));
        } catch (error) {
          const failure = failureOf(error);
          failures.set(host.name, failure);
          context.emit({ type: 'host-failed', host: host.name, failure });
        }
      }),
    ),
  );
  return { sessions, failures };
}

/** One login, with patience for what may pass.
 *
 * @throws Failed `unreachable`
 */
export async function connectOne(context: RunContext, host: Host): Promise<Session> {
  const startedAt = context.clock.now().getTime();
  const session = await retrying(() => context.transport.connect(host), {
    ...connectPatience,
    onAttempt: (attempt, because) =>
      context.emit({
        type: 'task-attempt',
        host: host.name,
        task: `${host.name}/ssh:connect`,
        attempt,
        because,
      }),
  });
  context.emit({ type: 'host-connected', host: host.name, ms: context.clock.now().getTime() - startedAt });
  return session;
}

/** Logs in again when the connection was lost. What was going on then may have happened, or not: read before acting. */
export async function ensureSession(context: RunContext, host: HostRun): Promise<void> {
  if (host.session.isOpen()) return;
  context.emit({ type: 'finding', host: host.host.name, text: 'the connection was lost; logging in again' });
  host.session = await connectOne(context, host.host);
}

/** Ends all sessions; an error while closing changes nothing any more. */
export const disconnectAll = async (sessions: Iterable<Session>): Promise<void> => {
  await Promise.allSettled([...sessions].map((session) => session[Symbol.asyncDispose]()));
};
