import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { inTurn } from '../../src/proof/turns.js';

describe('taking turns', () => {
  it('lets one begin when the one before is over, well or badly, and others go their way', async () => {
    const said: string[] = [];
    const gates: (() => void)[] = [];
    const wait = (name: string, of: string) =>
      inTurn(of, async () => {
        said.push(`${name} begins`);
        await new Promise<void>((resolve) => gates.push(resolve));
        said.push(`${name} ends`);
        if (name === 'first') throw new Error('bad');
      });
    const first = wait('first', 'a');
    const second = wait('second', 'a');
    const other = wait('other', 'b');
    await new Promise(setImmediate);
    assert.deepEqual(said, ['first begins', 'other begins']);
    for (const open of gates.splice(0)) open();
    await assert.rejects(first, /bad/);
    await other;
    await new Promise(setImmediate);
    for (const open of gates.splice(0)) open();
    await second;
    assert.deepEqual(said.slice(2), ['first ends', 'other ends', 'second begins', 'second ends']);
  });
});
