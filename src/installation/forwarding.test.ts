import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  CreateQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { RegionPair } from '../testing/region-pair.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const WEST = { region: 'us-west-2' };

/** Every client of these tests talks to the server in the east. */
function east(pair: RegionPair, region = 'us-west-2') {
  return { ...pair.server('us-east-1').clientConfig({ region }), maxAttempts: 1 };
}

suite('a request for a region that a peer serves', () => {
  test('is answered by it, whichever region it was sent to', async () => {
    await using pair = await RegionPair.start();
    const sqs = new SQSClient(east(pair));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
    // The URL is one that this client can use.
    assert.ok(QueueUrl?.startsWith(pair.server('us-east-1').endpoint));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const direct = new SQSClient(pair.server('us-west-2').clientConfig(WEST));
    const { QueueUrls } = await direct.send(new ListQueuesCommand({}));
    assert.equal(QueueUrls?.length, 1);
    const own = new SQSClient(pair.server('us-east-1').clientConfig());
    assert.equal((await own.send(new ListQueuesCommand({}))).QueueUrls?.length ?? 0, 0);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    assert.equal(Messages?.[0]?.Body, 'one');
  });

  test('may be of any service, and as long as it likes', async () => {
    await using pair = await RegionPair.start();
    const dynamodb = new DynamoDBClient(east(pair));
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'table',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    const big = 'x'.repeat(390_000);
    await dynamodb.send(
      new PutItemCommand({ TableName: 'table', Item: { id: { S: 'a' }, big: { S: big } } }),
    );
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'table', Key: { id: { S: 'a' } } }));
    assert.equal(Item?.['big']?.S, big);
    const sfn = new SFNClient(east(pair));
    const { stateMachineArn } = await sfn.send(
      new CreateStateMachineCommand({
        name: 'm',
        roleArn: 'arn:aws:iam::000000000000:role/r',
        definition: '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}',
      }),
    );
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    assert.match(executionArn ?? '', /^arn:aws:states:us-west-2:/);
  });

  test('can wait there for long, and is answered as soon as something comes', async () => {
    await using pair = await RegionPair.start();
    const sqs = new SQSClient(east(pair));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const receiving = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'late' }));
    assert.equal((await receiving).Messages?.[0]?.Body, 'late');
  });

  test('is refused at once while the peer is down, also when it was waiting there', async () => {
    await using pair = await RegionPair.start();
    const sqs = new SQSClient(east(pair));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const receiving = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    receiving.catch(() => undefined);
    await pair.server('us-west-2').close();
    await assert.rejects(sqs.send(new ListQueuesCommand({})), (error: Error & { $metadata?: object }) => {
      assert.equal(error.name, 'ServiceUnavailable');
      assert.deepEqual((error.$metadata as { httpStatusCode: number }).httpStatusCode, 503);
      return true;
    });
    await pair.startRegion('us-west-2');
    await pair.whenStatus('us-west-2', 'running');
    assert.equal((await sqs.send(new ListQueuesCommand({}))).QueueUrls?.length, 1);
  });

  test('of a region that nobody serves is answered here', async () => {
    await using pair = await RegionPair.start();
    const sqs = new SQSClient(east(pair, 'eu-west-1'));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    assert.ok(QueueUrl !== undefined);
  });

  test('may come in chunks of unknown length', async () => {
    await using pair = await RegionPair.start();
    const { endpoint } = pair.server('us-east-1');
    async function* body() {
      yield new TextEncoder().encode('{"QueueName":');
      yield new TextEncoder().encode('"chunked"}');
    }
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.CreateQueue',
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/us-west-2/sqs/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: ReadableStream.from(body()),
      duplex: 'half',
    });
    assert.equal(answer.status, 200);
    const direct = new SQSClient(pair.server('us-west-2').clientConfig(WEST));
    assert.equal((await direct.send(new ListQueuesCommand({}))).QueueUrls?.length, 1);
  });

  test('is ended there when its client goes away', async () => {
    await using pair = await RegionPair.start();
    const sqs = new SQSClient(east(pair));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const controller = new AbortController();
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: controller.signal,
    });
    const aborted = assert.rejects(waiting, /abort/i);
    // Both have passed the same connection pool in order, so the receive is there when this is answered.
    await sqs.send(new ListQueuesCommand({}));
    controller.abort();
    await aborted;
    // What nobody waits for any more does not take the message.
    await sqs.send(new ListQueuesCommand({}));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    assert.equal(Messages?.length, 1);
  });

  test('cannot say that a peer has sent it', async () => {
    await using pair = await RegionPair.start();
    const answer = await fetch(pair.server('us-east-1').endpoint, {
      method: 'POST',
      headers: { 'x-millrace-forwarded-by': 'us-west-2;us-east-1;1;http;;AAAA' },
      body: '{}',
    });
    assert.equal(answer.status, 403);
  });
});

