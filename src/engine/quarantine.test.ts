import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CorruptRecordError, type Key, type Store } from '../storage/store.ts';
import { createEngineFixture } from '../testing/engine-fixture.ts';
import type { Loop } from './loop.ts';

/** A store in which the bytes of some keys are damaged. */
function createWorld() {
  const { clock, store, restart, settle } = createEngineFixture();
  const damaged = new Set<Key>();
  const get = store.get.bind(store);
  let report: (key: Key) => void = () => undefined;
  const members: Partial<Store> = {
    onCorrupt: (subscriber) => {
      report = subscriber;
    },
    get: (key) => {
      if (!damaged.has(key)) return get(key);
      report(key);
      throw new CorruptRecordError(key);
    },
  };
  Object.assign(store, members);
  const open = (): Loop => {
    const loop = restart();
    loop.quarantine.start();
    return loop;
  };
  const read = (key: Key): void => {
    assert.throws(() => store.get(key), CorruptRecordError);
  };
  return { clock, store, damaged, open, read, settle };
}

const subjects = ({ quarantine }: Loop): string[] => quarantine.list().map(({ subject }) => subject);

suite('the quarantine', () => {
  test('lists a damaged record once, from whichever turn it is read, and knows it after a restart', async () => {
    const { damaged, open, read, settle, clock } = createWorld();
    const loop = open();
    damaged.add('a').add('b');
    loop.turn(() => read('a'));
    read('a');
    read('b');
    await settle();
    assert.deepEqual(subjects(loop), ['a', 'b']);
    assert.equal(loop.quarantine.list()[0]?.sinceMs, clock.now());
    loop.close();
    const again = open();
    await settle();
    assert.deepEqual(subjects(again), ['a', 'b']);
  });

  test('forgets a record that has been written anew by the next start', async () => {
    const { damaged, open, read, settle } = createWorld();
    const loop = open();
    damaged.add('a');
    read('a');
    await settle();
    loop.close();
    damaged.clear();
    const mended = open();
    await settle();
    assert.deepEqual(subjects(mended), []);
    mended.close();
    const again = open();
    assert.deepEqual(subjects(again), [], 'on disk, too');
  });

  test('sets aside the one thing that throws, and forgets it when it works again', () => {
    const { open, store } = createWorld();
    const { quarantine } = open();
    const done: string[] = [];
    for (const id of ['one', 'two', 'three']) {
      quarantine.guard('delivery', id, () => {
        if (id === 'two') throw new TypeError('a bug of ours');
        done.push(id);
      });
    }
    assert.deepEqual(done, ['one', 'three']);
    const [found, ...rest] = quarantine.list();
    assert.deepEqual([found?.kind, found?.subject, found?.reason], ['delivery', 'two', 'a bug of ours']);
    assert.deepEqual(rest, []);
    quarantine.release('delivery', 'two');
    assert.equal(quarantine.count, 0);
    assert.equal(store.lastPosition, 0, 'the next start would find it by itself: nothing is written');
  });

  test('counts what it has no room to list', () => {
    const { open } = createWorld();
    const { quarantine } = open();
    for (let index = 0; index < 1500; index += 1) quarantine.add('message', `message ${index}`, 'damaged');
    assert.equal(quarantine.list().length, 1000);
    assert.equal(quarantine.count, 1500);
  });
});
