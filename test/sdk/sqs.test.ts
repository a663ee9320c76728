import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { SimClock } from '../../src/testing/sim-clock.ts';
import { startTestServer, type TestServerOptions } from '../../src/testing/test-server.ts';

async function startSqs(options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  const sqs = new SQSClient({ ...server.clientConfig(), maxAttempts: 1 });
  const create = async (name: string, attributes: Record<string, string> = {}): Promise<string> => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    assert.ok(QueueUrl);
    return QueueUrl;
  };
  return {
    server,
    sqs,
    create,
    [Symbol.asyncDispose]: async () => {
      sqs.destroy();
      await server.close();
    },
  };
}

suite('SQS through the SDK', () => {
  test('creates, finds, lists and deletes queues', async () => {
    await using fixture = await startSqs();
    const { sqs, server, create } = fixture;
    const url = await create('orders');
    assert.equal(url, `${server.endpoint}/000000000000/orders`);
    assert.equal(await create('orders'), url);
    assert.equal((await sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }))).QueueUrl, url);
    await create('other');
    assert.deepEqual((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'ord' }))).QueueUrls, [url]);
    const first = await sqs.send(new ListQueuesCommand({ MaxResults: 1 }));
    const second = await sqs.send(new ListQueuesCommand({ MaxResults: 1, NextToken: first.NextToken }));
    assert.deepEqual(
      [first.QueueUrls?.[0], second.QueueUrls?.[0]],
      [url, `${server.endpoint}/000000000000/other`],
    );
    assert.equal(second.NextToken, undefined);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' })), {
      name: 'QueueDoesNotExist',
    });
  });

  test('refuses to create a queue again with another value of an attribute', async () => {
    await using fixture = await startSqs();
    await fixture.create('orders', { VisibilityTimeout: '10' });
    await assert.rejects(fixture.create('orders', { VisibilityTimeout: '20' }), {
      name: 'QueueNameExists',
      message:
        'A queue already exists with the same name and a different value for attribute VisibilityTimeout',
    });
  });

  test('delivers bodies and attributes with digests that the SDK checks', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const QueueUrl = await create('orders');
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'grüße 🌊',
        MessageAttributes: {
          text: { DataType: 'String', StringValue: 'x' },
          'bar.count': { DataType: 'Number.int', StringValue: '7' },
          bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
        },
      }),
    );
    assert.equal(sent.MD5OfMessageBody, createHash('md5').update('grüße 🌊').digest('hex'));
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    const [message] = Messages ?? [];
    assert.equal(message?.Body, 'grüße 🌊');
    assert.equal(message?.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
    assert.deepEqual(message?.MessageAttributes?.['bytes']?.BinaryValue, Uint8Array.of(0, 255));
    assert.equal(message?.Attributes?.ApproximateReceiveCount, '1');
  });

  test('refuses of a message what it could not keep', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const QueueUrl = await create('orders');
    const MessageBody = 'a';
    const trace = { DataType: 'String', StringValue: 'Root=1' };
    await assert.rejects(
      sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody,
          MessageAttributes: { list: { DataType: 'String', StringValue: 'x', StringListValues: ['y'] } },
        }),
      ),
      { name: 'UnsupportedOperation' },
    );
    await assert.rejects(
      sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody,
          MessageSystemAttributes: { Other: trace } as never,
        }),
      ),
      { name: 'InvalidParameterValue' },
    );
    await sqs.send(
      new SendMessageCommand({ QueueUrl, MessageBody, MessageSystemAttributes: { AWSTraceHeader: trace } }),
    );
    const large = { DataType: 'String', StringValue: 'x'.repeat(600_000) };
    await assert.rejects(
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: ['a', 'b'].map((Id) => ({ Id, MessageBody, MessageAttributes: { large } })),
        }),
      ),
      { name: 'BatchRequestTooLong' },
    );
  });

  test('gives dead letters to a queue that is there, and to no other', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const policy = (account: string) =>
      JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:us-east-1:${account}:dead`,
        maxReceiveCount: 1,
      });
    const RedrivePolicy = policy('000000000000');
    const refused = {
      name: 'InvalidParameterValue',
      message: `Value ${RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
    };
    await assert.rejects(create('orders', { RedrivePolicy }), refused);
    await create('dead');
    const QueueUrl = await create('orders', { RedrivePolicy });
    await assert.rejects(
      sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl,
          Attributes: { RedrivePolicy: policy('123456789012') },
        }),
      ),
      { name: 'InvalidParameterValue' },
    );
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: '' } }));
  });

  test('gives dead letters only to a queue that takes them', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 });
    const QueueUrl = await create('dead');
    const allow = (RedriveAllowPolicy: object) =>
      sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl,
          Attributes: { RedriveAllowPolicy: JSON.stringify(RedriveAllowPolicy) },
        }),
      );
    const refused = { name: 'InvalidParameterValue', message: /RedrivePolicy.* does not allow this queue/ };
    await allow({ redrivePermission: 'denyAll' });
    await assert.rejects(create('a', { RedrivePolicy }), refused);
    await allow({ redrivePermission: 'byQueue', sourceQueueArns: [arn('a')] });
    await create('a', { RedrivePolicy });
    const other = await create('b');
    const name = new SetQueueAttributesCommand({ QueueUrl: other, Attributes: { RedrivePolicy } });
    await assert.rejects(sqs.send(name), refused);
    await allow({ redrivePermission: 'allowAll' });
    await sqs.send(name);
    for (const [policy, expected] of [
      [{ redrivePermission: 'byQueue' }, /you must also specify one or more sourceQueueArns/],
      [{ redrivePermission: 'denyAll', sourceQueueArns: [arn('a')] }, /you must set redrivePermission/],
      [
        { redrivePermission: 'byQueue', sourceQueueArns: Array(11).fill(arn('a')) },
        /maximum number .* is 10/,
      ],
      [{ redrivePermission: 'sometimes' }, /^Invalid value for the parameter RedriveAllowPolicy\.$/],
      [{ redrivePermission: 'byQueue', sourceQueueArns: arn('a') }, /^Invalid value for/],
      [{ redrivePermission: 'allowAll', more: 1 }, /^Invalid value for/],
      [[], /^Invalid value for/],
    ] as const) {
      await assert.rejects(allow(policy), { message: expected });
    }
  });

  test('lists the queues whose dead letters a queue takes under their own account', async () => {
    await using fixture = await startSqs();
    const { sqs, create, server } = fixture;
    const QueueUrl = await create('dead');
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:dead';
    const source = await create('orders', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }),
    });
    const stranger = new SQSClient(server.clientConfig({ accessKeyId: '123456789012' }));
    for (const caller of [sqs, stranger]) {
      const { queueUrls } = await caller.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl }));
      assert.deepEqual(queueUrls, [source]);
    }
    stranger.destroy();
  });

  test('takes a policy of the right form and refuses any other', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const QueueUrl = await create('orders');
    const set = (Policy: string) =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' };
    await set(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
    await set(JSON.stringify({ Statement: statement }));
    const { Principal: _, ...anonymous } = statement;
    for (const policy of [
      'no JSON',
      '[]',
      '{}',
      JSON.stringify({ Statement: [] }),
      JSON.stringify({ Version: '2020-01-01', Statement: [statement] }),
      JSON.stringify({ Statement: [{ ...statement, Effect: 'Maybe' }] }),
      JSON.stringify({ Statement: [anonymous] }),
    ]) {
      await assert.rejects(
        set(policy),
        { name: 'InvalidAttributeValue', message: 'Invalid value for the parameter Policy.' },
        policy,
      );
    }
    await set('');
  });

  test('answers attributes as texts, changes them, and counts messages', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const QueueUrl = await create('orders', { DelaySeconds: '0' });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '5' } }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    assert.equal(Attributes?.VisibilityTimeout, '5');
    assert.equal(Attributes?.ApproximateNumberOfMessages, '1');
    assert.equal(Attributes?.QueueArn, 'arn:aws:sqs:us-east-1:000000000000:orders');
    await assert.rejects(
      sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '-1' } })),
      { name: 'InvalidAttributeValue' },
    );
  });

  test('wakes a long poll at once when a message is sent, and gives it to nobody else', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const QueueUrl = await create('orders');
    const polling = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'now' }));
    assert.equal((await polling).Messages?.[0]?.Body, 'now');
    assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
  });

  test('shows a message again after its visibility timeout, and deletes it by its handle', async () => {
    const clock = new SimClock();
    await using fixture = await startSqs({ clock });
    const { sqs, create } = fixture;
    const QueueUrl = await create('orders');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    const receive = async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0];
    const first = await receive();
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 100,
      }),
    );
    await clock.advance(99_000);
    assert.equal(await receive(), undefined);
    await clock.advance(1000);
    const second = await receive();
    assert.equal(second?.MessageId, first?.MessageId);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    await clock.advance(60_000);
    assert.equal(await receive(), undefined);
  });

  test('sends and deletes in batches, each entry with an answer of its own', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const QueueUrl = await create('orders');
    const sent = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'first' },
          { Id: 'b', MessageBody: 'second', DelaySeconds: 1000 },
        ],
      }),
    );
    assert.deepEqual(
      sent.Successful?.map(({ Id }) => Id),
      ['a'],
    );
    assert.deepEqual(
      sent.Failed?.map(({ Id, Code }) => [Id, Code]),
      [['b', 'InvalidParameterValue']],
    );
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'ok', ReceiptHandle: Messages[0]?.ReceiptHandle },
          { Id: 'bad', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    assert.deepEqual(
      deleted.Successful?.map(({ Id }) => Id),
      ['ok'],
    );
    assert.deepEqual(
      deleted.Failed?.map(({ Id, Code }) => [Id, Code]),
      [['bad', 'ReceiptHandleIsInvalid']],
    );
    await assert.rejects(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [] })), {
      name: 'EmptyBatchRequest',
    });
  });

  test('keeps tags, and purges', async () => {
    await using fixture = await startSqs();
    const { sqs, create } = fixture;
    const QueueUrl = await create('orders');
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'blue', stage: 'test' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['stage'] }));
    assert.deepEqual((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { team: 'blue' });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
  });

  test('keeps accounts and regions apart', async () => {
    await using fixture = await startSqs();
    await fixture.create('orders');
    const other = new SQSClient(fixture.server.clientConfig({ accessKeyId: '123456789012' }));
    const west = new SQSClient(fixture.server.clientConfig({ region: 'us-west-2' }));
    for (const client of [other, west]) {
      assert.equal((await client.send(new ListQueuesCommand({}))).QueueUrls, undefined);
      client.destroy();
    }
  });

  test('says loudly what it does not have yet', async () => {
    await using fixture = await startSqs();
    await assert.rejects(
      fixture.sqs.send(
        new StartMessageMoveTaskCommand({ SourceArn: 'arn:aws:sqs:us-east-1:000000000000:dead' }),
      ),
      (error: { name: string; $metadata: { httpStatusCode: number }; message: string }) => {
        assert.equal(error.name, 'NotImplemented');
        assert.equal(error.$metadata.httpStatusCode, 501);
        assert.match(error.message, /StartMessageMoveTask/);
        return true;
      },
    );
  });
});
