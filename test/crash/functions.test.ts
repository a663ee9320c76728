/** What becomes of functions when the process that runs them is killed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { REGION } from '../workload/names.ts';
import { ROLE, zip } from '../sdk/lambda-fixture.ts';
import { RegionProcess } from './region-process.ts';

/** Tells the test that it runs, and ends when the test lets it. */
const HANDLER = `
exports.handler = async ({ endpoint }, { awsRequestId }) =>
  (await fetch(endpoint + '/' + awsRequestId)).text();
`;

interface Running {
  readonly requestId: string;
  readonly response: ServerResponse;
}

/** Where handlers report; `next` resolves to the next that does. */
async function startReporting(context: TestContext) {
  const waiting: ((running: Running) => void)[] = [];
  const reported: Running[] = [];
  const server = createServer((request, response) => {
    const running = { requestId: (request.url ?? '').slice(1), response };
    const waiter = waiting.shift();
    if (waiter === undefined) reported.push(running);
    else waiter(running);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const next = (): Promise<Running> => {
    const running = reported.shift();
    return running === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(running);
  };
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, next };
}

function clientOf(region: RegionProcess): LambdaClient {
  return new LambdaClient({
    endpoint: region.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

async function createFunction(lambda: LambdaClient): Promise<void> {
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'work',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: ROLE,
      Timeout: 60,
      Code: { ZipFile: await zip({ 'index.js': HANDLER }) },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 10, minDelay: 1 }, { FunctionName: 'work' });
}

test('kill -9 leaves no process of a function and no port, and what was acknowledged is called again', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-functions-'));
  context.after(() => rm(directory, { recursive: true }));
  const { endpoint, next } = await startReporting(context);
  const region = await RegionProcess.start(directory, 'honest');
  context.after(() => region.kill());
  const lambda = clientOf(region);
  await createFunction(lambda);
  const Payload = JSON.stringify({ endpoint });
  const call = { FunctionName: 'work', Payload } as const;
  // One whose caller waits, and one that is only acknowledged.
  const waiting = lambda.send(new InvokeCommand(call)).then(
    () => 'answered',
    () => 'broken off',
  );
  const first = await next();
  const { StatusCode } = await lambda.send(new InvokeCommand({ ...call, InvocationType: 'Event' }));
  assert.equal(StatusCode, 202);
  const acknowledged = await next();
  const closed = [first, acknowledged].map(({ response }) => once(response, 'close'));
  assert.ok(region.descendants().length >= 2, 'the functions run in processes of their own');

  assert.deepEqual(await region.kill(), []);
  await Promise.all(closed);
  assert.equal(await waiting, 'broken off');

  const restarted = await RegionProcess.start(directory, 'honest');
  context.after(() => restarted.kill());
  const again = await next();
  assert.equal(again.requestId, acknowledged.requestId, 'the same work has the same id');
  again.response.end();
  const answer = clientOf(restarted).send(new InvokeCommand(call));
  (await next()).response.end('done');
  assert.equal((await answer).Payload?.transformToString(), '"done"');
});
