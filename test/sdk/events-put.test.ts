/** Events as the SDK of EventBridge sends them: entries, matching, and what survives a restart. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as eb from '@aws-sdk/client-eventbridge';
import { ENTRY, refusal, startEvents } from './events-fixture.ts';

suite('PutEvents', () => {
  test('sends a matching event to a queue', async () => {
    await using world = await startEvents();
    const queue = await world.createQueue('orders');
    await world.putRule('all');
    const Targets = [{ Id: 'queue', Arn: queue.arn }];
    await world.events.send(new eb.PutTargetsCommand({ Rule: 'all', Targets }));
    const Time = new Date('2026-02-03T04:05:06.789Z');
    const entry = { ...ENTRY, Time, Resources: ['arn:aws:x:::y'] };
    const put = await world.events.send(
      new eb.PutEventsCommand({ Entries: [entry, { ...ENTRY, Source: 'bank' }] }),
    );
    assert.equal(put.FailedEntryCount, 0);
    const messages = await world.receive(queue);
    assert.deepEqual(
      messages.map(({ Body }) => JSON.parse(Body ?? '')),
      [
        {
          version: '0',
          id: put.Entries?.[0]?.EventId,
          'detail-type': 'OrderCreated',
          source: 'shop',
          account: '000000000000',
          time: '2026-02-03T04:05:06Z',
          region: 'us-east-1',
          resources: ['arn:aws:x:::y'],
          detail: { order: 1 },
        },
      ],
    );
  });

  test('answers each entry in its place, and takes the good ones', async () => {
    await using world = await startEvents();
    const Entries = [
      { ...ENTRY, Source: undefined },
      ENTRY,
      { ...ENTRY, DetailType: undefined },
      { ...ENTRY, Detail: undefined },
      { ...ENTRY, Detail: 'not json' },
      { ...ENTRY, Detail: '[1]' },
      { ...ENTRY, Source: 'aws.s3' },
    ];
    const put = await world.events.send(new eb.PutEventsCommand({ Entries }));
    assert.equal(put.FailedEntryCount, 6);
    const required = (name: string) => [
      'InvalidArgument',
      `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
    ];
    assert.deepEqual(
      put.Entries?.map(({ EventId: id, ErrorCode: code, ErrorMessage: message }) =>
        id ? 'ok' : [code, message],
      ),
      [
        required('Source'),
        'ok',
        required('DetailType'),
        required('Detail'),
        ['MalformedDetail', 'Detail is malformed.'],
        ['MalformedDetail', 'Detail is malformed.'],
        ['NotAuthorizedForSource', 'Not authorized for the source.'],
      ],
    );
  });

  test('takes a detail of 999 levels, which with the event around it makes 1,000, and no deeper one', async () => {
    await using world = await startEvents();
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const Entries = [
      { ...ENTRY, Detail: nested(999) },
      { ...ENTRY, Detail: nested(1000) },
    ];
    const put = await world.events.send(new eb.PutEventsCommand({ Entries }));
    assert.deepEqual(
      put.Entries?.map(({ ErrorCode: code }) => code),
      [undefined, 'MalformedDetail'],
    );
  });

  test('gives an id to an event for a bus that does not exist', async () => {
    await using world = await startEvents();
    const Entries = [{ ...ENTRY, EventBusName: 'nowhere' }];
    const put = await world.events.send(new eb.PutEventsCommand({ Entries }));
    assert.match(put.Entries?.[0]?.EventId ?? '', /^[0-9a-f-]{36}$/);
  });

  test('refuses more than a megabyte and more than ten entries', async () => {
    await using world = await startEvents();
    const put = (Entries: eb.PutEventsRequestEntry[]) =>
      world.events.send(new eb.PutEventsCommand({ Entries }));
    const detail = (sizeBytes: number) => ({ ...ENTRY, Detail: `{"a":"${'x'.repeat(sizeBytes - 8)}"}` });
    const others = ENTRY.Source.length + ENTRY.DetailType.length;
    assert.equal((await put([detail(1_048_576 - others)])).FailedEntryCount, 0);
    assert.deepEqual(await refusal(put([detail(1_048_577 - others)])), [
      'ValidationException',
      'Total size of the entries in the request is over the limit.',
    ]);
    const [code, message] = await refusal(put(Array.from({ length: 11 }, () => ENTRY)));
    assert.equal(code, 'ValidationException');
    assert.match(
      message,
      /at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10$/,
    );
  });
});

suite('TestEventPattern', () => {
  test('answers whether an event matches, and refuses what is no event', async () => {
    await using world = await startEvents();
    const event = {
      id: '1',
      account: '000000000000',
      source: 'shop',
      time: '2026-01-01T00:00:00Z',
      region: 'us-east-1',
      'detail-type': 'x',
      detail: { a: 1 },
    };
    const check = (EventPattern: string, Event = JSON.stringify(event)) =>
      world.events.send(new eb.TestEventPatternCommand({ EventPattern, Event }));
    assert.equal((await check('{"detail":{"a":[1]}}')).Result, true);
    assert.equal((await check('{"detail":{"a":[2]}}')).Result, false);
    assert.deepEqual(await refusal(check('{"a":[1]}', 'plain text')), [
      'ValidationException',
      'Parameter Event is not valid.',
    ]);
    assert.equal((await refusal(check('{"int": 42}')))[0], 'InvalidEventPatternException');
  });
});

suite('after a restart', () => {
  test('buses, rules, targets, events under way and their traces are as before', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-events-'));
    const settings = { memory: false, dataDir };
    const Rule = { Rule: 'all', EventBusName: 'orders' };
    const describe = async (events: eb.EventBridgeClient) => {
      const answers = await Promise.all([
        events.send(new eb.DescribeEventBusCommand({ Name: 'orders' })),
        events.send(new eb.DescribeRuleCommand({ Name: 'all', EventBusName: 'orders' })),
        events.send(new eb.ListTargetsByRuleCommand(Rule)),
        events.send(new eb.ListRulesCommand({})),
      ]);
      return answers.map((answer) => ({ ...answer, $metadata: undefined }));
    };
    try {
      let before: unknown;
      let eventId = '';
      const queue = { url: '', arn: '' };
      {
        await using world = await startEvents({ settings });
        const { events } = world;
        Object.assign(queue, await world.createQueue('orders'));
        const Tags = [{ Key: 'k', Value: 'v' }];
        await events.send(new eb.CreateEventBusCommand({ Name: 'orders', Tags }));
        await world.putRule('all', { EventBusName: 'orders', Description: 'd' });
        await world.putRule('tick', { EventPattern: undefined, ScheduleExpression: 'rate(5 minutes)' });
        const Targets = [{ Id: 'a', Arn: queue.arn, RetryPolicy: { MaximumRetryAttempts: 3 } }];
        await events.send(new eb.PutTargetsCommand({ ...Rule, Targets }));
        const Entries = [{ ...ENTRY, EventBusName: 'orders' }];
        const put = await events.send(new eb.PutEventsCommand({ Entries }));
        eventId = put.Entries?.[0]?.EventId ?? '';
        before = await describe(events);
      }
      await using world = await startEvents({ settings });
      assert.deepEqual(await describe(world.events), before);
      const url = new URL(queue.url);
      url.port = String(world.server.port);
      const [message] = await world.receive({ url: url.href });
      assert.equal(JSON.parse(message?.Body ?? '').id, eventId);
      const trace = await fetch(`${world.server.endpoint}/_millrace/trace?id=${message?.MessageId}`);
      const { links } = (await trace.json()) as { links: { cause: string; effect: string }[] };
      assert.ok(links.some(({ cause, effect }) => cause === eventId && effect === message?.MessageId));
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
