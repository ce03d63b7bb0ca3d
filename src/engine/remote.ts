import { blobFolder } from '../dialects/host-journal.js';
import { Failed } from '../model/failure.js';
import type { Remote, RunOptions } from '../model/kind.js';
import type { Reply } from '../shell/batch.js';
import type { Sh } from '../shell/sh.js';
import type { RunContext } from './context.js';
import { runScripts } from './observe.js';
import type { Ended, Session } from './ports.js';

/** Lines of output that a failed command shows. */
const evidenceLines = 20;

/** What one task acts through, on one host. `run` names the run whose contents {@link Remote.blob} finds. */
export function remoteOver(
  context: RunContext,
  session: Session,
  task: { readonly address: string; readonly host: string; readonly run: string },
): Remote {
  const progress = (line: string): void =>
    context.emit({
      type: 'task-progress',
      host: task.host,
      task: task.address,
      line: context.vault.scrub(line),
    });
  const runAll = (scripts: readonly Sh[], options: RunOptions = {}): Promise<readonly Reply[]> =>
    runScripts(session, context.vault, scripts, {
      timeoutMs: options.timeoutMs ?? 120_000,
      ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    });
  const run = async (script: Sh, options: RunOptions = {}): Promise<Reply> => {
    const [reply] = await runAll([script], options);
    if (reply === undefined) throw new Error('a script without a reply');
    return reply;
  };
  return {
    run,
    runAll,
    must: async (script, options) => {
      const reply = await run(script, options);
      if (reply.code !== 0) throw commandFailed(options.what, reply, options.next);
      return reply;
    },
    stream: async (command, localPath) => {
      const ended = await session.stream(command, localPath, {
        timeoutMs: 1_800_000,
        onBytes: (sent, total) => progress(`${command}: ${megabytes(sent)} of ${megabytes(total)} MB sent`),
      });
      return replyOf(command, ended);
    },
    http: (request) => session.http(request),
    webSocket: (request) => session.webSocket(request),
    blob: (digest) => `${blobFolder(task.run)}/${digest}`,
    progress,
    learnSecret: (value) => context.vault.learn(value),
    signal: context.stop,
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

function replyOf(command: string, ended: Ended): Reply {
  if (ended.is === 'exit') return ended;
  throw new Failed({
    reason: ended.is === 'unknown' ? 'unknown-outcome' : 'command-failed',
    what: `${command} was cut off`,
    evidence: [ended.is === 'unknown' ? ended.because : `signal ${ended.signal}`],
    next: 'run the same command again: it reads first what has happened',
    transient: ended.is === 'unknown',
  });
}

function commandFailed(what: string, reply: Reply, next?: string): Failed {
  const said = [reply.stdout, reply.stderr].map((bytes) => Buffer.from(bytes).toString('utf8')).join('\n');
  return new Failed({
    reason: 'command-failed',
    what: `${what} failed (exit ${reply.code})`,
    evidence: said
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-evidenceLines),
    next: next ?? 'mend what the host says, then run the same command again',
  });
}
