import process from 'node:process';

/** Ends a run early. The signal stops new work; what was begun is finished or put back. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** Listens to Ctrl-C, `kill` and the end of the terminal; a second one ends the process at once. */
export function interruption(timeoutMs?: number): Interruption {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) {
      process.stderr.write('stopped at once; `orchestrate rollback` puts back what was begun\n');
      process.exit(130);
    }
    process.stderr.write('stopping: what was begun is finished or put back; once more to stop at once\n');
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, stop);
  const timer = timeoutMs === undefined ? null : setTimeout(() => controller.abort(), timeoutMs);
  timer?.unref();
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, stop);
      if (timer !== null) clearTimeout(timer);
    },
  };
}
