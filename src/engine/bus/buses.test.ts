import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseEvent } from '../../lang/pattern/event.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { KEYSPACE } from '../keyspace.ts';
import { createBusFixture, FUNCTION_ARN, MACHINE_ARN, SCOPE } from '../../testing/bus-fixture.ts';
import type { LoggedEvent } from './bus-log.ts';

const ANY = { eventPattern: '{"source":["shop"]}' };

suite('a bus', () => {
  test('gives an event to the queue, the function and the state machine of a rule in one commit', () => {
    const { createQueue, putRule, put, receive, store, ports } = createBusFixture();
    const queue = createQueue('orders');
    putRule('all', ANY, [{ Arn: queue.arn }, { Arn: FUNCTION_ARN }, { Arn: MACHINE_ARN }]);
    const before = store.nextPosition;
    const id = put({ order: 1 });
    assert.equal(store.nextPosition, before);
    const [message] = receive(queue);
    const event = JSON.parse(message?.body ?? '');
    assert.deepEqual(Object.keys(event), [
      'version',
      'id',
      'detail-type',
      'source',
      'account',
      'time',
      'region',
      'resources',
      'detail',
    ]);
    assert.equal(event.id, id);
    assert.equal(event.time, '2026-01-01T00:00:00Z');
    assert.deepEqual(message?.head.cause, { kind: 'event', id });
    assert.equal(ports.invocations[0]?.payloadText, message?.body);
    assert.equal(ports.starts[0]?.input, message?.body);
  });

  test('delivers the text of the detail as it was given', () => {
    const { createQueue, putRule, buses, receive, loop } = createBusFixture();
    const queue = createQueue('orders');
    putRule('all', ANY, [{ Arn: queue.arn }]);
    const detailText = '{"b": 1.0, "a":12345678901234567890, "b":2}';
    const event = {
      scope: SCOPE,
      busName: 'default',
      source: 'shop',
      detailType: 'x',
      resources: [],
      detailText,
    };
    loop.turn((turn) => buses.put(turn, [event], undefined));
    assert.ok(receive(queue)[0]?.body.endsWith(`"detail":${detailText}}`));
  });

  test('gives an event to no target of a rule that does not match, is disabled or was deleted', () => {
    const { createQueue, putRule, put, receive, buses, loop } = createBusFixture();
    const queue = createQueue('orders');
    putRule('other', { eventPattern: '{"source":["bank"]}' }, [{ Arn: queue.arn }]);
    putRule('disabled', { ...ANY, state: 'DISABLED' }, [{ Arn: queue.arn }]);
    const deleted = putRule('deleted', ANY, [{ Arn: queue.arn }]);
    const bus = buses.get(SCOPE, 'default');
    assert.ok(bus);
    loop.turn((turn) => buses.deleteRule(turn, bus, deleted));
    put({});
    assert.deepEqual(receive(queue), []);
    assert.equal(buses.counts.unmatched, 1);
  });

  test('passes an event on to another bus with an id of its own, and from there to no third one', async () => {
    const { createQueue, createBus, putRule, put, receive, trace } = createBusFixture();
    const [second, third] = [createBus('second'), createBus('third')];
    const [queue, beyond, dead] = [createQueue('orders'), createQueue('beyond'), createQueue('dead')];
    putRule('on', ANY, [{ Arn: second.arn }]);
    putRule('here', ANY, [{ Arn: queue.arn }], 'second');
    putRule('further', ANY, [{ Arn: third.arn, DeadLetterConfig: { Arn: dead.arn } }], 'second');
    putRule('there', ANY, [{ Arn: beyond.arn }], 'third');
    const id = put({ order: 1 });
    const event = JSON.parse(receive(queue)[0]?.body ?? '');
    assert.notEqual(event.id, id);
    assert.deepEqual(event.detail, { order: 1 });
    assert.deepEqual(receive(beyond), []);
    const [letter] = receive(dead);
    assert.equal(letter?.head.attributes?.['ERROR_CODE']?.stringValue, 'THIRD_ACCOUNT_HOP_DETECTED');
    const { links } = await trace.chain(id);
    assert.ok(links.some(({ cause, effect }) => cause === id && effect === event.id));
  });

  test('lets an event for an unknown bus vanish, and says so in log and trace', async () => {
    const { put, trace, buses } = createBusFixture();
    const id = put({}, { busName: 'nowhere' });
    const { links } = await trace.chain(id);
    assert.equal(
      links.find(({ kind }) => kind === 'dropped')?.detail?.['message'],
      'Event bus nowhere does not exist.',
    );
    assert.equal((await buses.log.find(id))?.bus, 'nowhere');
  });

  test('traces from a message up to the request and from the request down to the message', async () => {
    const { createQueue, putRule, put, receive, trace } = createBusFixture();
    const queue = createQueue('orders');
    const rule = putRule('all', ANY, [{ Arn: queue.arn }]);
    const id = put({});
    const messageId = receive(queue)[0]?.head.id ?? '';
    const expected = [
      ['request-of-OrderCreated', id],
      [id, messageId],
    ];
    for (const start of [messageId, id, 'request-of-OrderCreated']) {
      const { links } = await trace.chain(start);
      assert.deepEqual(
        links.map(({ cause, effect }) => [cause, effect]),
        expected,
      );
      assert.equal(links[1]?.detail?.['rule'], rule.arn);
    }
  });

  test('explains of each rule why it matched an event or which clause failed', async () => {
    const { createQueue, putRule, put, buses } = createBusFixture();
    const queue = createQueue('orders');
    putRule('all', ANY, [{ Arn: queue.arn }]);
    putRule('large', { eventPattern: '{"detail":{"amount":[{"numeric":[">",100]}]}}' }, [{ Arn: queue.arn }]);
    const explained = await buses.explain(put({ amount: 7 }));
    assert.deepEqual(
      explained?.map(({ rule, matched }) => [rule, matched]),
      [
        ['all', true],
        ['large', false],
      ],
    );
    assert.equal(explained?.[1]?.failed[0]?.path, 'detail.amount');
    assert.deepEqual(explained?.[1]?.failed[0]?.found, ['7']);
    const bus = buses.get(SCOPE, 'default');
    assert.ok(bus);
    const view = parseEvent('{"source":"bank"}');
    assert.equal((await buses.explain({ bus, view }))?.[0]?.matched, false);
    assert.equal(await buses.explain('unknown'), undefined);
  });

  test('tells those who follow it of each event once it is on disk', async () => {
    const { put, buses, settle } = createBusFixture();
    const seen: LoggedEvent[] = [];
    const stop = buses.tail.subscribe({ ...SCOPE, busName: 'default' }, (event) => seen.push(event));
    const id = put({ order: 1 });
    put({}, { busName: 'nowhere' });
    assert.equal(seen.length, 0);
    await settle();
    assert.deepEqual(
      seen.map((event) => event.id),
      [id],
    );
    stop();
    put({});
    await settle();
    assert.equal(seen.length, 1);
    assert.deepEqual(
      buses.log.recent({ scope: SCOPE, busName: 'default', countMax: 1 }).map(({ bus }) => bus),
      ['default'],
    );
  });

  test('comes back after a crash with its buses, rules and targets', async () => {
    const { createQueue, createBus, putRule, restart, settle, open } = createBusFixture();
    createBus('orders');
    const queue = createQueue('orders');
    putRule('all', ANY, [{ Arn: queue.arn }], 'orders');
    await settle();
    const { buses, queues, loop } = open(restart());
    const event = {
      scope: SCOPE,
      busName: 'orders',
      source: 'shop',
      detailType: 'x',
      resources: [],
      detailText: '{}',
    };
    loop.turn((turn) => buses.put(turn, [event], undefined));
    assert.equal(queues.find(queue.arn)?.counts(loop.clock.now()).ready, 1);
    assert.deepEqual(
      buses.list(SCOPE).map(({ record }) => record.name),
      ['default', 'orders'],
    );
  });

  test('keeps one log record for all events of a commit', () => {
    const { buses, loop, store } = createBusFixture();
    const event = {
      scope: SCOPE,
      busName: 'default',
      source: 'a',
      detailType: 'x',
      resources: [],
      detailText: '{}',
    };
    loop.turn((turn) => buses.put(turn, [event, event, event], undefined));
    assert.equal(store.range(...prefixRange(key(KEYSPACE.busLog))).length, 1);
  });
});

