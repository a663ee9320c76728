/** FIFO queues: groups, deduplication and repeated receives, over crashes too. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { receiptHandle } from './message.ts';
import { FIFO_IN_FLIGHT_MAX, requireFifoIds, sequenceNumber } from './fifo.ts';
import type { FifoConfig, QueueConfig } from './queue-record.ts';
import type { Queue } from './queue.ts';
import { Queues } from './queues.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const NAME = 'orders.fifo';

const FIFO: FifoConfig = {
  contentBasedDeduplication: false,
  deduplicationScope: 'queue',
  throughputLimit: 'perQueue',
};

const CONFIG: QueueConfig = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  messageSizeBytesMax: 1_048_576,
  retentionSeconds: 345_600,
  receiveWaitSeconds: 0,
  fifo: FIFO,
  stored: {},
};

/** `a1` is the message 1 of the group a, and its own deduplication id unless one is given. */
function createFifoFixture(config: Partial<QueueConfig> = {}) {
  const fixture = createEngineFixture();
  let queues = new Queues(fixture.loop);
  queues.start();
  const create = (name: string, own: Partial<QueueConfig> = {}): Queue =>
    fixture.loop.turn((turn) =>
      queues.create(turn, { ...SCOPE, name, config: { ...CONFIG, ...own }, tags: {} }),
    );
  create(NAME, config);
  const queue = (): Queue => queues.get(SCOPE, NAME) as Queue;
  const send = (body: string, deduplicationId = body) =>
    queues.loop.turn((turn) =>
      queue().sendOnce(turn, {
        body,
        senderId: 'test',
        bodyMd5: 'md5',
        groupId: body.slice(0, 1),
        deduplicationId,
      }),
    );
  const take = (options: object = {}, from = queue()) =>
    queues.loop.turn((turn) => from.receive(turn, { countMax: 10, ...options }));
  const bodiesOf = (messages: ReturnType<typeof take>, from = queue()) =>
    messages.map((message) => from.content(message).body);
  const receive = (options: object = {}, from = queue()) => bodiesOf(take(options, from), from);
  const remove = (message: ReturnType<typeof take>[number] | undefined) => {
    assert.ok(message);
    queues.loop.turn((turn) => queue().delete(turn, message));
  };
  const crash = async (): Promise<void> => {
    await fixture.settle();
    queues = new Queues(fixture.restart());
    queues.start();
  };
  return { ...fixture, queue, queues: () => queues, create, send, take, bodiesOf, receive, remove, crash };
}

