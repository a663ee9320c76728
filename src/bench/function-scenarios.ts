/** Functions: a warm process that answers with the number that it is sent. */
import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';
import type { AwsClient } from '../cli/aws-client.ts';
import { finishAnswered, PLACE, restHeaders, ROLE, type Scenario, template } from './scenario.ts';
import { until } from './until.ts';

const RUNTIMES = {
  node: {
    Runtime: 'nodejs24.x',
    file: 'index.mjs',
    code: 'export const handler = async (event) => ({ order: event.order });',
  },
  python: {
    Runtime: 'python3.13',
    file: 'index.py',
    code: 'def handler(event, context):\n    return {"order": event["order"]}\n',
  },
} as const;

type Runtime = keyof typeof RUNTIMES;

const PATH = '/2015-03-31/functions';
/** Invocations at once before the run: as many processes as the pool wants for them are warm then. */
const WARM_UP_ROUNDS = 3;

/** A function with a process that runs already. Answers its ARN. */
export async function createFunction(client: AwsClient, name: string, runtime: Runtime): Promise<string> {
  const { Runtime, file, code } = RUNTIMES[runtime];
  const archive = new yazl.ZipFile();
  archive.addBuffer(Buffer.from(code), file);
  archive.end();
  const { FunctionArn } = await client.rest<{ FunctionArn: string }>('lambda', 'POST', PATH, {
    FunctionName: name,
    Role: ROLE,
    Runtime,
    Handler: 'index.handler',
    Code: { ZipFile: (await buffer(archive.outputStream)).toString('base64') },
  });
  await until(async () => {
    const path = `${PATH}/${name}/configuration`;
    return (await client.rest<{ State: string }>('lambda', 'GET', path)).State === 'Active';
  });
  return FunctionArn;
}

/** Calls it as the clients of the run will. */
export async function warmFunction(client: AwsClient, name: string, clientCount: number): Promise<void> {
  const path = `${PATH}/${name}/invocations`;
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    const calls = Array.from({ length: clientCount }, () =>
      client.rest('lambda', 'POST', path, { order: '' }),
    );
    await Promise.all(calls);
  }
}

export async function deleteFunction(client: AwsClient, name: string): Promise<void> {
  await client.rest('lambda', 'DELETE', `${PATH}/${name}`);
}

function invokeScenario(runtime: Runtime, title: string): Scenario {
  return {
    name: `invoke-${runtime}`,
    title,
    setUp: async (client, name, clientCount) => {
      await createFunction(client, name, runtime);
      await warmFunction(client, name, clientCount);
      return name;
    },
    requests: (name) => {
      const more = { path: `${PATH}/${name}/invocations`, isEchoed: true } as const;
      return [template(restHeaders('lambda'), { order: PLACE }, more)];
    },
    finish: finishAnswered,
    tearDown: deleteFunction,
  };
}

export const invokeNode = invokeScenario('node', 'Lambda Invoke, warm node');
export const invokePython = invokeScenario('python', 'Lambda Invoke, warm python');
