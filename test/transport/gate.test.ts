import assert from 'node:assert/strict';
import { openGate } from '../../src/transport/gate.js';

describe('a gate', () => {
  it('lets so many in at once, in the order of their coming', async () => {
    const gate = openGate(2);
    const leaves = [await gate.enter(), await gate.enter()];
    const order: number[] = [];
    const third = gate.enter().then((leave) => (order.push(3), leave));
    const fourth = gate.enter().then((leave) => (order.push(4), leave));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([gate.inside(), order], [2, []]);
    leaves[0]?.();
    leaves[0]?.();
    const leave = await third;
    assert.deepEqual([gate.inside(), order], [2, [3]]);
    leave();
    await fourth;
    assert.deepEqual([gate.inside(), order], [2, [3, 4]]);
  });

  it('lets those go who do not want to wait any longer, and nobody else', async () => {
    const gate = openGate(1);
    const leave = await gate.enter();
    const abort = new AbortController();
    const impatient = gate.enter(abort.signal);
    const patient = gate.enter();
    abort.abort(new Error('enough'));
    await assert.rejects(impatient, /^Error: enough$/);
    leave();
    (await patient)();
    assert.equal(gate.inside(), 0);
    await assert.rejects(async () => gate.enter(abort.signal), /^Error: enough$/);
  });

  it('tells when somebody leaves', async () => {
    const gate = openGate(1);
    const leave = await gate.enter();
    const told = gate.nextLeave();
    leave();
    await told;
  });
});
