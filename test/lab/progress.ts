/** Where the lab's progress lines go: one line a call, without a line end. */
export type Say = (line: string) => void;

/** Says every line on standard error, so that standard output stays free for results. */
export const sayOnStderr: Say = (line) => {
  process.stderr.write(`${line}\n`);
};

const reminderMs = 10_000;

/** Does a long piece of work, saying when it begins, every ten seconds that it goes on, and how long it took. */
export async function announced<T>(say: Say, what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const elapsed = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  say(`${what}…`);
  const reminder = setInterval(() => say(`${what}… ${elapsed()}`), reminderMs);
  try {
    const result = await work();
    say(`${what}: done in ${elapsed()}`);
    return result;
  } finally {
    clearInterval(reminder);
  }
}
