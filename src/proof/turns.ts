const last = new Map<string, Promise<unknown>>();

/** Does something when all that was begun before under the same name is over. */
export async function inTurn<T>(name: string, act: () => Promise<T>): Promise<T> {
  const before = last.get(name);
  const mine = (async () => {
    await before?.catch(() => undefined);
    return await act();
  })();
  last.set(name, mine);
  try {
    return await mine;
  } finally {
    if (last.get(name) === mine) last.delete(name);
  }
}
