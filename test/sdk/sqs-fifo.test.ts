/** FIFO queues through the SDK, and where they are targets. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreatePipeCommand, PipesClient } from '@aws-sdk/client-pipes';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { SimClock } from '../../src/testing/sim-clock.ts';
import { startTestServer, type TestServerOptions } from '../../src/testing/test-server.ts';

const FIFO = { FifoQueue: 'true' };
const BY_CONTENT = { ...FIFO, ContentBasedDeduplication: 'true' };
const ROLE_ARN = 'arn:aws:iam::000000000000:role/work';

function queueArn(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

async function startFifo(options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  const config = { ...server.clientConfig(), maxAttempts: 1 };
  const sqs = new SQSClient(config);
  const create = async (name: string, attributes: Record<string, string> = FIFO): Promise<string> => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    assert.ok(QueueUrl);
    return QueueUrl;
  };
  const send = (QueueUrl: string, body: string, more: Partial<SendMessageCommandInput> = {}) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: body,
        MessageGroupId: body.slice(0, 1),
        MessageDeduplicationId: body,
        ...more,
      }),
    );
  const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) => {
    const input = {
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All' as const],
      ...more,
    };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
    return Messages;
  };
  const bodies = async (url: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
    (await receive(url, more)).map(({ Body }) => Body);
  const attributes = async (QueueUrl: string) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};
  return {
    server,
    config,
    sqs,
    create,
    send,
    receive,
    bodies,
    attributes,
    [Symbol.asyncDispose]: async () => {
      sqs.destroy();
      await server.close();
    },
  };
}

suite('FIFO queues through the SDK', () => {
  test('are created with a name and attributes of their own, and described with them', async () => {
    await using fixture = await startFifo();
    const { create, attributes, sqs } = fixture;
    const url = await create('orders.fifo');
    assert.equal(await create('orders.fifo'), url);
    const of = await attributes(url);
    assert.deepEqual(
      [of['FifoQueue'], of['ContentBasedDeduplication'], of['DeduplicationScope'], of['FifoThroughputLimit']],
      ['true', 'false', 'queue', 'perQueue'],
    );
    const high = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: high }));
    assert.equal((await attributes(url))['DeduplicationScope'], 'messageGroup');
    assert.equal((await attributes(await create('plain', {})))['FifoQueue'], undefined);
  });

  test('refuse names, attributes and dead-letter queues that do not fit', async () => {
    await using fixture = await startFifo();
    const { create, sqs } = fixture;
    const refused = (name: string, attributes: Record<string, string>, message: RegExp) =>
      assert.rejects(create(name, attributes), message);
    await refused('orders', FIFO, /must end with \.fifo suffix and be 1 to 80 in length/);
    await refused('orders.fifo', {}, /Can only include alphanumeric characters, hyphens, or underscores/);
    await refused('orders', { FifoQueue: 'false' }, /Unknown Attribute FifoQueue/);
    await refused('orders', { ContentBasedDeduplication: 'true' }, /Unknown Attribute ContentBased/);
    await refused('o.fifo', { ...FIFO, DeduplicationScope: 'all' }, /Invalid value for the parameter Dedup/);
    await refused(
      'o.fifo',
      { ...FIFO, FifoThroughputLimit: 'perMessageGroupId' },
      /allowed only when the value for DeduplicationScope is messageGroup/,
    );
    await create('plain', {});
    const url = await create('orders.fifo');
    const redrive = (name: string) =>
      JSON.stringify({ deadLetterTargetArn: queueArn(name), maxReceiveCount: 1 });
    await refused('o.fifo', { ...FIFO, RedrivePolicy: redrive('plain') }, /must be same type of queue/);
    await refused('other', { RedrivePolicy: redrive('orders.fifo') }, /must be same type of queue/);
    await assert.rejects(
      sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { FifoQueue: 'false' } })),
      /Modifying queue type is not supported/,
    );
  });

  test('keep the order of a group, and tell a message by its group, id and sequence number', async () => {
    await using fixture = await startFifo();
    const { create, send, receive, bodies, sqs } = fixture;
    const url = await create('orders.fifo');
    const sent = [];
    for (const body of ['a1', 'a2', 'b1']) sent.push(await send(url, body));
    const [first] = await receive(url, { MaxNumberOfMessages: 1 });
    const of = first?.Attributes ?? {};
    assert.deepEqual(
      [of['MessageGroupId'], of['MessageDeduplicationId'], of['SequenceNumber']],
      ['a', 'a1', sent[0]?.SequenceNumber],
    );
    assert.deepEqual(await bodies(url), ['b1']);
    assert.deepEqual(await bodies(url), []);
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle }));
    const [second] = await receive(url);
    assert.equal(second?.Body, 'a2');
    const returned = { QueueUrl: url, ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 };
    await sqs.send(new ChangeMessageVisibilityCommand(returned));
    assert.deepEqual(await bodies(url), ['a2']);
    await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
    assert.deepEqual(await bodies(url), []);
  });

  test('wake a receiver that waits for a group that is in flight', async () => {
    await using fixture = await startFifo();
    const { create, send, receive, bodies, sqs } = fixture;
    const url = await create('orders.fifo');
    await send(url, 'a1');
    await send(url, 'a2');
    const [first] = await receive(url, { MaxNumberOfMessages: 1 });
    const waiting = bodies(url, { WaitTimeSeconds: 20 });
    await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle }));
    assert.deepEqual(await waiting, ['a2']);
  });

  test('take a message that is sent again once, and answer as they did before', async () => {
    const clock = new SimClock();
    await using fixture = await startFifo({ clock });
    const { create, send, bodies } = fixture;
    const url = await create('orders.fifo', BY_CONTENT);
    const byContent = { MessageDeduplicationId: undefined };
    const first = await send(url, 'a1', byContent);
    const again = await send(url, 'a1', byContent);
    assert.deepEqual(
      [again.MessageId, again.SequenceNumber, again.MD5OfMessageBody],
      [first.MessageId, first.SequenceNumber, first.MD5OfMessageBody],
    );
    const other = await send(url, 'a1', { MessageDeduplicationId: 'another' });
    assert.ok((other.SequenceNumber ?? '') > (first.SequenceNumber ?? ''));
    assert.deepEqual(await bodies(url), ['a1', 'a1']);
    await clock.advance(300_000);
    assert.notEqual((await send(url, 'a1', byContent)).MessageId, first.MessageId);
  });

  test('refuse messages and receives that do not fit, entry by entry in a batch', async () => {
    await using fixture = await startFifo();
    const { create, send, receive, sqs } = fixture;
    const url = await create('orders.fifo');
    const plain = await create('plain', {});
    await assert.rejects(send(url, 'a', { MessageGroupId: undefined }), {
      name: 'MissingParameter',
      message: 'The request must contain the parameter MessageGroupId.',
    });
    await assert.rejects(send(url, 'a', { MessageDeduplicationId: undefined }), {
      name: 'InvalidParameterValue',
      message:
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    });
    await assert.rejects(send(url, 'a', { DelaySeconds: 5 }), {
      message:
        'Value 5 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
    });
    await assert.rejects(
      send(url, 'a', { MessageGroupId: 'with space' }),
      /punctuation characters. 1 to 128/,
    );
    await assert.rejects(receive(plain, { ReceiveRequestAttemptId: 'x' }), /not valid for this queue type/);
    const { Successful = [], Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'good', MessageBody: 'a1', MessageGroupId: 'a', MessageDeduplicationId: 'a1' },
          { Id: 'bad', MessageBody: 'a2', MessageDeduplicationId: 'a2' },
          { Id: 'again', MessageBody: 'a1', MessageGroupId: 'a', MessageDeduplicationId: 'a1' },
        ],
      }),
    );
    assert.deepEqual(
      Failed.map(({ Id, Code }) => [Id, Code]),
      [['bad', 'MissingParameter']],
    );
    assert.deepEqual([Successful[1]?.Id, Successful[1]?.MessageId], ['again', Successful[0]?.MessageId]);
    assert.equal(Successful[1]?.SequenceNumber, Successful[0]?.SequenceNumber);
  });

  test('let nobody delete a message that somebody else has by now', async () => {
    const clock = new SimClock();
    await using fixture = await startFifo({ clock });
    const { create, send, receive, bodies, sqs } = fixture;
    const url = await create('orders.fifo');
    await send(url, 'a1');
    await send(url, 'a2');
    const [late] = await receive(url, { MaxNumberOfMessages: 1 });
    await clock.advance(30_000);
    const expired = /Reason: The receipt handle has expired/;
    const remove = (ReceiptHandle: string | undefined) =>
      sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    await assert.rejects(remove(late?.ReceiptHandle), expired);
    const [current] = await receive(url, { MaxNumberOfMessages: 1 });
    await assert.rejects(remove(late?.ReceiptHandle), expired);
    const shorter = { QueueUrl: url, ReceiptHandle: late?.ReceiptHandle, VisibilityTimeout: 0 };
    await assert.rejects(
      sqs.send(new ChangeMessageVisibilityCommand(shorter)),
      /not available for visibility/,
    );
    await remove(current?.ReceiptHandle);
    await remove(current?.ReceiptHandle);
    assert.deepEqual(await bodies(url), ['a2']);
  });

  test('repeat a receive that got no answer', async () => {
    await using fixture = await startFifo();
    const { create, send, receive } = fixture;
    const url = await create('orders.fifo');
    for (const body of ['a1', 'a2']) await send(url, body);
    const options = { ReceiveRequestAttemptId: 'attempt-1' };
    const handles = async () => (await receive(url, options)).map(({ ReceiptHandle }) => ReceiptHandle);
    const first = await handles();
    assert.equal(first.length, 2);
    assert.deepEqual(await handles(), first);
  });

  test('give up messages to a FIFO queue, in order and with their ids', async () => {
    const clock = new SimClock();
    await using fixture = await startFifo({ clock });
    const { create, send, bodies, receive } = fixture;
    const dead = await create('dead.fifo');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('dead.fifo'), maxReceiveCount: 1 });
    const url = await create('orders.fifo', { ...FIFO, RedrivePolicy });
    for (const body of ['a1', 'a2']) await send(url, body);
    await bodies(url);
    await clock.advance(30_000);
    assert.deepEqual(await bodies(url), []);
    const letters = await receive(dead);
    assert.deepEqual(
      letters.map(({ Body, Attributes }) => [Body, Attributes?.['MessageGroupId']]),
      [
        ['a1', 'a'],
        ['a2', 'a'],
      ],
    );
    assert.equal(letters[0]?.Attributes?.['DeadLetterQueueSourceArn'], queueArn('orders.fifo'));
  });
});

suite('a FIFO queue as a target', () => {
  test('of a rule gets events in the group of the target', async () => {
    await using fixture = await startFifo();
    const url = await fixture.create('events.fifo', BY_CONTENT);
    const events = new EventBridgeClient(fixture.config);
    await events.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["shop"]}' }));
    const target = { Id: 'queue', Arn: queueArn('events.fifo') };
    await assert.rejects(
      events.send(new PutTargetsCommand({ Rule: 'all', Targets: [target] })),
      /SqsParameters/,
    );
    const SqsParameters = { MessageGroupId: 'shop' };
    await events.send(new PutTargetsCommand({ Rule: 'all', Targets: [{ ...target, SqsParameters }] }));
    const entry = { Source: 'shop', DetailType: 'Order', Detail: '{}' };
    await events.send(new PutEventsCommand({ Entries: [entry, entry] }));
    const messages = await fixture.receive(url, { WaitTimeSeconds: 10 });
    assert.deepEqual(
      messages.map(({ Attributes }) => Attributes?.['MessageGroupId']),
      ['shop', 'shop'],
    );
    events.destroy();
  });

  test('of a pipe gets each record in the group that its parameters find in it', async () => {
    await using fixture = await startFifo();
    const { create, send, receive } = fixture;
    const source = await create('source.fifo');
    const url = await create('outlet.fifo', BY_CONTENT);
    const pipes = new PipesClient(fixture.config);
    await pipes.send(
      new CreatePipeCommand({
        Name: 'orders',
        RoleArn: ROLE_ARN,
        Source: queueArn('source.fifo'),
        Target: queueArn('outlet.fifo'),
        TargetParameters: {
          SqsQueueParameters: {
            MessageGroupId: '$.attributes.MessageGroupId',
            MessageDeduplicationId: '$.messageId',
          },
        },
      }),
    );
    for (const body of ['a1', 'b1', 'a2']) await send(source, body);
    const seen: (string | undefined)[] = [];
    while (seen.length < 3) {
      for (const { Attributes, Body = '{}', ReceiptHandle } of await receive(url, { WaitTimeSeconds: 10 })) {
        const { body } = JSON.parse(Body) as { body: string };
        assert.equal(Attributes?.['MessageGroupId'], body.slice(0, 1));
        seen.push(body);
        await fixture.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      }
    }
    assert.ok(seen.indexOf('a1') < seen.indexOf('a2'));
    pipes.destroy();
  });

  test('of a task gets the ids that the task gives', async () => {
    await using fixture = await startFifo();
    const url = await fixture.create('tasks.fifo');
    const states = new SFNClient(fixture.config);
    const definition = {
      StartAt: 'Send',
      States: {
        Send: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage',
          Parameters: {
            QueueUrl: url,
            'MessageBody.$': '$.text',
            'MessageGroupId.$': '$.group',
            'MessageDeduplicationId.$': '$$.Execution.Name',
          },
          End: true,
        },
      },
    };
    const { stateMachineArn } = await states.send(
      new CreateStateMachineCommand({
        name: 'tell',
        roleArn: ROLE_ARN,
        definition: JSON.stringify(definition),
      }),
    );
    const input = JSON.stringify({ text: 'hello', group: 'g' });
    await states.send(new StartExecutionCommand({ stateMachineArn, name: 'run-1', input }));
    const [message] = await fixture.receive(url, { WaitTimeSeconds: 10 });
    const of = message?.Attributes ?? {};
    assert.deepEqual(
      [message?.Body, of['MessageGroupId'], of['MessageDeduplicationId']],
      ['hello', 'g', 'run-1'],
    );
    states.destroy();
  });
});
