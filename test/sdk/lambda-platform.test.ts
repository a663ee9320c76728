/** Functions as parts of the platform: their own SDKs reach it, they survive restarts and leave nothing behind. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLambda, zip } from './lambda-fixture.ts';

function hasBoto3(): boolean {
  try {
    execFileSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** As the documentation of AWS writes it: no endpoint, no region, no credentials. */
const ENRICH = `
import boto3

dynamodb = boto3.resource('dynamodb')
table = dynamodb.Table('Customers')

def lambda_handler(records, context):
    enriched = []
    for record in records:
        found = table.get_item(Key={'customerId': record['customerId']})
        enriched.append({**record, 'customerName': found['Item']['name']})
    return enriched
`;

suite('a function on the platform', () => {
  test(
    'reaches DynamoDB through boto3 without being told where it is',
    { skip: hasBoto3() ? false : 'there is no boto3 on this machine' },
    async () => {
      await using fixture = await startLambda();
      const { create, invoke, server } = fixture;
      const dynamodb = new DynamoDBClient(server.clientConfig());
      await dynamodb.send(
        new CreateTableCommand({
          TableName: 'Customers',
          KeySchema: [{ AttributeName: 'customerId', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'customerId', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
      const Item = { customerId: { S: 'c1' }, name: { S: 'Ann' } };
      await dynamodb.send(new PutItemCommand({ TableName: 'Customers', Item }));
      dynamodb.destroy();
      await create('enrich', '', {
        Runtime: 'python3.12',
        Handler: 'app.lambda_handler',
        Timeout: 60,
        Code: { ZipFile: await zip({ 'app.py': ENRICH }) },
      });
      const { answer, error } = await invoke('enrich', [{ customerId: 'c1' }]);
      assert.deepEqual(answer, [{ customerId: 'c1', customerName: 'Ann' }]);
      assert.equal(error, undefined);
    },
  );

  test('reaches a queue with the variables that it is given', async () => {
    await using fixture = await startLambda();
    const { create, invoke, server } = fixture;
    const sqs = new SQSClient(server.clientConfig());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'out' }));
    await create(
      'sender',
      `exports.handler = async () => (await fetch(process.env.AWS_ENDPOINT_URL, {
        method: 'POST', body: JSON.stringify({ QueueUrl: '${QueueUrl}', MessageBody: 'from within' }),
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' } })).status;`,
    );
    assert.equal((await invoke('sender')).answer, 200);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    assert.equal(Messages?.[0]?.Body, 'from within');
    sqs.destroy();
  });

  test('is there again after a restart, with its code and its pending invocations', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-lambda-'));
    const settings = { memory: false, dataDir };
    try {
      {
        await using fixture = await startLambda({ settings });
        await fixture.create(
          'kept',
          'exports.handler = async () => new Promise((r) => setTimeout(r, 9000));',
          {
            Timeout: 20,
          },
        );
        const accepted = await fixture.lambda.send(
          new InvokeCommand({ FunctionName: 'kept', InvocationType: 'Event' }),
        );
        assert.equal(accepted.StatusCode, 202);
      }
      await using fixture = await startLambda({ settings });
      const { server } = fixture;
      const response = await fetch(`${server.endpoint}/_millrace/health`);
      assert.equal(response.status, 200);
      const dry = await fixture.lambda.send(
        new InvokeCommand({ FunctionName: 'kept', InvocationType: 'DryRun' }),
      );
      assert.equal(dry.StatusCode, 204);
      // The invocation that the first server had accepted is what starts a process in the second.
      while (functionProcesses(dataDir).length === 0) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  test(
    'ends when its server is killed, even in an endless loop and with children of its own',
    { skip: process.platform === 'linux' ? false : 'needs /proc' },
    async () => {
      const root = mkdtempSync(join(tmpdir(), 'millrace-orphan-'));
      const child = spawn(process.execPath, [join(import.meta.dirname, 'orphan-server-child.ts'), root], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as unknown[];
        assert.equal(String(said), 'ready\n');
        assert.ok(functionProcesses(root).length > 0);
        child.kill('SIGKILL');
        await once(child, 'exit');
        while (functionProcesses(root).length > 0) await new Promise((resolve) => setImmediate(resolve));
      } finally {
        child.kill('SIGKILL');
        rmSync(root, { recursive: true, force: true });
      }
    },
  );
});

/** Processes whose environment names a path below `root`, or the mark of the test. */
function functionProcesses(root: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isFunctionBelow(pid, root));
}

function isFunctionBelow(pid: number, root: string): boolean {
  try {
    // A zombie has no command line any more.
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    return environment.includes('_HANDLER=') && (command.includes(root) || environment.includes(root));
  } catch {
    return false;
  }
}
