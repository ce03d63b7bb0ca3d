import { setTimeout as sleep } from 'node:timers/promises';
import { Failed } from '../model/failure.js';
import { inTime, Interrupted } from './deadline.js';
import { openGate } from './gate.js';
import { type Channel, channelRefusal, discard, type Link } from './link.js';

/** OpenSSH allows ten sessions a connection (`MaxSessions`); two are left to others. */
const sessionsAtOnce = 8;

/** After a refusal: soon, because a session is often just being freed, then at a calm pace. */
const pausesMs = [20, 50, 100, 250];

/** How long a host may refuse while none of our own commands runs, before that is its last word. */
const stubbornMs = 3_000;

/** A channel that was opened, or the knowledge that the command may have been started. */
export type Opened =
  | { readonly is: 'open'; readonly channel: Channel }
  | { readonly is: 'unknown'; readonly because: string };

/** Opens channels for commands, never more than the host allows. */
export interface Channels {
  /**
   * Waits for a free session. The session counts as taken until the channel has closed. `onAttempt` is called before
   * the host is asked for it, each time.
   *
   * @throws Failed when the command certainly did not start
   */
  exec(commandLine: string, signal: AbortSignal, onAttempt?: () => void): Promise<Opened>;
}

/** @param label the host, for messages */
export function openChannels(link: Link, label: string): Channels {
  const gate = openGate(sessionsAtOnce);

  return {
    async exec(commandLine, signal, onAttempt = () => undefined) {
      const leave = await enter(signal);
      try {
        const opened = await openPatiently(commandLine, signal, onAttempt);
        if (opened.is === 'open') opened.channel.once('close', leave);
        else leave();
        return opened;
      } catch (error) {
        leave();
        throw error;
      }
    },
  };

  async function enter(signal: AbortSignal): Promise<() => void> {
    try {
      return await gate.enter(signal);
    } catch (error) {
      const because = (error as Error).message;
      throw notStarted(
        label,
        signal.reason instanceof Interrupted ? because : `all sessions are taken, ${because}`,
      );
    }
  }

  async function openPatiently(
    commandLine: string,
    signal: AbortSignal,
    onAttempt: () => void,
  ): Promise<Opened> {
    const since = performance.now();
    for (let attempt = 0; ; attempt++) {
      const lost = link.lost();
      if (lost !== null) throw notStarted(label, lost);
      if (signal.aborted) throw notStarted(label, (signal.reason as Error).message);
      onAttempt();
      const opened = await openOnce(commandLine, signal);
      if (opened.is !== 'refused') return opened;
      const alone = gate.inside() === 1 && performance.now() - since > stubbornMs;
      if (opened.code !== 2 || alone) throw noSession(label, opened.said);
      const pause = pausesMs[attempt] ?? pausesMs.at(-1) ?? 0;
      await Promise.race([gate.nextLeave(), sleep(pause, undefined, { signal }).catch(() => undefined)]);
    }
  }

  async function openOnce(
    commandLine: string,
    signal: AbortSignal,
  ): Promise<Opened | { readonly is: 'refused'; readonly code: number; readonly said: string }> {
    const opening = link.exec(commandLine);
    try {
      const waited = await inTime(opening, signal);
      if (waited.is === 'done') return { is: 'open', channel: waited.value };
      opening.then(discard, () => undefined);
      return { is: 'unknown', because: waited.because.message };
    } catch (error) {
      const refusal = channelRefusal(error);
      if (refusal !== null) return { is: 'refused', ...refusal };
      if ((error as Error).message === 'Unable to exec') throw noCommands(label);
      return { is: 'unknown', because: link.lost() ?? (error as Error).message };
    }
  }
}

const notStarted = (label: string, because: string): Failed =>
  new Failed({
    reason: because === 'interrupted' ? 'interrupted' : 'unreachable',
    what: `no command could be started on ${label}: ${because}`,
    next: 'nothing was done by it; run the same command again',
    transient: because !== 'interrupted',
  });

const noSession = (label: string, said: string): Failed =>
  new Failed({
    reason: 'unreachable',
    what: `the SSH server of ${label} opens no session`,
    evidence: [said],
    next: 'raise MaxSessions in its sshd_config (it may be 0, or taken up by commands that hang)',
  });

const noCommands = (label: string): Failed =>
  new Failed({
    reason: 'unreachable',
    what: `the SSH server of ${label} refuses to run commands for this login`,
    next: 'log in as a user with a shell: see `restrict`, `command=` in authorized_keys and Match blocks in sshd_config',
  });
