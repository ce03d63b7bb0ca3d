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

/** A time in words: `10 s`, `0.5 s`. */
export const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`;