suite('a group', () => {
  test('is handed out in the order of its messages, several at once if asked for', () => {
    const { send, receive } = createFifoFixture();
    for (const body of ['a1', 'a2', 'a3']) send(body);
    assert.deepEqual(receive(), ['a1', 'a2', 'a3']);
  });

  test('is handed out no further while one of its messages is in flight, and does not hold up others', () => {
    const { send, receive, take, remove } = createFifoFixture();
    for (const body of ['a1', 'a2', 'b1']) send(body);
    const [first] = take({ countMax: 1 });
    assert.deepEqual(receive(), ['b1']);
    assert.deepEqual(receive(), []);
    remove(first);
    assert.deepEqual(receive(), ['a2']);
  });

  test('stays blocked until the last message of a batch is deleted', () => {
    const { send, receive, take, remove } = createFifoFixture();
    for (const body of ['a1', 'a2', 'a3']) send(body);
    const [first, second] = take({ countMax: 2 });
    remove(second);
    assert.deepEqual(receive(), []);
    remove(first);
    assert.deepEqual(receive(), ['a3']);
  });

  test('is taken from as far as a receive may before the next one is', () => {
    const { send, receive } = createFifoFixture();
    for (const body of ['a1', 'b1', 'a2', 'b2', 'a3']) send(body);
    assert.deepEqual(receive({ countMax: 4 }), ['a1', 'a2', 'a3', 'b1']);
  });

  test('is alone in a receive that asks for one group', () => {
    const { send, receive } = createFifoFixture();
    for (const body of ['a1', 'b1', 'a2']) send(body);
    assert.deepEqual(receive({ isOneGroup: true }), ['a1', 'a2']);
    assert.deepEqual(receive({ isOneGroup: true }), ['b1']);
  });

  test('puts a message that comes back where it stood', async () => {
    const { send, receive, take, remove, queue, loop, clock } = createFifoFixture();
    for (const body of ['a1', 'a2', 'a3']) send(body);
    const [, second] = take({ countMax: 2 });
    remove(second);
    await clock.advance(30_000);
    assert.deepEqual(receive({ countMax: 1 }), ['a1']);
    await clock.advance(30_000);
    const [first] = take({ countMax: 1 });
    assert.ok(first);
    loop.turn((turn) => queue().changeVisibility(turn, first, 0));
    assert.deepEqual(receive(), ['a1', 'a3']);
  });

  test('waits for its oldest message where a delay was taken off the queue', async () => {
    const { send, receive, queue, queues, loop, clock } = createFifoFixture({ delaySeconds: 10 });
    send('a1');
    loop.turn((turn) => queues().update(turn, queue(), { config: { ...queue().config, delaySeconds: 0 } }));
    send('a2');
    assert.deepEqual(receive(), []);
    await clock.advance(10_000);
    assert.deepEqual(receive(), ['a1', 'a2']);
  });

  test('goes on behind a message that is past its retention', async () => {
    const { send, receive, clock } = createFifoFixture({ retentionSeconds: 60 });
    send('a1');
    receive();
    await clock.advance(20_000);
    send('a2');
    await clock.advance(40_000);
    assert.deepEqual(receive(), ['a2']);
  });

  test('wakes those who wait when its last message in flight is deleted', async () => {
    const { send, take, remove, receive, queue, settle } = createFifoFixture();
    send('a1');
    send('a2');
    const [first] = take({ countMax: 1 });
    const seen: string[][] = [];
    queue().subscribe(() => seen.push(receive()));
    await settle();
    assert.deepEqual(seen, []);
    remove(first);
    await settle();
    assert.deepEqual(seen, [['a2']]);
  });

  test('shows what stood behind a deleted message only with the commit that deleted it', async () => {
    const { send, take, remove, settle, store } = createFifoFixture();
    send('a1');
    send('a2');
    await settle();
    const [first] = take({ countMax: 1 });
    remove(first);
    const removedAt = store.lastPosition;
    const [second] = take();
    assert.equal(second?.position, removedAt);
  });

  test('keeps its order over a crash, whatever was in flight', async () => {
    const { send, receive, take, remove, crash, clock } = createFifoFixture();
    for (const body of ['a1', 'a2', 'a3', 'b1']) send(body);
    const [first] = take({ countMax: 2 });
    remove(first);
    await crash();
    assert.deepEqual(receive(), ['b1'], 'a2 is still hidden, and with it its group');
    await clock.advance(30_000);
    assert.deepEqual(receive(), ['a2', 'a3', 'b1']);
  });

  test('comes back at once with its order where a pipe held it', async () => {
    const { send, receive, crash } = createFifoFixture();
    for (const body of ['a1', 'a2', 'a3']) send(body);
    receive({ countMax: 2, isHeld: true });
    await crash();
    assert.deepEqual(receive(), ['a1', 'a2', 'a3']);
  });

  test('keeps its order on the way to a dead-letter queue', async () => {
    const { create, send, receive, queue, queues, loop, clock } = createFifoFixture();
    const dead = create('dead.fifo');
    const redrivePolicy = { deadLetterTargetArn: dead.arn, maxReceiveCount: 1 };
    loop.turn((turn) => queues().update(turn, queue(), { config: { ...queue().config, redrivePolicy } }));
    for (const body of ['a1', 'a2', 'a3']) send(body);
    receive({ countMax: 2 });
    await clock.advance(30_000);
    assert.deepEqual(receive(), ['a3'], 'what stands behind dead letters goes on in the same receive');
    assert.deepEqual(receive({}, dead), ['a1', 'a2']);
  });

  test('leaves nothing behind when it is empty, and little of what is gone behind its oldest', async () => {
    const { send, take, remove, queue, clock } = createFifoFixture();
    send('a0');
    for (let number = 1; number < 2000; number += 1) {
      send(`a${number}`);
      const [oldest, ...others] = take();
      assert.equal(oldest && queue().content(oldest).body, 'a0');
      others.forEach(remove);
      await clock.advance(30_000);
    }
    assert.ok(queue().entryCount < 500, String(queue().entryCount));
    remove(take()[0]);
    assert.ok(queue().entryCount < 500, String(queue().entryCount));
    send('a-again');
    assert.equal(take().length, 1);
  });

  test('is gone with a purge, and another of its name starts anew', () => {
    const { send, receive, loop, queue } = createFifoFixture();
    for (const body of ['a1', 'a2', 'b1']) send(body);
    receive({ countMax: 1 });
    loop.turn((turn) => queue().purge(turn));
    assert.equal(queue().hasReady(), false);
    send('a3');
    assert.deepEqual(receive(), ['a3']);
  });
});

