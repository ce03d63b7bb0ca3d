/** A limit in time that can be moved on, joined with an outer signal. Dispose it when the work is done. */
export interface Deadline extends Disposable {
  /** Aborts when the time is up or the outer signal aborts. Its reason is an Error that says which. */
  readonly signal: AbortSignal;
  /** Starts the time anew: there was progress. */
  extend(): void;
}

/** The reason of an abort that came from the person, not from the clock. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** @param ms from now on, and from each {@link Deadline.extend} on */
export function deadline(ms: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const expire = (): void => controller.abort(new Error(`no end within ${seconds(ms)}`));
  const interrupt = (): void => controller.abort(new Interrupted('interrupted'));
  const timer = setTimeout(expire, ms);
  if (outer?.aborted === true) interrupt();
  else outer?.addEventListener('abort', interrupt, { once: true });
  return {
    signal: controller.signal,
    extend: () => void timer.refresh(),
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', interrupt);
    },
  };
}

/** Work that came to its end in time, or that nobody waits for any longer. */
export type Waited<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'aborted'; readonly because: Error };

/** Waits for work until a signal aborts. The work itself goes on; what it comes to then is nobody's business. */
export function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<Waited<T>> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => resolve({ is: 'aborted', because: signal.reason as Error });
    const settle = (): void => signal.removeEventListener('abort', giveUp);
    work.finally(settle).then((value) => resolve({ is: 'done', value }), reject);
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

/** A time in words: `10 s`, `0.5 s`. */
export const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`;
