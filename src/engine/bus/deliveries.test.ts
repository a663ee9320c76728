import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsError } from '../../base/errors.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { createBusFixture, FUNCTION_ARN } from '../../testing/bus-fixture.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { MessageAttributes } from '../queue/message.ts';

const ANY = { eventPattern: '{"source":["shop"]}' };
const MISSING_QUEUE = 'arn:aws:sqs:us-east-1:000000000000:missing';
const throttled = () => new AwsError('TooManyRequestsException', 'Rate exceeded');

function texts(attributes: MessageAttributes | undefined): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(attributes ?? {}).map(([name, { stringValue }]) => [name, stringValue]),
  );
}

suite('a delivery', () => {
  test('to something that does not exist is not tried again: the event goes to the dead-letter queue', () => {
    const { createQueue, putRule, put, receive, buses } = createBusFixture();
    const dead = createQueue('dead');
    const rule = putRule('all', ANY, [{ Arn: MISSING_QUEUE, DeadLetterConfig: { Arn: dead.arn } }]);
    const id = put({ order: 1 });
    const [letter] = receive(dead);
    assert.equal(JSON.parse(letter?.body ?? '').id, id);
    assert.deepEqual(texts(letter?.head.attributes), {
      RULE_ARN: rule.arn,
      TARGET_ARN: MISSING_QUEUE,
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: `The specified queue does not exist: ${MISSING_QUEUE}`,
    });
    assert.equal(buses.waitingDeliveryCount, 0);
  });

  test('that fails for good without a dead-letter queue is counted and traced as dropped', async () => {
    const { putRule, put, buses, trace } = createBusFixture();
    putRule('all', ANY, [{ Arn: MISSING_QUEUE }]);
    const { links } = await trace.chain(put({}));
    const dropped = links.find(({ kind }) => kind === 'dropped');
    assert.equal(dropped?.detail?.['error'], 'NO_RESOURCE');
    assert.equal(dropped?.detail?.['target'], MISSING_QUEUE);
    assert.equal(buses.counts.dropped, 1);
  });

  test('that fails for now is tried again after a while, and the trace joins it to its event', async () => {
    const { putRule, put, ports, clock, trace, store } = createBusFixture();
    putRule('all', ANY, [{ Arn: FUNCTION_ARN }]);
    ports.refusal = throttled();
    const id = put({ order: 1 });
    await clock.advance(400);
    ports.refusal = undefined;
    assert.equal(ports.invocations.length, 0);
    await clock.advance(600);
    assert.equal(JSON.parse(ports.invocations[0]?.payloadText ?? '').id, id);
    assert.deepEqual(ports.invocations[0]?.cause, { kind: 'event', id });
    assert.equal(store.range(...prefixRange(key(KEYSPACE.delivery))).length, 0);
    const { links } = await trace.chain('invocation-1');
    assert.ok(links.some(({ cause }) => cause === id));
    await clock.advance(3_600_000);
    assert.equal(ports.invocations.length, 1);
  });

  test('goes on after a crash with the attempts that it had', async () => {
    const { putRule, put, ports, clock, restart, open, createQueue, buses } = createBusFixture();
    const dead = createQueue('dead');
    const RetryPolicy = { MaximumRetryAttempts: 3 };
    putRule('all', ANY, [{ Arn: FUNCTION_ARN, RetryPolicy, DeadLetterConfig: { Arn: dead.arn } }]);
    ports.refusal = throttled();
    put({});
    await clock.advance(1000);
    buses.close();
    const after = open(restart());
    assert.equal(after.buses.waitingDeliveryCount, 1);
    await clock.advance(7000);
    const queue = after.queues.find(dead.arn);
    assert.ok(queue);
    const [letter] = after.loop.turn((turn) => queue.receive(turn, { countMax: 1 }));
    assert.equal(letter?.head.attributes?.['RETRY_ATTEMPTS']?.stringValue, '3');
    assert.equal(letter?.head.attributes?.['EXHAUSTED_RETRY_CONDITION']?.stringValue, 'MaximumRetryAttempts');
  });

  test('ends at the age that its policy allows, or after 185 attempts in a day', async () => {
    const { putRule, put, ports, clock, receive, createQueue } = createBusFixture();
    const dead = createQueue('dead');
    const DeadLetterConfig = { Arn: dead.arn };
    const RetryPolicy = { MaximumEventAgeInSeconds: 60 };
    putRule('short', ANY, [{ Arn: FUNCTION_ARN, RetryPolicy, DeadLetterConfig }]);
    putRule('long', ANY, [{ Arn: FUNCTION_ARN, DeadLetterConfig }]);
    ports.refusal = throttled();
    put({});
    await clock.advance(60_000);
    const [short] = receive(dead);
    assert.equal(texts(short?.head.attributes)['EXHAUSTED_RETRY_CONDITION'], 'MaximumEventAgeInSeconds');
    await clock.advance(23 * 3_600_000);
    const [long] = receive(dead);
    assert.equal(texts(long?.head.attributes)['RETRY_ATTEMPTS'], '185');
  });

  test('of a body that is larger than the queue takes fails for good', () => {
    const { createQueue, putRule, put, receive } = createBusFixture();
    const queue = createQueue('small', { messageSizeBytesMax: 1024 });
    const dead = createQueue('dead');
    putRule('all', ANY, [{ Arn: queue.arn, DeadLetterConfig: { Arn: dead.arn } }]);
    put({ text: 'x'.repeat(2000) });
    assert.deepEqual(receive(queue), []);
    assert.equal(texts(receive(dead)[0]?.head.attributes)['ERROR_CODE'], 'INVALID_PARAMETER');
  });

  test('that meets a bug of ours is set aside until the next start, and the others go on', async () => {
    const { putRule, put, ports, clock, store, restart, open, buses } = createBusFixture();
    putRule('all', ANY, [{ Arn: FUNCTION_ARN }]);
    ports.refusal = throttled();
    put({ order: 1 });
    ports.refusal = new TypeError('a bug');
    await clock.advance(1000);
    ports.refusal = throttled();
    put({ order: 2 });
    ports.refusal = undefined;
    await clock.advance(1000);
    assert.equal(ports.invocations.length, 1);
    assert.equal(store.range(...prefixRange(key(KEYSPACE.delivery))).length, 1);
    buses.close();
    open(restart());
    await clock.advance(1000);
    assert.equal(ports.invocations.length, 2);
  });

  test('is dropped when even the dead-letter queue does not take the event', () => {
    const { createQueue, putRule, put, receive, buses } = createBusFixture();
    const dead = createQueue('dead', { messageSizeBytesMax: 1024 });
    putRule('all', ANY, [{ Arn: MISSING_QUEUE, DeadLetterConfig: { Arn: dead.arn } }]);
    put({ text: 'x'.repeat(2000) });
    assert.deepEqual(receive(dead), []);
    assert.equal(buses.counts.dropped, 1);
  });
});
