/**
 * A thing that a suite starts once, before its first test, and stops after its last. Call it inside `describe`; the
 * result gives the thing to the tests.
 */
export function shared<T extends AsyncDisposable>(start: (suite: Mocha.Context) => Promise<T>): () => T {
  let thing: T | undefined;
  before(async function () {
    this.timeout(20_000);
    thing = await start(this);
  });
  after(async () => {
    await thing?.[Symbol.asyncDispose]();
  });
  return () => {
    if (thing === undefined) throw new Error('it has not been started');
    return thing;
  };
}