suite('the default bus of an account', () => {
  test('takes no memory until something of it is stored, and is listed even so', () => {
    const { buses, loop } = createBusFixture();
    const scope = { ...SCOPE, account: '999999999999' };
    const first = buses.get(scope, 'default');
    assert.ok(first);
    assert.notEqual(buses.get(scope, 'default'), first);
    assert.deepEqual(
      buses.list(scope).map(({ arn }) => arn),
      [first.arn],
    );
    const rule = { name: 'all', definition: { ...ANY, state: 'ENABLED' as const }, tags: {} };
    loop.turn((turn) => buses.putRule(turn, first, rule));
    assert.equal(buses.get(scope, 'default'), first);
    assert.deepEqual(buses.list(scope), [first]);
  });

  test('keeps its rules, whichever of those that were made they are given to', () => {
    const { buses, loop } = createBusFixture();
    const scope = { ...SCOPE, account: '999999999999' };
    const [one, other] = [buses.get(scope, 'default'), buses.get(scope, 'default')];
    assert.ok(one && other);
    for (const [name, bus] of [['a', one] as const, ['b', other] as const]) {
      const definition = { ...ANY, state: 'ENABLED' as const };
      loop.turn((turn) => buses.putRule(turn, bus, { name, definition, tags: {} }));
    }
    assert.equal(buses.get(scope, 'default')?.ruleCount, 2);
  });
});
