/** Lets a bounded number of holders in at once; the rest wait in line. */
export interface Gate {
  /**
   * Resolves, when it is one's turn, to the way out. Leaving twice counts once.
   *
   * @throws the signal's reason when it aborts in the line
   */
  enter(signal?: AbortSignal): Promise<() => void>;
  /** How many are in. */
  inside(): number;
  /** Resolves when the next one leaves. */
  nextLeave(): Promise<void>;
}

/** Opens a gate for `width` holders. */
export function openGate(width: number): Gate {
  let inside = 0;
  const line: (() => void)[] = [];
  const watchers: (() => void)[] = [];

  const leave = (): void => {
    inside -= 1;
    for (const watcher of watchers.splice(0)) watcher();
    line.shift()?.();
  };
  const take = (): (() => void) => {
    let left = false;
    inside += 1;
    return () => {
      if (left) return;
      left = true;
      leave();
    };
  };

  return {
    enter(signal) {
      signal?.throwIfAborted();
      if (inside < width && line.length === 0) return Promise.resolve(take());
      return new Promise((resolve, reject) => {
        const turn = (): void => {
          signal?.removeEventListener('abort', giveUp);
          resolve(take());
        };
        const giveUp = (): void => {
          line.splice(line.indexOf(turn), 1);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        line.push(turn);
      });
    },
    inside: () => inside,
    nextLeave: () => new Promise((resolve) => watchers.push(resolve)),
  };
}
