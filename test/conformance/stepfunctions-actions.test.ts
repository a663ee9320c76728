/**
 * Drives recorded executions whose tasks call the platform itself: a whole region in memory, with the queues, tables
 * and rules that the recordings had, and workers that answer tokens as theirs did. Time is moved on only when nothing
 * else is left to do.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import { KEYSPACE } from '../../src/engine/keyspace.ts';
import { readHistory } from '../../src/engine/workflow/execution-log.ts';
import { decodeExecution, parseExecutionArn, placeKey } from '../../src/engine/workflow/execution-record.ts';
import { openRegion, type Region } from '../../src/region.ts';
import { createMemoryStore } from '../../src/storage/memory/store.ts';
import { SimClock } from '../../src/testing/sim-clock.ts';
import type { Outcome, Vector } from './stepfunctions-vectors.ts';
import {
  ACCOUNT,
  definitionOf,
  differences,
  inputOf,
  loadVectors,
  score,
  skip,
  STARTED_AT_MS,
  total,
} from './stepfunctions-vectors.ts';

/** Share of the vectors that must pass. */
const TARGET = 1;

const REGION = 'us-east-1';
const HOST = '127.0.0.1:4566';
/** The account that a recorded role of another account belongs to. */
const OTHER_ACCOUNT = '222222222222';
/** Longer than the longest timeout of a recorded task. */
const SECONDS_MAX = 700;

interface Fixture {
  readonly n: number;
  readonly op: string;
  readonly params: Readonly<Record<string, unknown>>;
}

type FixtureVector = Vector & { readonly setup?: readonly Fixture[]; readonly script?: readonly Fixture[] };

/** A region in memory and the calls of its clients. */
class World {
  readonly clock = new SimClock(STARTED_AT_MS);
  readonly region: Region;
  #requests = 0;

  constructor() {
    this.region = openRegion({
      store: createMemoryStore({ clock: this.clock }),
      clock: this.clock,
      random: seededRandom(1),
      log: silentLogger,
      onFatal: (error) => {
        throw error;
      },
      endpoint: `http://${HOST}`,
      dataDir: undefined,
      region: REGION,
      auth: 'open',
    });
  }

  async call(name: string, input: object, account = ACCOUNT): Promise<Record<string, never>> {
    const [service = '', operation = ''] = name.split(':');
    const handler = this.region.services.get(service)?.handlers[operation];
    assert.ok(typeof handler === 'function', name);
    this.#requests += 1;
    const answer = this.region.answer(handler, input, {
      requestId: `request-${this.#requests}`,
      scope: { account, region: REGION },
      accessKeyId: undefined,
      host: HOST,
      signal: new AbortController().signal,
    });
    await this.clock.advance(0);
    return (await answer) as Record<string, never>;
  }

  createMachine(name: string, definition: string, account = ACCOUNT): Promise<Record<string, never>> {
    const roleArn = `arn:aws:iam::${account}:role/snf_role_arn`;
    return this.call('states:CreateStateMachine', { name, definition, roleArn }, account);
  }

  outcome(executionArn: string): Outcome | undefined {
    const place = parseExecutionArn(executionArn);
    assert.ok(place);
    const { store } = this.region.loop;
    const record = store.get(placeKey(KEYSPACE.executionEnded, place));
    if (record === undefined) return undefined;
    const { events } = readHistory(store, place, { countMax: 1000, isReverse: false });
    return { state: decodeExecution(record).state, events };
  }
}

/** What stands for `${s0}` and the like in the definition and the input of a vector. */
type References = Map<string, string>;

/** Performs the fixtures that the recording named. */
async function setUp(world: World, vector: FixtureVector): Promise<References> {
  const references: References = new Map();
  for (const { n, op, params } of vector.setup ?? []) {
    if (op === 'sqs_create_queue') {
      const { QueueUrl: url } = await world.call('sqs:CreateQueue', { QueueName: params['QueueName'] });
      references.set(`s${n}`, String(url));
    } else if (op === 'events_to_sqs_queue') {
      references.set(`s${n}`, await eventsToQueue(world, params['!args'] as readonly object[]));
    } else if (op === 'dynamodb_create_table') {
      await createTable(world, params);
    } else if (op === 'create_cross_account_admin_role_and_policy') {
      references.set(`s${n}`, `arn:aws:iam::${OTHER_ACCOUNT}:role/trusted`);
    } else if (op !== 'create_lambda_function' && !op.startsWith('sqs_send_task_')) {
      throw new Error(`the fixture ${op} is not here`);
    }
  }
  const target = targetOf(vector);
  if (target !== undefined) {
    const account = vector.category === 'credentials' ? OTHER_ACCOUNT : ACCOUNT;
    const { stateMachineArn: arn } = await world.createMachine(targetName(vector), target, account);
    for (const n of [0, 1, 2]) references.set(`s${n}.stateMachineArn`, String(arn));
  }
  return references;
}

