import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { uuid } from '../../base/ids.ts';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { receiptHandle } from './message.ts';
import type { QueueConfig } from './queue-record.ts';
import type { Queue } from './queue.ts';
import { Queues } from './queues.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };

const CONFIG: QueueConfig = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  messageSizeBytesMax: 1_048_576,
  retentionSeconds: 345_600,
  receiveWaitSeconds: 0,
  stored: {},
};

function createQueueFixture(config: Partial<QueueConfig> = {}) {
  const fixture = createEngineFixture();
  const queues = new Queues(fixture.loop);
  queues.start();
  const create = (name: string, own: Partial<QueueConfig>): Queue =>
    fixture.loop.turn((turn) =>
      queues.create(turn, { ...SCOPE, name, config: { ...CONFIG, ...own }, tags: {} }),
    );
  const queue = create('orders', config);
  const send = (body: string, delaySeconds?: number) =>
    fixture.loop.turn((turn) =>
      queue.send(turn, {
        body,
        senderId: 'test',
        bodyMd5: 'md5',
        ...(delaySeconds === undefined ? {} : { delaySeconds }),
      }),
    );
  const receive = (countMax = 10, from: Queue = queue) =>
    fixture.loop.turn((turn) => from.receive(turn, { countMax }));
  const bodies = (from: Queue = queue) => receive(10, from).map((message) => from.content(message).body);
  return { ...fixture, queues, queue, create, send, receive, bodies };
}

suite('a queue', () => {
  test('hands out messages in the order in which they were sent, and each to one receiver', () => {
    const { send, bodies } = createQueueFixture();
    for (const body of ['a', 'b', 'c']) send(body);
    assert.deepEqual(bodies(), ['a', 'b', 'c']);
    assert.deepEqual(bodies(), []);
  });

  test('shows a message again when its visibility timeout has passed, and counts its receives', async () => {
    const { send, receive, clock } = createQueueFixture();
    send('a');
    receive();
    await clock.advance(29_999);
    assert.equal(receive().length, 0);
    await clock.advance(1);
    assert.equal(receive()[0]?.receiveCount, 2);
  });

  test('takes a message only once in one receive, even with a visibility timeout of zero', () => {
    const { send, receive } = createQueueFixture({ visibilityTimeoutSeconds: 0 });
    send('a');
    assert.equal(receive().length, 1);
    assert.equal(receive().length, 1);
  });

  test('hides a delayed message until its delay is over', async () => {
    const { send, bodies, clock } = createQueueFixture();
    send('late', 5);
    assert.deepEqual(bodies(), []);
    await clock.advance(5000);
    assert.deepEqual(bodies(), ['late']);
  });

  test('wakes a subscriber at the instant at which a delayed message becomes ready', async () => {
    const { send, bodies, clock, queue } = createQueueFixture();
    send('late', 5);
    const seen: string[][] = [];
    queue.subscribe(() => seen.push(bodies()));
    await clock.advance(4999);
    assert.deepEqual(seen, []);
    await clock.advance(1);
    assert.deepEqual(seen, [['late']]);
  });

  test('gives a message that was received too often to the dead-letter queue, with its id and source', async () => {
    const { create, clock, queue, queues, loop, send, receive } = createQueueFixture();
    const deadLetters = create('dead', {});
    const redrivePolicy = { deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 2 };
    loop.turn((turn) => queues.update(turn, queue, { config: { ...queue.config, redrivePolicy } }));
    const { head } = send('poison');
    for (let count = 0; count < 3; count += 1) {
      receive();
      await clock.advance(30_000);
    }
    assert.equal(queue.counts(clock.now()).ready, 0);
    const [dead] = receive(1, deadLetters);
    assert.equal(dead?.head.id, head.id);
    assert.equal(dead?.head.deadLetterSource, queue.arn);
  });

  test('drops messages past their retention', async () => {
    const { send, clock, bodies, queue, store } = createQueueFixture({ retentionSeconds: 60 });
    send('old');
    await clock.advance(60_000);
    assert.deepEqual(bodies(), []);
    await clock.advance(60_000);
    assert.deepEqual(queue.counts(clock.now()), { ready: 0, delayed: 0, inFlight: 0 });
    assert.equal(store.range('queue.message', 'queue.message\u00ff').length, 0);
  });

  test('comes back after a crash with its messages, their visibility and their receipt handles', async () => {
    const { send, receive, restart, settle, queue, clock } = createQueueFixture();
    send('first');
    send('second');
    const [received] = receive(1);
    assert.ok(received);
    const handle = receiptHandle(queue.record, received);
    await settle();

    const queues = new Queues(restart());
    queues.start();
    const recovered = queues.get(SCOPE, 'orders');
    assert.ok(recovered);
    assert.deepEqual(recovered.counts(clock.now()), { ready: 1, delayed: 0, inFlight: 1 });
    const message = recovered.find(handle);
    assert.equal(message?.receiveCount, 1);
    queues.loop.turn((turn) => recovered.delete(turn, message as NonNullable<typeof message>));
    assert.equal(recovered.counts(clock.now()).inFlight, 0);
  });

  test('does not take a receipt handle of an earlier queue of the same name', async () => {
    const { send, receive, queue, queues, loop, create } = createQueueFixture();
    send('a');
    const [received] = receive(1);
    assert.ok(received);
    const handle = receiptHandle(queue.record, received);
    loop.turn((turn) => queues.delete(turn, queue));
    assert.equal(create('orders', {}).find(handle), undefined);
  });

  test('never lets an old handle name a message sent after a restart', async () => {
    const { send, receive, queue, loop, restart, settle, clock } = createQueueFixture();
    send('a');
    const [received] = receive(1);
    assert.ok(received);
    const handle = receiptHandle(queue.record, received);
    loop.turn((turn) => queue.delete(turn, received));
    await settle();
    await clock.advance(1);
    const queues = new Queues(restart());
    queues.start();
    const recovered = queues.get(SCOPE, 'orders');
    queues.loop.turn((turn) => recovered?.send(turn, { body: 'b', senderId: 'test', bodyMd5: 'md5' }));
    assert.equal(recovered?.find(handle), null);
  });

  test('tells messages of the same sequence apart, where the clock was set back across a restart', async () => {
    const { send, receive, queue, loop, restart, settle } = createQueueFixture();
    const sent = send('a');
    const [received] = receive(1);
    assert.ok(received);
    const handle = receiptHandle(queue.record, received);
    loop.turn((turn) => queue.delete(turn, received));
    await settle();
    const queues = new Queues(restart());
    queues.start();
    const recovered = queues.get(SCOPE, 'orders');
    assert.ok(recovered);
    // The ids of the fixture come from one seed.
    uuid(queues.loop.random);
    const again = queues.loop.turn((turn) =>
      recovered.send(turn, { body: 'b', senderId: 'test', bodyMd5: 'md5' }),
    );
    assert.equal(again.sequence, sent.sequence);
    assert.equal(recovered.find(handle), null);
    assert.equal(recovered.find(receiptHandle(recovered.record, again)), again);
  });

  test('purges every message and its records', async () => {
    const { send, loop, queue, store, clock } = createQueueFixture();
    send('a');
    send('b', 10);
    loop.turn((turn) => queue.purge(turn));
    assert.deepEqual(queue.counts(clock.now()), { ready: 0, delayed: 0, inFlight: 0 });
    assert.equal(store.range('queue.message', 'queue.message\u00ff').length, 0);
  });
});
