import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimClock } from './testing/sim-clock.ts';
import { collectAll, type CollectedProcess, collectWhenIdle } from './idle-collection.ts';

const MEBIBYTE = 2 ** 20;

/** A process of 100 MB whose collections leave 80. */
function createSubject() {
  const state = { memoryBytes: 100 * MEBIBYTE, utilization: 0, collections: 0 };
  const subject: CollectedProcess = {
    memoryBytes: () => state.memoryBytes,
    utilization: () => state.utilization,
    collect: () => {
      state.collections += 1;
      state.memoryBytes = 80 * MEBIBYTE;
    },
  };
  const clock = new SimClock();
  return { state, clock, timer: collectWhenIdle(clock, subject) };
}

test('an idle process gives back what its start has left, once', async () => {
  const { state, clock } = createSubject();
  await clock.advance(60_000);
  assert.deepEqual([state.collections, state.memoryBytes], [1, 80 * MEBIBYTE]);
});

test('a busy process is left alone until it is idle', async () => {
  const { state, clock } = createSubject();
  state.utilization = 0.5;
  await clock.advance(60_000);
  assert.equal(state.collections, 0);
  state.utilization = 0;
  await clock.advance(5000);
  assert.equal(state.collections, 1);
});

test('what a burst has left is given back, and a little more of memory is left alone', async () => {
  const { state, clock } = createSubject();
  await clock.advance(5000);
  state.memoryBytes = 90 * MEBIBYTE;
  await clock.advance(60_000);
  assert.equal(state.collections, 1);
  state.memoryBytes = 600 * MEBIBYTE;
  await clock.advance(5000);
  assert.equal(state.collections, 2);
});

test('nothing is looked at any more once it is cancelled', async () => {
  const { state, clock, timer } = createSubject();
  timer.cancel();
  await clock.advance(60_000);
  assert.equal(state.collections, 0);
});

test('a collection by V8 itself lets go of what nobody holds', async () => {
  const lost = new WeakRef({ text: 'nobody holds it' });
  // A weak reference is kept until the turn that made it is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectAll();
  assert.equal(lost.deref(), undefined);
  assert.equal('gc' in globalThis, false, 'programs of users see nothing of it');
});