async function eventsToQueue(world: World, [pattern]: readonly object[]): Promise<string> {
  const { QueueUrl: url } = await world.call('sqs:CreateQueue', { QueueName: 'events' });
  await world.call('events:PutRule', { Name: 'to-queue', EventPattern: JSON.stringify(pattern) });
  const targets = [{ Id: 'queue', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:events` }];
  await world.call('events:PutTargets', { Rule: 'to-queue', Targets: targets });
  return String(url);
}

async function createTable(world: World, params: Fixture['params']): Promise<void> {
  const name = params['partition_key'];
  await world.call('dynamodb:CreateTable', {
    TableName: params['table_name'],
    AttributeDefinitions: [{ AttributeName: name, AttributeType: 'S' }],
    KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
}

/** The machine that a vector starts is not recorded; what it did is. */
function targetOf({ id, needs }: Vector): string | undefined {
  if (!needs.includes('states') && !id.includes('implicit_json')) return undefined;
  const single = (state: object): string =>
    JSON.stringify({ StartAt: 'State', States: { State: { ...state, End: true } } });
  if (id.includes('delegate_failure')) {
    const Cause = "This state machines raises a 'SomeFailure' failure.";
    return JSON.stringify({
      StartAt: 'State',
      States: { State: { Type: 'Fail', Error: 'SomeFailure', Cause } },
    });
  }
  if (id.includes('delegate_timeout'))
    return JSON.stringify({ StartAt: 'State', States: { State: { Type: 'Fail', Error: 'States.Timeout' } } });
  if (id.includes('sync_with_task_token')) {
    return single({
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: {
        'QueueUrl.$': '$.QueueUrl',
        MessageBody: { Message: 'SQS_SEND_MESSAGE_AND_WAIT', 'TaskToken.$': '$.TaskToken' },
      },
    });
  }
  return single({ Type: 'Pass', Result: { Arg1: 'argument1' } });
}

/** So long that the answer of StartExecution, in which it stands, is as long as the recorded one. */
function targetName({ expected, input, category }: Vector): string {
  const recorded = Number(/"Content-Length":\s*"(\d+)"/.exec(JSON.stringify(expected))?.[1]);
  const { Name: name } = input as { readonly Name?: string };
  if (name === undefined) return 'target';
  const account = category === 'credentials' ? OTHER_ACCOUNT : ACCOUNT;
  const executionArn = `arn:aws:states:${REGION}:${account}:execution::${name}`;
  const { length } = JSON.stringify({ executionArn, startDate: STARTED_AT_MS / 1000 });
  return 'n'.repeat(recorded - length);
}

/** Answers the tokens in the queue, as the worker of the recording did. */
async function work(world: World, vector: FixtureVector, queueUrl: string | undefined): Promise<void> {
  const steps = [...(vector.setup ?? []), ...(vector.script ?? [])].map(({ op }) => op);
  const isWorked = steps.some((op) => op.startsWith('sqs_send_task_') || op.startsWith('send_task_'));
  if (!isWorked || queueUrl === undefined) return;
  const { Messages: messages = [] } = (await world.call('sqs:ReceiveMessage', { QueueUrl: queueUrl })) as {
    readonly Messages?: readonly { readonly Body: string }[];
  };
  for (const { Body: body } of messages) {
    const { Message: message, TaskToken: taskToken } = JSON.parse(body) as Record<string, string>;
    if (steps.includes('sqs_send_task_failure_state_machine')) {
      const failure = { taskToken, error: 'Failure error', cause: 'Failure cause' };
      await world.call('states:SendTaskFailure', failure);
      continue;
    }
    if (steps.includes('send_task_heartbeat')) await world.call('states:SendTaskHeartbeat', { taskToken });
    const isEcho = steps.includes('send_task_heartbeat');
    const output = isEcho ? body : JSON.stringify(message);
    await world.call('states:SendTaskSuccess', { taskToken, output });
  }
}

/** The input names a host that is a fresh one in each recording, and a member by a mark. */
function withRecordedWords({ expected }: Vector, text: string): string {
  const [host] = /no-such-queue-[0-9a-f]{8}/.exec(JSON.stringify(expected)) ?? [];
  const named = text.replace('${any}', 'AWSTraceHeader');
  return host === undefined ? named : named.replace(/no-such-queue-\w+/, host);
}

function fill(text: string, references: References): string {
  return text.replaceAll(/\$\{(s\d+(?:\.\w+)?)\}/g, (whole, name: string) => references.get(name) ?? whole);
}

async function execute(vector: FixtureVector): Promise<Outcome> {
  const world = new World();
  try {
    const references = await setUp(world, vector);
    await world.createMachine('machine-1', fill(definitionOf(vector), references));
    const { executionArn } = await world.call('states:StartExecution', {
      stateMachineArn: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:machine-1`,
      input: withRecordedWords(vector, fill(inputOf(vector), references)),
    });
    for (let seconds = 0; seconds < SECONDS_MAX; seconds += 1) {
      for (let round = 0; round < 5; round += 1) await world.clock.advance(0);
      await work(world, vector, references.get('s0'));
      const outcome = world.outcome(String(executionArn));
      if (outcome !== undefined) return outcome;
      await world.clock.advance(1000);
    }
    throw new Error('it does not end');
  } finally {
    await world.region.close();
  }
}

const BUILT = /^(?:sqs|events|dynamodb|states|sync|waitForTaskToken|aws-sdk:(?:dynamodb|sfn|sqs))$/;

test('executions whose tasks call the platform write their histories as recorded', { skip }, async () => {
  const vectors = loadVectors().filter(
    ({ kind, needs, features, category }) =>
      kind === 'execution' &&
      needs.length > 0 &&
      needs.every((need) => BUILT.test(need)) &&
      !(features ?? []).some((feature) => /^(?:QL:JSONata|Map:DISTRIBUTED)/.test(feature)) &&
      category !== 'mock_config',
  );
  const outcomes = new Map<string, readonly string[]>();
  for (const vector of vectors) {
    try {
      outcomes.set(vector.id, differences(vector, await execute(vector)));
    } catch (error) {
      outcomes.set(vector.id, [String(error)]);
    }
  }
  const scores = score(
    'Step Functions, executions that call the platform',
    vectors,
    ({ id }) => outcomes.get(id) ?? [],
  );
  const { passed, count } = total(scores);
  assert.ok(passed >= TARGET * count, `${passed} of ${count} pass`);
});
