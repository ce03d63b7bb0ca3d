import pRetry from 'p-retry';
import { Failed } from '../model/failure.js';

/** How long and how often to try. Waits grow from `firstWaitMs` to `longestWaitMs`, with jitter. */
export interface Patience {
  readonly budgetMs: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  readonly attempts: number;
  readonly signal?: AbortSignal;
  /** Told about each attempt that did not succeed and will be followed by another. */
  readonly onAttempt?: (attempt: number, because: string) => void;
}

/** Tries again only what is marked transient; anything else, a bug above all, is thrown at once. */
export function retrying<T>(action: () => Promise<T>, patience: Patience): Promise<T> {
  return pRetry(action, {
    retries: patience.attempts - 1,
    factor: 1.5,
    minTimeout: patience.firstWaitMs,
    maxTimeout: patience.longestWaitMs,
    maxRetryTime: patience.budgetMs,
    randomize: true,
    ...(patience.signal === undefined ? {} : { signal: patience.signal }),
    shouldRetry: ({ error }) => error instanceof Failed && error.failure.transient,
    onFailedAttempt: ({ error, attemptNumber, retriesLeft }) => {
      const again = retriesLeft > 0 && error instanceof Failed && error.failure.transient;
      if (again) patience.onAttempt?.(attemptNumber, error.message);
    },
  });
}
