/** Buses, rules and targets as the SDK of EventBridge sees them. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as eb from '@aws-sdk/client-eventbridge';
import { refusal, startEvents } from './events-fixture.ts';

suite('buses', () => {
  test('are created, described, updated, listed in pages and deleted', async () => {
    await using world = await startEvents();
    const { events } = world;
    const Tags = [{ Key: 'team', Value: 'a' }];
    const created = await events.send(
      new eb.CreateEventBusCommand({ Name: 'orders', Description: 'd', Tags }),
    );
    assert.equal(created.EventBusArn, 'arn:aws:events:us-east-1:000000000000:event-bus/orders');
    const described = await events.send(new eb.DescribeEventBusCommand({ Name: created.EventBusArn }));
    assert.equal(described.Name, 'orders');
    assert.equal(described.Description, 'd');
    assert.ok(described.CreationTime instanceof Date);
    const first = await events.send(new eb.ListEventBusesCommand({ Limit: 1 }));
    const rest = await events.send(new eb.ListEventBusesCommand({ NextToken: first.NextToken }));
    const names = [...(first.EventBuses ?? []), ...(rest.EventBuses ?? [])].map(({ Name }) => Name);
    assert.deepEqual(names, ['default', 'orders']);
    await events.send(new eb.UpdateEventBusCommand({ Name: 'orders', Description: 'e' }));
    const updated = await events.send(new eb.DescribeEventBusCommand({ Name: 'orders' }));
    assert.equal(updated.Description, 'e');
    await world.putRule('r', { EventBusName: 'orders' });
    const remove = () => events.send(new eb.DeleteEventBusCommand({ Name: 'orders' }));
    assert.deepEqual(await refusal(remove()), [
      'ValidationException',
      "EventBus can't be deleted since it has rules.",
    ]);
    await events.send(new eb.DeleteRuleCommand({ Name: 'r', EventBusName: 'orders' }));
    await remove();
    await remove();
    assert.deepEqual(await refusal(events.send(new eb.DescribeEventBusCommand({ Name: 'orders' }))), [
      'ResourceNotFoundException',
      'Event bus orders does not exist.',
    ]);
  });

  test('are refused in the words of AWS', async () => {
    await using world = await startEvents();
    const { events } = world;
    assert.deepEqual(await refusal(events.send(new eb.CreateEventBusCommand({ Name: 'default' }))), [
      'ResourceAlreadyExistsException',
      'Event bus default already exists.',
    ]);
    assert.deepEqual(await refusal(events.send(new eb.DeleteEventBusCommand({ Name: 'default' }))), [
      'ValidationException',
      'Cannot delete event bus default.',
    ]);
    assert.deepEqual(await refusal(world.putRule('r', { EventBusName: 'us-east-1' })), [
      'ResourceNotFoundException',
      'Event bus us-east-1 does not exist.',
    ]);
  });

  test('keep a policy in the shape of AWS, statement by statement', async () => {
    await using world = await startEvents();
    const { events } = world;
    const permit = (StatementId: string, Principal: string, Condition?: eb.Condition) =>
      events.send(
        new eb.PutPermissionCommand({ Action: 'events:PutEvents', StatementId, Principal, Condition }),
      );
    const policy = async () => {
      const { Policy } = await events.send(new eb.DescribeEventBusCommand({}));
      return Policy === undefined ? undefined : JSON.parse(Policy);
    };
    await permit('one', '111111111111');
    await permit('two', '*', { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1' });
    const common = { Effect: 'Allow', Action: 'events:PutEvents' };
    const Resource = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
    const two = {
      Sid: 'two',
      ...common,
      Principal: '*',
      Resource,
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
    };
    assert.deepEqual(await policy(), {
      Version: '2012-10-17',
      Statement: [
        { Sid: 'one', ...common, Principal: { AWS: 'arn:aws:iam::111111111111:root' }, Resource },
        two,
      ],
    });
    const remove = (StatementId: string) => events.send(new eb.RemovePermissionCommand({ StatementId }));
    await remove('one');
    assert.deepEqual((await policy()).Statement, [two]);
    assert.deepEqual(await refusal(remove('one')), [
      'ResourceNotFoundException',
      'Statement with the provided id does not exist.',
    ]);
    await remove('two');
    assert.equal(await policy(), undefined);
  });
});

suite('rules', () => {
  test('are replaced by PutRule but keep their targets and tags', async () => {
    await using world = await startEvents();
    const { events } = world;
    const queue = await world.createQueue('orders');
    const Tags = [{ Key: 'team', Value: 'a' }];
    const { RuleArn } = await world.putRule('r', { Description: 'd', Tags });
    assert.equal(RuleArn, 'arn:aws:events:us-east-1:000000000000:rule/r');
    await events.send(new eb.PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 'a', Arn: queue.arn }] }));
    await world.putRule('r', { EventPattern: '{"source":["bank"]}', State: 'DISABLED' });
    const { $metadata: _, ...rule } = await events.send(new eb.DescribeRuleCommand({ Name: 'r' }));
    assert.deepEqual(rule, {
      Name: 'r',
      Arn: RuleArn,
      EventBusName: 'default',
      EventPattern: '{"source":["bank"]}',
      State: 'DISABLED',
      CreatedBy: '000000000000',
    });
    const { Targets } = await events.send(new eb.ListTargetsByRuleCommand({ Rule: 'r' }));
    assert.deepEqual(Targets, [{ Id: 'a', Arn: queue.arn }]);
    const tags = await events.send(new eb.ListTagsForResourceCommand({ ResourceARN: RuleArn }));
    assert.deepEqual(tags.Tags, Tags);
    const byTarget = await events.send(new eb.ListRuleNamesByTargetCommand({ TargetArn: queue.arn }));
    assert.deepEqual(byTarget.RuleNames, ['r']);
  });

  test('are listed by prefix in pages, switched on and off, tagged and deleted', async () => {
    await using world = await startEvents();
    const { events } = world;
    const EventBusName = 'orders';
    await events.send(new eb.CreateEventBusCommand({ Name: EventBusName }));
    for (const name of ['a1', 'a2', 'b1']) await world.putRule(name, { EventBusName });
    const page = (NextToken?: string) =>
      events.send(new eb.ListRulesCommand({ EventBusName, NamePrefix: 'a', Limit: 1, NextToken }));
    const first = await page();
    const second = await page(first.NextToken);
    assert.deepEqual(
      [first.Rules?.[0]?.Name, second.Rules?.[0]?.Name, second.NextToken],
      ['a1', 'a2', undefined],
    );
    const state = async () =>
      (await events.send(new eb.DescribeRuleCommand({ EventBusName, Name: 'a1' }))).State;
    await events.send(new eb.DisableRuleCommand({ EventBusName, Name: 'a1' }));
    assert.equal(await state(), 'DISABLED');
    await events.send(new eb.EnableRuleCommand({ EventBusName, Name: 'a1' }));
    assert.equal(await state(), 'ENABLED');
    const ResourceARN = 'arn:aws:events:us-east-1:000000000000:rule/orders/a1';
    await events.send(new eb.TagResourceCommand({ ResourceARN, Tags: [{ Key: 'k', Value: 'v' }] }));
    const tags = () => events.send(new eb.ListTagsForResourceCommand({ ResourceARN }));
    assert.deepEqual((await tags()).Tags, [{ Key: 'k', Value: 'v' }]);
    await events.send(new eb.UntagResourceCommand({ ResourceARN, TagKeys: ['k'] }));
    assert.deepEqual((await tags()).Tags, []);
    await events.send(new eb.DeleteRuleCommand({ EventBusName, Name: 'a1' }));
    assert.deepEqual(await refusal(tags()), [
      'ResourceNotFoundException',
      'Rule a1 does not exist on EventBus orders.',
    ]);
  });

  test('are refused in the words of AWS', async () => {
    await using world = await startEvents();
    const { events } = world;
    const queue = await world.createQueue('orders');
    await events.send(new eb.CreateEventBusCommand({ Name: 'orders' }));
    const rate = { EventPattern: undefined, ScheduleExpression: 'rate(1 minute)' };
    const messages = [
      await refusal(events.send(new eb.DescribeRuleCommand({ Name: 'r' }))),
      await refusal(world.putRule('r', { ...rate, EventBusName: 'orders' })),
      await refusal(world.putRule('r', { ...rate, ScheduleExpression: 'cron(INVALID)' })),
      await refusal(world.putRule('r', { EventPattern: undefined })),
      await refusal(world.putRule('r', { EventPattern: '{"resources": []}' })),
    ].map(([, message]) => message);
    assert.deepEqual(messages, [
      'Rule r does not exist on EventBus default.',
      'ScheduleExpression is supported only on the default event bus.',
      'Parameter ScheduleExpression is not valid.',
      'Parameter(s) EventPattern or ScheduleExpression must be specified.',
      'Event pattern is not valid. Reason: Empty arrays are not allowed\n at [Source: (String)"{"resources": []}"; line: 1, column: 17]',
    ]);
    await world.putRule('r');
    await events.send(new eb.PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 'a', Arn: queue.arn }] }));
    assert.deepEqual(await refusal(events.send(new eb.DeleteRuleCommand({ Name: 'r' }))), [
      'ValidationException',
      "Rule can't be deleted since it has targets.",
    ]);
  });

  test('are at most 300 on a bus', async () => {
    await using world = await startEvents();
    await Promise.all(Array.from({ length: 300 }, (_, number) => world.putRule(`r${number}`)));
    assert.equal((await refusal(world.putRule('one-more')))[0], 'LimitExceededException');
    await world.putRule('r0');
  });
});

suite('targets', () => {
  const put = (events: eb.EventBridgeClient, ...Targets: eb.Target[]) =>
    events.send(new eb.PutTargetsCommand({ Rule: 'r', Targets }));

  test('are at most five of a rule, and those of the same id are replaced', async () => {
    await using world = await startEvents();
    const { events } = world;
    const queue = await world.createQueue('orders');
    await world.putRule('r');
    const targets = ['a', 'b', 'c', 'd', 'e', 'f'].map((Id) => ({ Id, Arn: queue.arn }));
    assert.deepEqual(await refusal(put(events, ...targets)), [
      'LimitExceededException',
      'The requested resource exceeds the maximum number allowed.',
    ]);
    await put(events, ...targets.slice(0, 5));
    await put(events, { Id: 'a', Arn: queue.arn, RetryPolicy: { MaximumRetryAttempts: 1 } });
    const removed = await events.send(new eb.RemoveTargetsCommand({ Rule: 'r', Ids: ['b', 'z'] }));
    assert.deepEqual(removed.FailedEntries, [
      {
        TargetId: 'z',
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: "Rule 'r' does not have a target with the Id 'z'.",
      },
    ]);
    const { Targets } = await events.send(new eb.ListTargetsByRuleCommand({ Rule: 'r', Limit: 2 }));
    assert.deepEqual(Targets, [
      { Id: 'a', Arn: queue.arn, RetryPolicy: { MaximumRetryAttempts: 1 } },
      { Id: 'c', Arn: queue.arn },
    ]);
  });

  test('of a kind that is not here are refused, and so are members that would be ignored', async () => {
    await using world = await startEvents();
    const { events } = world;
    await world.putRule('r');
    const arn = (service: string, resource: string) =>
      `arn:aws:${service}:us-east-1:000000000000:${resource}`;
    const cases: [eb.Target, string][] = [
      [{ Id: 'a', Arn: arn('sns', 'topic') }, 'A target of the service sns'],
      [{ Id: 'a', Arn: arn('ecs', 'cluster/c') }, 'A target of the service ecs'],
      [{ Id: 'a', Arn: arn('events', 'api-destination/a/b') }, 'A target such as api-destination'],
      [
        { Id: 'a', Arn: arn('sqs', 'q'), KinesisParameters: { PartitionKeyPath: '$.id' } },
        'The member KinesisParameters of a target',
      ],
    ];
    for (const [target, what] of cases) {
      assert.deepEqual(await refusal(put(events, target)), [
        'NotImplemented',
        `${what} is not implemented by Millrace yet.`,
      ]);
    }
    assert.deepEqual(await refusal(put(events, { Id: 'a', Arn: 'nonsense' })), [
      'ValidationException',
      'Parameter nonsense is not valid. Reason: Provided Arn is not in correct format.',
    ]);
    const bus = arn('events', 'event-bus/orders');
    assert.deepEqual(await refusal(put(events, { Id: 'a', Arn: bus })), [
      'ValidationException',
      `RoleArn is required for target ${bus}.`,
    ]);
  });
});