suite('a global service', () => {
  test('is written at home, whichever region is asked', async () => {
    await using pair = await RegionPair.start();
    const west = { ...pair.server('us-west-2').clientConfig(), maxAttempts: 1 };
    const iam = new IAMClient(west);
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'ada' }));
    assert.equal(User?.UserName, 'ada');
    const atHome = new IAMClient({ ...pair.server('us-east-1').clientConfig(), maxAttempts: 1 });
    assert.equal((await atHome.send(new ListUsersCommand({}))).Users?.length, 1);
  });

  test('is read where it is asked, also when home is down; writes are refused then', async () => {
    await using pair = await RegionPair.start();
    const west = { ...pair.server('us-west-2').clientConfig(), maxAttempts: 1 };
    const iam = new IAMClient(west);
    await iam.send(new CreateUserCommand({ UserName: 'ada' }));
    while ((await iam.send(new ListUsersCommand({}))).Users?.length !== 1) await nextTurn();
    await pair.server('us-east-1').close();
    assert.equal((await iam.send(new ListUsersCommand({}))).Users?.length, 1);
    await assert.rejects(iam.send(new CreateUserCommand({ UserName: 'bob' })), {
      name: 'ServiceUnavailable',
    });
  });

  test('gives keys without home, and they are good in every region', async () => {
    await using pair = await RegionPair.start();
    await pair.server('us-east-1').close();
    const west = { ...pair.server('us-west-2').clientConfig(), maxAttempts: 1 };
    const role = { RoleArn: 'arn:aws:iam::000000000000:role/deploy', RoleSessionName: 'ci' };
    const { Credentials: given } = await new STSClient(west).send(new AssumeRoleCommand(role));
    const credentials = {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    };
    const { endpoint } = await pair.startRegion('us-east-1');
    const atHome = new STSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    const who = async () => (await atHome.send(new GetCallerIdentityCommand({}))).Arn ?? '';
    while (!(await who()).includes('assumed-role/deploy/ci')) await nextTurn();
  });
});

suite('a page of the platform', () => {
  test('about the events of a region is answered by that region', async () => {
    await using pair = await RegionPair.start();
    const { endpoint } = pair.server('us-east-1');
    const page = async (path: string) => (await fetch(`${endpoint}${path}`)).json();
    const doctor = (await page('/_millrace/doctor?region=us-west-2')) as { findings: { text: string }[] };
    assert.match(doctor.findings[0]?.text ?? '', /^us-west-2 at /);
    const own = (await page('/_millrace/doctor')) as { findings: { text: string }[] };
    assert.match(own.findings[0]?.text ?? '', /^us-east-1 at /);
  });
});

test('a forwarded answer that is cut off is cut off for the client too', async () => {
  await using pair = await RegionPair.start();
  const { port } = pair.server('us-east-1');
  const socket = connect(port, '127.0.0.1');
  const authorization =
    'AWS4-HMAC-SHA256 Credential=test/20260101/us-west-2/sqs/aws4_request, SignedHeaders=host, Signature=0';
  // The body never ends: the peer's end is what ends it.
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 10\r\n\r\n{}`,
  );
  const closing = once(socket, 'close');
  socket.resume();
  await pair.server('us-west-2').close();
  await closing;
});
