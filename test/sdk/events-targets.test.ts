/** What targets get of an event, through the SDKs: messages, executions, events of other buses, dead letters. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as eb from '@aws-sdk/client-eventbridge';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { ENTRY, startEvents } from './events-fixture.ts';

const ROLE = 'arn:aws:iam::000000000000:role/events';
const ARN = 'arn:aws:events:us-east-1:000000000000';

async function startTargets() {
  const world = await startEvents();
  const { events } = world;
  /** A rule for all orders, with these targets. */
  const route = async (name: string, Targets: eb.Target[], EventBusName = 'default') => {
    await world.putRule(name, { EventBusName });
    await events.send(new eb.PutTargetsCommand({ Rule: name, EventBusName, Targets }));
  };
  const put = async (Detail: string) => {
    const { Entries } = await events.send(new eb.PutEventsCommand({ Entries: [{ ...ENTRY, Detail }] }));
    return Entries?.[0]?.EventId ?? '';
  };
  return Object.assign(world, { route, put });
}

suite('a target', () => {
  test('gets the constant, the part or the text that its input asks for', async () => {
    await using world = await startTargets();
    const queue = await world.createQueue('orders');
    await world.route('r', [
      { Id: 'constant', Arn: queue.arn, Input: '{"a": 1.0}' },
      { Id: 'part', Arn: queue.arn, InputPath: '$.detail.order' },
      {
        Id: 'text',
        Arn: queue.arn,
        InputTransformer: {
          InputPathsMap: { id: '$.detail.order.id' },
          InputTemplate: '{"id": <id>, "rule": <aws.events.rule-name>}',
        },
      },
    ]);
    await world.put('{"order": {"id": 7}}');
    const bodies = (await world.receive(queue)).map(({ Body: body = '' }) => body);
    assert.deepEqual(bodies.slice(0, 2), ['{"a": 1.0}', '{"id": 7}']);
    assert.deepEqual(JSON.parse(bodies[2] ?? ''), { id: 7, rule: 'r' });
  });

  test('that is a state machine starts an execution with the event as its input', async () => {
    await using world = await startTargets();
    const states = new SFNClient(world.server.clientConfig());
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
    const { stateMachineArn } = await states.send(
      new CreateStateMachineCommand({ name: 'orders', roleArn: ROLE, definition }),
    );
    await world.route('r', [{ Id: 'machine', Arn: stateMachineArn, RoleArn: ROLE }]);
    const id = await world.put('{"order":1}');
    const { executions } = await states.send(new ListExecutionsCommand({ stateMachineArn }));
    const executionArn = executions?.[0]?.executionArn;
    const { input = '' } = await states.send(new DescribeExecutionCommand({ executionArn }));
    assert.equal(JSON.parse(input).id, id);
    const trace = await fetch(`${world.server.endpoint}/_millrace/trace?id=${executionArn}`);
    const { links } = (await trace.json()) as { links: { cause: string; effect: string }[] };
    assert.ok(links.some(({ cause, effect }) => cause === id && effect === executionArn));
  });

  test('that is another bus passes the event through the rules there', async () => {
    await using world = await startTargets();
    const queue = await world.createQueue('orders');
    await world.events.send(new eb.CreateEventBusCommand({ Name: 'second' }));
    await world.route('on', [{ Id: 'bus', Arn: `${ARN}:event-bus/second`, RoleArn: ROLE }]);
    await world.route('here', [{ Id: 'queue', Arn: queue.arn }], 'second');
    await world.put('{"order":1}');
    const [message] = await world.receive(queue);
    assert.deepEqual(JSON.parse(message?.Body ?? '').detail, { order: 1 });
  });

  test('that does not exist sends the event to its dead-letter queue, with the reason', async () => {
    await using world = await startTargets();
    const dead = await world.createQueue('dead');
    const missing = 'arn:aws:states:us-east-1:000000000000:stateMachine:missing';
    const DeadLetterConfig = { Arn: dead.arn };
    await world.route('r', [{ Id: 'machine', Arn: missing, RoleArn: ROLE, DeadLetterConfig }]);
    const id = await world.put('{"order":1}');
    const [letter] = await world.receive(dead);
    assert.equal(JSON.parse(letter?.Body ?? '').id, id);
    const attributes = Object.entries(letter?.MessageAttributes ?? {});
    assert.deepEqual(Object.fromEntries(attributes.map(([name, { StringValue: text }]) => [name, text])), {
      RULE_ARN: `${ARN}:rule/r`,
      TARGET_ARN: missing,
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: `StateMachineDoesNotExist: State Machine Does Not Exist: '${missing}'`,
    });
  });
});
