/** One queue on its own: how long it keeps messages, and what of them it keeps in memory. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { messageKey, receiptHandle } from './message.ts';
import type { QueueConfig, QueueRecord } from './queue-record.ts';
import { Queue, type QueueHost } from './queue.ts';

const CONFIG: QueueConfig = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  messageSizeBytesMax: 1_048_576,
  retentionSeconds: 60,
  receiveWaitSeconds: 0,
  stored: {},
};

/** A queue whose host keeps `bodiesMax` bytes of bodies in memory. */
function createQueue(bodiesMax = Infinity) {
  const { loop, clock, store, settle } = createEngineFixture();
  const queues = new Map<string, Queue>();
  const bodies = { sizeBytes: 0 };
  const host: QueueHost = {
    loop,
    find: (arn) => queues.get(arn),
    reserveMemory: (sizeBytes) => {
      if (bodies.sizeBytes + sizeBytes > bodiesMax) return false;
      bodies.sizeBytes += sizeBytes;
      return true;
    },
    releaseMemory: (sizeBytes) => {
      bodies.sizeBytes -= sizeBytes;
    },
  };
  const create = (name: string, config: Partial<QueueConfig> = {}): Queue => {
    const record: QueueRecord = {
      account: '000000000000',
      region: 'us-east-1',
      name,
      generation: clock.now(),
      createdAtMs: clock.now(),
      modifiedAtMs: clock.now(),
      config: { ...CONFIG, ...config },
      tags: {},
    };
    const queue = new Queue(host, record, 0);
    queues.set(queue.arn, queue);
    return queue;
  };
  const send = (queue: Queue, body: string, delaySeconds = 0) =>
    loop.turn((turn) => queue.send(turn, { body, senderId: 'test', bodyMd5: 'md5', delaySeconds }));
  const receive = (queue: Queue) => loop.turn((turn) => queue.receive(turn, { countMax: 10 }));
  const recordCount = () => store.range('queue.', 'queue.\u00ff').length;
  return { loop, clock, store, settle, bodies, create, send, receive, recordCount };
}

const COUNTS_NONE = { ready: 0, delayed: 0, inFlight: 0 };

suite('a queue past its retention', () => {
  test('drops messages in whatever state they are, with all their records, and keeps younger ones', async () => {
    const { create, send, receive, loop, clock, recordCount } = createQueue();
    const queue = create('orders');
    send(queue, 'received');
    receive(queue);
    send(queue, 'ready');
    send(queue, 'delayed', 900);
    await clock.advance(59_999);
    assert.equal(queue.hasExpired, false);
    send(queue, 'young', 900);
    await clock.advance(1);
    assert.equal(queue.hasExpired, true);
    loop.turn((turn) => queue.expire(turn));
    assert.deepEqual(queue.counts(clock.now()), { ...COUNTS_NONE, delayed: 1 });
    assert.equal(recordCount(), 1);
  });

  test('does not hand out a message that is past it, even before it is looked over', async () => {
    const { create, send, receive, clock, recordCount } = createQueue();
    const queue = create('orders');
    send(queue, 'old');
    await clock.advance(60_000);
    send(queue, 'young');
    assert.deepEqual(
      receive(queue).map((message) => queue.content(message).body),
      ['young'],
    );
    assert.equal(recordCount(), 2, 'the young message and its visibility');
  });

  test('drops no more than a commit of a few milliseconds holds in one receive, and wakes for the rest', async () => {
    const { create, send, receive, clock, settle } = createQueue();
    const queue = create('orders');
    for (let count = 0; count < 2500; count += 1) send(queue, 'old');
    await clock.advance(60_000);
    send(queue, 'young');
    assert.deepEqual(receive(queue), []);
    assert.equal(queue.counts(clock.now()).ready, 1501);
    const seen: string[] = [];
    queue.subscribe(() => {
      for (const message of receive(queue)) seen.push(queue.content(message).body);
    });
    for (let count = 0; count < 3; count += 1) await settle();
    assert.deepEqual(seen, ['young']);
  });

  test('takes the receipt handle of a dropped message for that of one that is gone', async () => {
    const { create, send, receive, loop, clock } = createQueue();
    const queue = create('orders');
    send(queue, 'old');
    const [message] = receive(queue);
    assert.ok(message);
    const handle = receiptHandle(queue.record, message);
    await clock.advance(60_000);
    loop.turn((turn) => queue.expire(turn));
    assert.equal(queue.find(handle), null);
    // A deletion that comes late changes nothing.
    loop.turn((turn) => queue.delete(turn, message));
    assert.deepEqual(queue.counts(clock.now()), COUNTS_NONE);
  });

  test('counts the age of a dead letter from when it was first sent', async () => {
    const { create, send, receive, clock } = createQueue();
    const dead = create('dead', { retentionSeconds: 100 });
    const queue = create('orders', {
      retentionSeconds: 100,
      redrivePolicy: { deadLetterTargetArn: dead.arn, maxReceiveCount: 1 },
    });
    send(queue, 'poison');
    receive(queue);
    await clock.advance(40_000);
    receive(queue);
    assert.equal(dead.counts(clock.now()).ready, 1);
    await clock.advance(60_000);
    assert.deepEqual(receive(dead), []);
    assert.deepEqual(dead.counts(clock.now()), COUNTS_NONE);
  });
});

