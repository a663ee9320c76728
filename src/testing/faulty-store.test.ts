import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { createMemoryDisk, createMemoryStore } from '../storage/memory/store.ts';
import { StoreFailedError } from '../storage/store.ts';
import type { Position, Store } from '../storage/store.ts';
import { createFaultyStore } from './faulty-store.ts';

const put = (store: Store, key: string): Position =>
  store.commit({ puts: [{ key, value: Buffer.from(key) }], deletes: [] });

/** Commits until a commit fails; answers how many were durable before. */
async function commitsBeforeFailure(store: Store): Promise<number> {
  for (let count = 0; ; count += 1) {
    assert.ok(count < 1000, 'nothing ever failed');
    try {
      await store.whenDurable(put(store, `k${count}`));
    } catch (error) {
      assert.ok(error instanceof StoreFailedError);
      return count;
    }
  }
}

test('a lost commit is answered with an error and is not on the disk', async () => {
  const disk = createMemoryDisk();
  const store = createFaultyStore(createMemoryStore({ disk }), seededRandom(3), { lost: 0.1 });
  const failures: Error[] = [];
  store.onFailure((error) => failures.push(error));
  const count = await commitsBeforeFailure(store);
  assert.equal(failures.length, 1);
  assert.throws(() => put(store, 'later'), StoreFailedError);
  const reopened = createMemoryStore({ disk });
  assert.equal(reopened.range('', 'z').length, count);
});

test('a commit that was done and answered with an error is on the disk', async () => {
  const disk = createMemoryDisk();
  const store = createFaultyStore(createMemoryStore({ disk }), seededRandom(3), { doneButFailed: 0.1 });
  const count = await commitsBeforeFailure(store);
  const reopened = createMemoryStore({ disk });
  assert.equal(reopened.range('', 'z').length, count + 1);
});

test('a slow commit delays what callers hear, in order', async () => {
  const store = createFaultyStore(createMemoryStore(), seededRandom(1), { slow: 0.5, slowTurns: 3 });
  const heard: Position[] = [];
  store.onCommit((position) => heard.push(position));
  const positions: Position[] = [];
  for (let count = 0; count < 20; count += 1) {
    positions.push(put(store, `k${count}`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await store.close();
  assert.deepEqual(heard, positions);
});

test('the same seed does the same', async () => {
  const run = (): Promise<number> =>
    commitsBeforeFailure(createFaultyStore(createMemoryStore(), seededRandom(11), { lost: 0.02 }));
  assert.equal(await run(), await run());
});
