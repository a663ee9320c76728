/** Workflows to their end: three states that pass, and three that call a function. */
import type { AwsClient } from '../cli/aws-client.ts';
import { createFunction, deleteFunction, warmFunction } from './function-scenarios.ts';
import { FILLER, type Finished, jsonHeaders, PLACE, ROLE, type Scenario, template } from './scenario.ts';
import { until } from './until.ts';

const EXECUTIONS_PAGE_COUNT = 1000;

interface ExecutionsPage {
  readonly executions: readonly unknown[];
  readonly nextToken?: string;
}

async function countExecutions(client: AwsClient, arn: string, status: string): Promise<number> {
  let count = 0;
  let token: string | undefined;
  do {
    const page: ExecutionsPage = await client.json('states', 'ListExecutions', {
      stateMachineArn: arn,
      statusFilter: status,
      maxResults: EXECUTIONS_PAGE_COUNT,
      ...(token === undefined ? {} : { nextToken: token }),
    });
    count += page.executions.length;
    token = page.nextToken;
  } while (token !== undefined);
  return count;
}

async function finishExecutions(client: AwsClient, arn: string): Promise<Finished> {
  let running = 0;
  const waitedMs = await until(
    async () => {
      running = await countExecutions(client, arn, 'RUNNING');
      return running === 0;
    },
    () => running,
  );
  return { count: await countExecutions(client, arn, 'SUCCEEDED'), waitedMs };
}

/** Three states of one kind, one after the other. */
async function createMachine(client: AwsClient, name: string, state: object): Promise<string> {
  const created = await client.json<{ stateMachineArn: string }>('states', 'CreateStateMachine', {
    name,
    definition: JSON.stringify({
      StartAt: 'Receive',
      States: {
        Receive: { ...state, Next: 'Price' },
        Price: { ...state, Next: 'Ship' },
        Ship: { ...state, End: true },
      },
    }),
    roleArn: ROLE,
  });
  return created.stateMachineArn;
}

const requests: Scenario['requests'] = (stateMachineArn) => [
  template(jsonHeaders('states', 'AWSStepFunctions.StartExecution', '1.0'), {
    stateMachineArn,
    input: JSON.stringify({ order: PLACE, text: FILLER }),
  }),
];

async function tearDown(client: AwsClient, stateMachineArn: string): Promise<void> {
  await client.json('states', 'DeleteStateMachine', { stateMachineArn });
}

export const startExecution: Scenario = {
  name: 'start-execution',
  title: 'StartExecution, 3 Pass states',
  setUp: (client, name) => createMachine(client, name, { Type: 'Pass' }),
  requests,
  finish: finishExecutions,
  tearDown,
};

/** The machine and its function have the same name. */
export const startFunctionTasks: Scenario = {
  name: 'start-execution-tasks',
  title: 'StartExecution, 3 Lambda tasks',
  setUp: async (client, name, clientCount) => {
    const Resource = await createFunction(client, name, 'node');
    await warmFunction(client, name, clientCount);
    // Starts are faster than tasks: a long run comes to the thousand calls at a time that an account has.
    const Retry = [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 1, MaxAttempts: 20 }];
    return createMachine(client, name, { Type: 'Task', Resource, Retry });
  },
  requests,
  finish: finishExecutions,
  tearDown: async (client, stateMachineArn) => {
    await tearDown(client, stateMachineArn);
    await deleteFunction(client, stateMachineArn.split(':').at(-1) ?? '');
  },
};