suite('a message that is sent again', () => {
  test('is not taken again for five minutes, and answered as the first one, even if that one is gone', async () => {
    const { send, take, remove, receive, clock } = createFifoFixture();
    const first = send('a1', 'same');
    assert.match(first.sequenceNumber ?? '', /^\d{20}$/);
    remove(take()[0]);
    await clock.advance(299_999);
    assert.deepEqual(send('a2', 'same'), first);
    assert.deepEqual(receive(), []);
    await clock.advance(1);
    assert.notEqual(send('a3', 'same').id, first.id);
    assert.deepEqual(receive(), ['a3']);
  });

  test('is known after a crash', async () => {
    const { send, crash, receive } = createFifoFixture();
    const first = send('a1', 'same');
    await crash();
    assert.deepEqual(send('a1', 'same'), first);
    assert.deepEqual(receive(), ['a1']);
  });

  test('is another one in another group where groups are told apart', () => {
    const within = createFifoFixture({ fifo: { ...FIFO, deduplicationScope: 'messageGroup' } });
    within.send('a1', 'same');
    within.send('b1', 'same');
    within.send('b2', 'same');
    assert.deepEqual(within.receive(), ['a1', 'b1']);
    const across = createFifoFixture();
    across.send('a1', 'same');
    across.send('b1', 'same');
    assert.deepEqual(across.receive(), ['a1']);
  });

  test('stays known when the queue is purged, and is forgotten with the queue', async () => {
    const { send, loop, queue, queues, create, store, settle } = createFifoFixture();
    const first = send('a1', 'same');
    loop.turn((turn) => queue().purge(turn));
    assert.equal(send('a1', 'same').id, first.id);
    loop.turn((turn) => queues().delete(turn, queue()));
    await settle();
    assert.equal(store.range('queue', 'queue\u00ff').length, 0);
    create(NAME);
    assert.notEqual(send('a1', 'same').id, first.id);
  });

  test('costs no record once its time is over, however many there are', async () => {
    const { send, loop, queue, store, clock, settle, take } = createFifoFixture();
    for (let number = 0; number < 2500; number += 1) send(`a${number}`);
    for (let messages = take(); messages.length > 0; messages = take()) {
      for (const message of messages) loop.turn((turn) => queue().delete(turn, message));
    }
    await settle();
    const count = () => store.range('queue.', 'queue.\u00ff').length;
    assert.equal(count(), 2500);
    await clock.advance(299_999);
    assert.equal(count(), 2500);
    await clock.advance(61_000);
    assert.equal(count(), 0);
  });

  test('does not make a later message be forgotten when the time of the first is over', async () => {
    const { send, clock, receive, queue } = createFifoFixture();
    send('a1', 'same');
    receive();
    await clock.advance(300_000);
    const second = send('a2', 'same');
    assert.equal(queue().hasExpired, false);
    await clock.advance(60_000);
    assert.deepEqual(send('a3', 'same'), second);
  });
});

suite('the sequence numbers of a queue', () => {
  test('have twenty digits and grow, as texts too', () => {
    assert.equal(sequenceNumber(1_767_225_600_000_000), '10001767225600000000');
    const { send } = createFifoFixture();
    const numbers = ['a1', 'b1', 'a2'].map((body) => send(body).sequenceNumber ?? '');
    assert.deepEqual(numbers.toSorted(), numbers);
    assert.equal(new Set(numbers).size, 3);
  });

  test('grow over a crash, though every message is gone and the clock was set back', async () => {
    const { send, take, remove, crash } = createFifoFixture();
    // More than the clock has moved meanwhile.
    const before = ['a1', 'a2', 'a3'].map((body) => send(body).sequenceNumber ?? '');
    for (const message of take()) remove(message);
    await crash();
    const after = send('a4').sequenceNumber ?? '';
    assert.ok(
      before.every((number) => number < after),
      `${after} after ${before.join(', ')}`,
    );
  });
});

