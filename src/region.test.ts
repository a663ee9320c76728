import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock, Timer } from './base/clock.ts';
import { silentLogger } from './base/log.ts';
import { seededRandom } from './base/random.ts';
import { KEYSPACE } from './engine/keyspace.ts';
import { openRegion } from './region.ts';
import { key } from './storage/keys.ts';
import { createMemoryStore } from './storage/memory/store.ts';
import { SimClock } from './testing/sim-clock.ts';

const SCOPE = ['000000000000', 'us-east-1'] as const;

/** Records that are whole, and that this version cannot make anything of. */
const UNREADABLE = [
  key(KEYSPACE.queue, ...SCOPE, 'name'),
  key(KEYSPACE.bus, ...SCOPE, 'name'),
  key(KEYSPACE.rule, ...SCOPE, 'bus', 'name'),
  key(KEYSPACE.delivery, ...SCOPE, 'id'),
  key(KEYSPACE.pipe, ...SCOPE, 'name'),
  key(KEYSPACE.function, ...SCOPE, 'name', '$LATEST'),
  key(KEYSPACE.invocation, 7),
  key(KEYSPACE.logGroup, ...SCOPE, 'name'),
  key(KEYSPACE.logStream, ...SCOPE, 'name', 'stream'),
  key(KEYSPACE.stateMachine, ...SCOPE, 'name'),
  key(KEYSPACE.execution, ...SCOPE, 'machine', 'name'),
  key(KEYSPACE.table, ...SCOPE, 'name'),
  key(KEYSPACE.identity, '000000000000', 'aws', 'role', 'name'),
];

test('a region starts whatever its records say, and lists those that it cannot read', async () => {
  const store = createMemoryStore();
  const value = Buffer.from([255, 255, 255, 255, 1, 2, 3]);
  store.commit({ puts: UNREADABLE.map((recordKey) => ({ key: recordKey, value })), deletes: [] });
  const region = openRegion({
    store,
    clock: new SimClock(),
    random: seededRandom(1),
    log: silentLogger,
    onFatal: (error) => assert.fail(error),
    endpoint: 'http://127.0.0.1:4566',
    dataDir: undefined,
    region: 'us-east-1',
    auth: 'open',
  });
  const listed = region.loop.quarantine.list().map(({ subject }) => subject);
  assert.deepEqual(listed.toSorted(), UNREADABLE.toSorted());
  const [summary, ...rest] = (await region.findings()).filter(({ name }) => name === 'quarantine');
  assert.equal(summary?.text, `${UNREADABLE.length} set aside; all else goes on`);
  assert.equal(rest.length, UNREADABLE.length);
  await region.probe();
  await region.close();
});

/** A clock that knows which of its timers are armed. */
function createWatchedClock() {
  const clock = new SimClock();
  const armed = new Set<Timer>();
  const watched: Clock = {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    callAt: (atMs, callback) => {
      const inner = clock.callAt(atMs, () => {
        armed.delete(timer);
        callback();
      });
      const timer: Timer = {
        cancel: () => {
          armed.delete(timer);
          inner.cancel();
        },
      };
      armed.add(timer);
      return timer;
    },
  };
  return { clock: watched, armed };
}

test('a region that cannot be opened leaves nothing behind: no timer, no subscription', async () => {
  const store = createMemoryStore();
  const range = store.range.bind(store);
  const tables = key(KEYSPACE.table);
  let subscriptions = 0;
  const onCommit = store.onCommit.bind(store);
  store.onCommit = (subscriber) => {
    subscriptions += 1;
    const unsubscribe = onCommit(subscriber);
    return () => {
      subscriptions -= 1;
      unsubscribe();
    };
  };
  // The tables come last of all engines.
  store.range = (from, ...rest) => {
    if (from.startsWith(tables)) throw new Error('this disk cannot be read');
    return range(from, ...rest);
  };
  const { clock, armed } = createWatchedClock();
  const options = {
    store,
    clock,
    random: seededRandom(1),
    log: silentLogger,
    onFatal: (error: Error) => assert.fail(error),
    endpoint: 'http://127.0.0.1:4566',
    dataDir: undefined,
    region: 'us-east-1',
    auth: 'open',
  } as const;
  assert.throws(() => openRegion(options), /cannot be read/);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(armed.size, 0);
  assert.equal(subscriptions, 0);
  // The control: with a disk that can be read there is something to leave behind, and closing takes it away.
  store.range = range;
  const region = openRegion(options);
  assert.ok(armed.size > 0 && subscriptions > 0);
  await region.close();
  assert.deepEqual([armed.size, subscriptions], [0, 0]);
});