suite('the bodies of a queue', () => {
  const BODY = 'x'.repeat(1000);

  test('stay on disk beyond what memory may hold, and come from there when received', async () => {
    const { create, send, receive, settle, bodies } = createQueue(2500);
    const queue = create('orders');
    const sent = ['a', 'b', 'c', 'd'].map((name) => send(queue, name + BODY));
    await settle();
    assert.deepEqual(
      sent.map(({ body }) => body !== undefined),
      [true, true, false, false],
    );
    assert.ok(bodies.sizeBytes <= 2500);
    assert.deepEqual(
      receive(queue).map((message) => queue.content(message).body[0]),
      ['a', 'b', 'c', 'd'],
    );
  });

  test('stay there with the attributes, which may be as large', () => {
    const { create, receive, loop } = createQueue(0);
    const queue = create('orders');
    const attributes = { Large: { dataType: 'String', stringValue: BODY } };
    const systemAttributes = { AWSTraceHeader: { dataType: 'String', stringValue: 'Root=1' } };
    loop.turn((turn) =>
      queue.send(turn, { body: 'a', senderId: 'test', bodyMd5: 'md5', attributes, systemAttributes }),
    );
    const [message] = receive(queue);
    assert.ok(message);
    assert.deepEqual([message.head.attributes, message.head.systemAttributes], [undefined, undefined]);
    const { head } = queue.content(message);
    assert.deepEqual([head.attributes, head.systemAttributes], [attributes, systemAttributes]);
  });

  test('whose record is gone are set aside and never taken for empty', () => {
    const { create, send, receive, store, clock } = createQueue(0);
    const queue = create('orders');
    const { sequence } = send(queue, 'damaged');
    send(queue, 'whole');
    store.commit({ puts: [], deletes: [messageKey(queue.record, sequence)] });
    assert.deepEqual(
      receive(queue).map((message) => queue.content(message).body),
      ['whole'],
    );
    assert.deepEqual(queue.counts(clock.now()), { ...COUNTS_NONE, inFlight: 1 });
  });

  test('are read before their commit is on disk, too', () => {
    const { create, send, receive } = createQueue(0);
    const queue = create('orders');
    send(queue, 'a');
    assert.deepEqual(
      receive(queue).map((message) => queue.content(message).body),
      ['a'],
    );
  });

  test('move to a dead-letter queue from disk as from memory', async () => {
    for (const bodiesMax of [0, Infinity]) {
      const { create, send, receive, clock } = createQueue(bodiesMax);
      const dead = create('dead');
      const queue = create('orders', {
        redrivePolicy: { deadLetterTargetArn: dead.arn, maxReceiveCount: 1 },
      });
      send(queue, 'poison');
      receive(queue);
      await clock.advance(30_000);
      assert.deepEqual(receive(queue), []);
      assert.deepEqual(
        receive(dead).map((message) => dead.content(message).body),
        ['poison'],
      );
    }
  });

  test('give back their memory however their messages go', async () => {
    const { create, send, receive, loop, clock, bodies } = createQueue(5000);
    const dead = create('dead');
    const queue = create('orders', {
      redrivePolicy: { deadLetterTargetArn: dead.arn, maxReceiveCount: 1 },
    });
    // More than memory may hold: some are in it and some are not.
    for (let count = 0; count < 8; count += 1) send(queue, BODY);
    const [deleted] = receive(queue);
    assert.ok(deleted);
    loop.turn((turn) => queue.delete(turn, deleted));
    loop.turn((turn) => queue.delete(turn, deleted));
    await clock.advance(30_000);
    receive(queue);
    send(queue, BODY, 900);
    await clock.advance(30_000);
    loop.turn((turn) => dead.expire(turn));
    loop.turn((turn) => queue.purge(turn));
    assert.deepEqual(queue.counts(clock.now()), COUNTS_NONE);
    assert.deepEqual(dead.counts(clock.now()), COUNTS_NONE);
    assert.equal(bodies.sizeBytes, 0);
  });
});

