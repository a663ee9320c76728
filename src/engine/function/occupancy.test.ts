import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SimClock } from '../../testing/sim-clock.ts';
import { Occupancy } from './occupancy.ts';

suite('the occupancy of processes', () => {
  async function after(ms: number, { handlersMs = [], inHandMs }: Look): Promise<number> {
    const clock = new SimClock();
    const occupancy = new Occupancy(clock);
    for (const handlerMs of handlersMs) occupancy.add(handlerMs);
    await clock.advance(ms);
    return occupancy.look(inHandMs);
  }
  interface Look {
    readonly handlersMs?: readonly number[];
    readonly inHandMs: readonly number[];
  }

  test('is the time in handlers by the time of all processes', async () => {
    assert.equal(await after(100, { handlersMs: [10, 40], inHandMs: [0, 0] }), 0.25);
  });

  test('counts an invocation in hand once it is older than the last look', async () => {
    assert.equal(await after(100, { inHandMs: [99, 0] }), 0);
    assert.equal(await after(100, { inHandMs: [100, 0] }), 0.5);
  });

  test('is whole where there is no process, and never more than that', async () => {
    assert.equal(await after(100, { inHandMs: [] }), 1);
    assert.equal(await after(100, { handlersMs: [500], inHandMs: [0] }), 1);
  });

  test('begins anew with each look', async () => {
    const clock = new SimClock();
    const occupancy = new Occupancy(clock);
    occupancy.add(50);
    await clock.advance(100);
    assert.equal(occupancy.look([0]), 0.5);
    await clock.advance(100);
    assert.equal(occupancy.look([0]), 0);
  });
});