suite('a receive that is repeated', () => {
  test('gets the same messages with the same handles, hidden anew', async () => {
    const { send, take, receive, bodiesOf, queue, clock } = createFifoFixture();
    for (const body of ['a1', 'a2', 'b1']) send(body);
    const first = take({ countMax: 2, attemptId: 'once' });
    const handles = first.map((message) => receiptHandle(queue().record, message));
    await clock.advance(20_000);
    const again = take({ countMax: 2, attemptId: 'once' });
    assert.deepEqual(bodiesOf(again), ['a1', 'a2']);
    assert.deepEqual(
      again.map((message) => receiptHandle(queue().record, message)),
      handles,
    );
    await clock.advance(20_000);
    assert.deepEqual(receive(), ['b1'], 'its timeout began anew');
    await clock.advance(10_000);
    assert.deepEqual(receive({ attemptId: 'other' }), ['a1', 'a2']);
  });

  test('is a new one once something became of its messages', async () => {
    const { send, take, receive, remove, queue, loop, clock } = createFifoFixture();
    for (const body of ['a1', 'a2', 'b1']) send(body);
    const [, second] = take({ countMax: 2, attemptId: 'once' });
    remove(second);
    assert.deepEqual(receive({ attemptId: 'once' }), ['b1']);
    const [changed] = take({ attemptId: 'none' });
    assert.equal(changed, undefined);
    await clock.advance(30_000);
    const [moved] = take({ countMax: 1, attemptId: 'third' });
    assert.ok(moved);
    loop.turn((turn) => queue().changeVisibility(turn, moved, 100));
    assert.deepEqual(receive({ attemptId: 'third' }), ['b1']);
  });

  test('is a new one after five minutes', async () => {
    const { send, receive, clock } = createFifoFixture({ visibilityTimeoutSeconds: 3600 });
    send('a1');
    receive({ attemptId: 'once' });
    await clock.advance(299_999);
    assert.deepEqual(receive({ attemptId: 'once' }), ['a1']);
    await clock.advance(1);
    assert.deepEqual(receive({ attemptId: 'once' }), []);
  });

  test('is known after a crash', async () => {
    const { send, receive, take, queue, crash } = createFifoFixture();
    for (const body of ['a1', 'a2']) send(body);
    const handles = take({ attemptId: 'once' }).map((message) => receiptHandle(queue().record, message));
    await crash();
    const again = take({ attemptId: 'once' });
    assert.deepEqual(
      again.map((message) => receiptHandle(queue().record, message)),
      handles,
    );
    assert.deepEqual(receive(), []);
  });
});

test('a queue hands out no more than may be in flight, and goes on when one is deleted', () => {
  const { send, take, receive, remove, queue } = createFifoFixture();
  for (let number = 0; number < FIFO_IN_FLIGHT_MAX; number += 1) send(`a${number}`);
  for (const body of ['b1', 'b2', 'c1']) send(body);
  const [first] = take({ countMax: FIFO_IN_FLIGHT_MAX - 1, isOneGroup: true });
  assert.deepEqual(receive(), ['b1']);
  assert.deepEqual(receive(), [], 'c1 stands alone in a group that nothing blocks');
  assert.equal(queue().hasReady(), false);
  remove(first);
  assert.equal(queue().hasReady(), true);
  assert.deepEqual(receive(), ['c1']);
});

suite('the ids of a message', () => {
  const ids = (given: object, fifo: Partial<FifoConfig> = {}) =>
    requireFifoIds({ ...CONFIG, fifo: { ...FIFO, ...fifo } }, { body: 'hello', ...given });

  test('come from the sender, or the second from the content', () => {
    assert.deepEqual(ids({ groupId: 'a', deduplicationId: 'd' }), { groupId: 'a', deduplicationId: 'd' });
    assert.equal(
      ids({ groupId: 'a' }, { contentBasedDeduplication: true }).deduplicationId,
      '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    );
  });

  test('are refused when they are missing or malformed', () => {
    assert.throws(() => ids({}), { code: 'MissingParameter' });
    assert.throws(() => ids({ groupId: 'a' }), /ContentBasedDeduplication enabled or MessageDeduplicationId/);
    for (const groupId of ['', 'with space', 'ä', 'x'.repeat(129)]) {
      assert.throws(() => ids({ groupId, deduplicationId: 'd' }), { code: 'InvalidParameterValue' });
      assert.throws(() => ids({ groupId: 'a', deduplicationId: groupId }), { code: 'InvalidParameterValue' });
    }
  });
});
