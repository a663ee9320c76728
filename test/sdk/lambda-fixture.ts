/** For tests of Lambda: a server of its own, its clients, and functions made of a few files. */
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  type FunctionConfiguration,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { startTestServer, type TestServer, type TestServerOptions } from '../../src/testing/test-server.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/functions';

export function zip(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, text] of Object.entries(files)) {
    archive.addBuffer(Buffer.from(text), name, { mode: name === 'bootstrap' ? 0o100755 : 0o100644 });
  }
  archive.end();
  return buffer(archive.outputStream as NodeJS.ReadableStream as never);
}

export interface LambdaFixture extends AsyncDisposable {
  readonly server: TestServer;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  /** A Node function whose `index.js` is `source`. */
  readonly create: (
    name: string,
    source: string,
    own?: Partial<CreateFunctionCommandInput>,
  ) => Promise<FunctionConfiguration>;
  /** Its answer, parsed; `error` is the value of `X-Amz-Function-Error`. */
  readonly invoke: (
    name: string,
    payload?: unknown,
  ) => Promise<{ answer: unknown; error: string | undefined }>;
}

export async function startLambda(options: TestServerOptions = {}): Promise<LambdaFixture> {
  const server = await startTestServer(options);
  const settings = { ...server.clientConfig(), maxAttempts: 1 };
  const lambda = new LambdaClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  return {
    server,
    lambda,
    logs,
    create: async (name, source, own = {}) =>
      lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: ROLE,
          Code: { ZipFile: await zip({ 'index.js': source }) },
          ...own,
        }),
      ),
    invoke: async (name, payload = {}) => {
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
      );
      return { answer: JSON.parse(Buffer.from(Payload ?? []).toString()), error: FunctionError };
    },
    [Symbol.asyncDispose]: async () => {
      lambda.destroy();
      logs.destroy();
      await server.close();
    },
  };
}
