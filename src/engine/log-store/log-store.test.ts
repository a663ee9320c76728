/** What retention leaves of the streams of a group. The rest is tested through the API. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { KEYSPACE } from '../keyspace.ts';
import { LogStore } from './log-store.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const GROUP_NAME = '/aws/lambda/subject';
const HOUR_MS = 3_600_000;

/** A group that keeps events for a day, with a stream that a function writes and one that a caller has made. */
async function createLogs() {
  const fixture = createEngineFixture();
  const { loop, clock } = fixture;
  const logs = new LogStore(loop);
  logs.start();
  const group = loop.turn((turn) => {
    const created = logs.putGroup(turn, {
      ...SCOPE,
      name: GROUP_NAME,
      createdAtMs: turn.now,
      retentionDays: 1,
      tags: {},
    });
    logs.createStream(turn, created, 'made');
    return created;
  });
  const append = (text: string): void =>
    logs.append({ ...SCOPE, groupName: GROUP_NAME, streamName: 'written' }, [{ atMs: clock.now(), text }]);
  const put = (message: string): void =>
    loop.turn((turn) => logs.put(turn, group, 'made', [{ atMs: turn.now, message }]));
  append('a');
  put('a');
  await clock.advance(HOUR_MS);
  return { ...fixture, logs, group, append, put };
}

suite('the lines of functions while the disk is behind', () => {
  test('wait where their number is bounded, and are written once it has caught up', async () => {
    const { clock, loop, store, stall, append } = await createLogs();
    const events = (): number => store.range(...prefixRange(key(KEYSPACE.logEvents))).length;
    const before = events();
    const resume = stall();
    loop.turn((turn) => turn.put('much', Buffer.alloc(65 * 2 ** 20)));
    const line = 'x'.repeat(200_000);
    for (let count = 0; count < 200; count += 1) append(line);
    await clock.advance(60_000);
    assert.equal(events(), before);
    resume();
    await clock.advance(1000);
    const written = store.range(...prefixRange(key(KEYSPACE.logEvents))).slice(before);
    const sizeBytes = written.reduce((sum, { value }) => sum + value.length, 0);
    assert.ok(sizeBytes > 10 * 2 ** 20 && sizeBytes <= 16 * 2 ** 20, `${sizeBytes} bytes of 40 MB`);
  });
});

suite('the streams of a group whose events are past its retention', () => {
  test('are gone where functions wrote them, in memory and on disk, and stay where callers made them', async () => {
    const { clock, group, restart } = await createLogs();
    await clock.advance(25 * HOUR_MS);
    assert.deepEqual([...group.streams.keys()], ['made']);
    assert.equal(group.streams.get('made')?.firstEventAtMs, undefined);
    const again = new LogStore(restart());
    again.start();
    assert.deepEqual([...(again.get(SCOPE, GROUP_NAME)?.streams.keys() ?? [])], ['made']);
  });

  test('are written once, not every hour', async () => {
    const { clock, store } = await createLogs();
    await clock.advance(25 * HOUR_MS);
    const before = store.lastPosition;
    await clock.advance(24 * HOUR_MS);
    assert.equal(store.lastPosition, before);
  });

  test('begin with the first event that is left', async () => {
    const { clock, group, append, put } = await createLogs();
    await clock.advance(10 * HOUR_MS);
    const atMs = clock.now();
    append('b');
    put('b');
    await clock.advance(15 * HOUR_MS);
    assert.deepEqual(
      [...group.streams.values()].map(({ firstEventAtMs }) => firstEventAtMs),
      [atMs, atMs],
    );
  });

  test('come back when the function writes again', async () => {
    const { clock, group, append } = await createLogs();
    await clock.advance(25 * HOUR_MS);
    append('late');
    await clock.advance(HOUR_MS);
    assert.equal(group.streams.has('written'), true);
  });

  test('go a few at a time, so that nobody waits for all of them', async () => {
    const { clock, group, logs, loop, store } = await createLogs();
    loop.turn((turn) => {
      for (let index = 0; index < 100; index += 1) {
        const name = `stream-${index}`;
        logs.createStream(turn, group, name);
        logs.put(turn, group, name, [{ atMs: turn.now, message: 'a' }]);
      }
    });
    const rangeCounts: number[] = [];
    const commit = store.commit.bind(store);
    store.commit = (batch) => {
      rangeCounts.push(batch.deleteRanges?.length ?? 0);
      return commit(batch);
    };
    await clock.advance(26 * HOUR_MS);
    assert.ok(Math.max(...rangeCounts) <= 20, rangeCounts.join(' '));
    assert.ok([...group.streams.values()].every(({ firstEventAtMs }) => firstEventAtMs === undefined));
  });

  test('do not come back when their group is deleted while they go', async () => {
    const { clock, group, logs, loop, store } = await createLogs();
    loop.turn((turn) => {
      for (let index = 0; index < 100; index += 1) {
        const name = `stream-${index}`;
        logs.createStream(turn, group, name);
        logs.put(turn, group, name, [{ atMs: turn.now, message: 'a' }]);
      }
    });
    const commit = store.commit.bind(store);
    store.commit = (batch) => {
      const isSlice = (batch.deleteRanges?.length ?? 0) > 10;
      if (isSlice) {
        store.commit = commit;
        setImmediate(() => loop.turn((turn) => logs.deleteGroup(turn, group)));
      }
      return commit(batch);
    };
    await clock.advance(26 * HOUR_MS);
    assert.deepEqual(store.range('log.', 'log.\u00ff'), []);
  });
});