suite('what a queue remembers of messages that are gone', () => {
  /** More than it lets stand. */
  const COUNT = 5000;

  test('is let go before their visibility timeouts end', () => {
    const { create, send, receive, loop } = createQueue();
    const queue = create('orders', { visibilityTimeoutSeconds: 43_200 });
    for (let count = 0; count < COUNT; count += 1) {
      send(queue, 'a');
      for (const message of receive(queue)) loop.turn((turn) => queue.delete(turn, message));
    }
    assert.ok(queue.entryCount < COUNT / 2, String(queue.entryCount));
  });

  test('is let go when its timeout is moved again and again', async () => {
    const { create, send, receive, loop, clock } = createQueue();
    const queue = create('orders', { retentionSeconds: 345_600 });
    send(queue, 'a');
    const [message] = receive(queue);
    assert.ok(message);
    for (let count = 0; count < COUNT; count += 1) {
      loop.turn((turn) => queue.changeVisibility(turn, message, 10_000 + (count % 7)));
      await clock.advance(1);
    }
    assert.ok(queue.entryCount < COUNT / 2, String(queue.entryCount));
    await clock.advance(10_007_000);
    assert.deepEqual(
      receive(queue).map(({ receiveCount }) => receiveCount),
      [2],
    );
  });

  test('is let go when nobody ever received them', async () => {
    const { create, send, loop, clock } = createQueue();
    const queue = create('orders');
    for (let count = 0; count < COUNT; count += 1) send(queue, 'a');
    await clock.advance(60_000);
    while (queue.hasExpired) loop.turn((turn) => queue.expire(turn));
    assert.ok(queue.entryCount < COUNT / 2, String(queue.entryCount));
    send(queue, 'a', 5);
    send(queue, 'a');
    loop.turn((turn) => queue.purge(turn));
    assert.equal(queue.entryCount, 0);
  });

  test('does not disturb the order of those that are there', () => {
    const { create, send, receive, loop } = createQueue();
    const queue = create('orders', { visibilityTimeoutSeconds: 0 });
    for (let count = 0; count < COUNT; count += 1) send(queue, String(count));
    const seen: string[] = [];
    for (let messages = receive(queue); messages.length > 0; messages = receive(queue)) {
      for (const message of messages) {
        seen.push(queue.content(message).body);
        loop.turn((turn) => queue.delete(turn, message));
      }
    }
    assert.deepEqual(
      seen,
      Array.from({ length: COUNT }, (_, index) => String(index)),
    );
  });
});

suite('a queue that many wait for', () => {
  test('wakes no more of them than there are messages', async () => {
    const { create, send, receive, settle } = createQueue();
    const queue = create('orders');
    let woken = 0;
    for (let count = 0; count < 100; count += 1) {
      queue.subscribe(() => {
        woken += 1;
        receive(queue);
      });
    }
    send(queue, 'a');
    await settle();
    assert.equal(woken, 1);
  });
});
