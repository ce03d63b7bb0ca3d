import type { Remote } from '../model/kind.js';

/** A question that is asked again until its answer is the one that is waited for. */
export interface Waiting<T> {
  readonly ask: () => Promise<T>;
  readonly isEnough: (answer: T) => boolean;
  readonly withinMs: number;
  /** Tells the person what is waited for. */
  readonly telling: string;
}

const pauseMs = 1000;

/** Asks at least once. Gives the last answer, whether it is enough, the time is up or the person wants to stop. */
export async function patiently<T>(
  { ask, isEnough, withinMs, telling }: Waiting<T>,
  remote: Remote,
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isEnough(answer) || performance.now() >= until || remote.signal.aborted) return answer;
    remote.progress(telling);
    await pause(pauseMs, remote.signal);
  }
}

/** Ends early when the person wants to stop. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
