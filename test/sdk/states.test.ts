import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  PublishStateMachineVersionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { SimClock } from '../../src/testing/sim-clock.ts';
import { startTestServer, type TestServerOptions } from '../../src/testing/test-server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/r';

const PASSES = {
  StartAt: 'A',
  States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'C' }, C: { Type: 'Pass', End: true } },
};
const waits = (seconds: number) => ({
  StartAt: 'Wait',
  States: {
    Wait: { Type: 'Wait', Seconds: seconds, Next: 'Done' },
    Done: { Type: 'Pass', Result: { done: true }, End: true },
  },
});

async function startStates(options: TestServerOptions = {}) {
  const clock = new SimClock();
  const server = await startTestServer({ clock, ...options });
  const sfn = new SFNClient({ ...server.clientConfig(), maxAttempts: 1 });
  const create = async (name: string, definition: object): Promise<string> => {
    const input = { name, definition: JSON.stringify(definition), roleArn: ROLE };
    const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand(input));
    assert.ok(stateMachineArn);
    return stateMachineArn;
  };
  const start = async (stateMachineArn: string, input?: string, name?: string): Promise<string> => {
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input, name }));
    assert.ok(executionArn);
    return executionArn;
  };
  const describe = (executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));
  return {
    server,
    sfn,
    clock,
    create,
    start,
    describe,
    [Symbol.asyncDispose]: async () => {
      sfn.destroy();
      await server.close();
    },
  };
}

suite('Step Functions through the SDK', () => {
  test('runs an execution to its end and tells its history', async () => {
    await using fixture = await startStates();
    const { sfn, create, start, describe } = fixture;
    const executionArn = await start(await create('passes', PASSES), '{"x":1}', 'one');
    const execution = await describe(executionArn);
    assert.equal(execution.status, 'SUCCEEDED');
    assert.equal(execution.output, '{"x":1}');
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    assert.deepEqual(
      events.map(({ type }) => type),
      [
        'ExecutionStarted',
        ...['A', 'B', 'C'].flatMap(() => ['PassStateEntered', 'PassStateExited']),
        'ExecutionSucceeded',
      ],
    );
    assert.deepEqual(
      events.map(({ id }) => id),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.equal(events[0]?.timestamp?.getTime(), execution.startDate?.getTime());
  });

  test('pages through a history in both directions', async () => {
    await using fixture = await startStates();
    const { sfn, create, start } = fixture;
    const executionArn = await start(await create('passes', PASSES));
    for (const reverseOrder of [false, true]) {
      const ids: (number | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await sfn.send(
          new GetExecutionHistoryCommand({ executionArn, maxResults: 3, nextToken, reverseOrder }),
        );
        ids.push(...(page.events ?? []).map(({ id }) => id));
        ({ nextToken } = page);
      } while (nextToken !== undefined);
      const expected = [1, 2, 3, 4, 5, 6, 7, 8];
      assert.deepEqual(ids, reverseOrder ? expected.toReversed() : expected);
    }
  });

  test('ends a page of a history early when its payloads are large, and loses none of them', async () => {
    await using fixture = await startStates();
    const { sfn, create, start } = fixture;
    const names = Array.from({ length: 20 }, (_, index) => `S${index}`);
    const States = Object.fromEntries(
      names.map((name, index) => [
        name,
        { Type: 'Pass', ...(index === 19 ? { End: true } : { Next: `S${index + 1}` }) },
      ]),
    );
    const machine = await create('large', { StartAt: 'S0', States });
    const executionArn = await start(machine, JSON.stringify('x'.repeat(250_000)));
    for (const reverseOrder of [false, true]) {
      const pages: (number | undefined)[][] = [];
      let nextToken: string | undefined;
      do {
        const page = await sfn.send(
          new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken, reverseOrder }),
        );
        pages.push((page.events ?? []).map(({ id }) => id));
        ({ nextToken } = page);
      } while (nextToken !== undefined);
      // 42 events of 250 KB, 16 of them to a page.
      assert.deepEqual(
        pages.map((page) => page.length),
        [16, 16, 10],
      );
      const ids = Array.from({ length: 42 }, (_, index) => index + 1);
      assert.deepEqual(pages.flat(), reverseOrder ? ids.toReversed() : ids);
    }
  });

  test('answers the running execution for the same name and input, and refuses any other use of the name', async () => {
    await using fixture = await startStates();
    const { create, start, clock } = fixture;
    const machine = await create('waits', waits(60));
    const first = await start(machine, '{"a":1}', 'n');
    assert.equal(await start(machine, '{"a":1}', 'n'), first);
    await assert.rejects(start(machine, '{"a":2}', 'n'), { name: 'ExecutionAlreadyExists' });
    await clock.advance(60_000);
    await assert.rejects(start(machine, '{"a":1}', 'n'), {
      name: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${first}'`,
    });
  });

  test('never lets an execution without a name take the place of one that runs', async () => {
    // Every id is the same.
    await using fixture = await startStates({ random: { uint32: () => 7 } });
    const { create, start, describe } = fixture;
    const machine = await create('waits', waits(60));
    const first = await start(machine, '{"a":1}');
    await assert.rejects(start(machine, '{"a":2}'), { $fault: 'server' });
    assert.equal((await describe(first)).input, '{"a":1}');
  });

  test('waits as long as it should and not longer', async () => {
    await using fixture = await startStates();
    const { create, start, describe, clock } = fixture;
    const executionArn = await start(await create('waits', waits(3600)));
    await clock.advance(3_599_000);
    assert.equal((await describe(executionArn)).status, 'RUNNING');
    await clock.advance(1000);
    const ended = await describe(executionArn);
    assert.equal(ended.status, 'SUCCEEDED');
    assert.equal(ended.output, '{"done":true}');
  });

  test('stops an execution, with what was given as error and cause', async () => {
    await using fixture = await startStates();
    const { sfn, create, start, describe } = fixture;
    const executionArn = await start(await create('waits', waits(60)));
    await sfn.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'by hand' }));
    const { status, error, cause } = await describe(executionArn);
    assert.deepEqual([status, error, cause], ['ABORTED', 'Stopped', 'by hand']);
    const { events = [] } = await sfn.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }),
    );
    assert.equal(events[0]?.type, 'ExecutionAborted');
  });

  test('lists executions newest first, by status and in pages', async () => {
    await using fixture = await startStates();
    const { sfn, create, start, clock } = fixture;
    const stateMachineArn = await create('waits', waits(5));
    const names = ['a', 'b', 'c'];
    for (const name of names) {
      await start(stateMachineArn, '{}', name);
      await clock.advance(1000);
    }
    const listed = await sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 2 }));
    assert.deepEqual(
      listed.executions?.map(({ name }) => name),
      ['c', 'b'],
    );
    const rest = await sfn.send(
      new ListExecutionsCommand({ stateMachineArn, maxResults: 2, nextToken: listed.nextToken }),
    );
    assert.deepEqual(
      rest.executions?.map(({ name }) => name),
      ['a'],
    );
    assert.equal(rest.nextToken, undefined);
    await clock.advance(2000);
    const running = await sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
    assert.deepEqual(
      running.executions?.map(({ name }) => name),
      ['c', 'b'],
    );
  });

  test('lets a running execution go on by the definition that it started with', async () => {
    await using fixture = await startStates();
    const { sfn, create, start, describe, clock } = fixture;
    const stateMachineArn = await create('m', waits(10));
    const before = await start(stateMachineArn);
    await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(PASSES) }));
    const after = await start(stateMachineArn, '{"new":true}');
    await clock.advance(10_000);
    assert.equal((await describe(before)).output, '{"done":true}');
    assert.equal((await describe(after)).output, '{"new":true}');
    const used = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn: before }));
    assert.deepEqual(JSON.parse(used.definition ?? ''), waits(10));
  });

  test('describes, lists, tags and deletes machines; deleting stops what runs', async () => {
    await using fixture = await startStates();
    const { sfn, create, start, describe } = fixture;
    const stateMachineArn = await create('m', waits(10));
    const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    assert.deepEqual([described.status, described.type, described.roleArn], ['ACTIVE', 'STANDARD', ROLE]);
    assert.equal((await sfn.send(new ListStateMachinesCommand({}))).stateMachines?.length, 1);
    await sfn.send(
      new TagResourceCommand({
        resourceArn: stateMachineArn,
        tags: [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ],
      }),
    );
    await sfn.send(new UntagResourceCommand({ resourceArn: stateMachineArn, tagKeys: ['a'] }));
    const { tags } = await sfn.send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn }));
    assert.deepEqual(tags, [{ key: 'b', value: '2' }]);
    const executionArn = await start(stateMachineArn);
    await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
    assert.equal((await describe(executionArn)).status, 'ABORTED');
    await assert.rejects(start(stateMachineArn), {
      name: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${stateMachineArn}'`,
    });
  });

  test('creates a machine again with the same definition, and refuses another one of its name', async () => {
    await using fixture = await startStates();
    const { create } = fixture;
    const arn = await create('m', PASSES);
    assert.equal(await create('m', PASSES), arn);
    await assert.rejects(create('m', waits(1)), {
      name: 'StateMachineAlreadyExists',
      message: `State Machine Already Exists: '${arn}'`,
    });
  });

  test("refuses bad input in AWS's words", async () => {
    await using fixture = await startStates();
    const { sfn, create, start } = fixture;
    await assert.rejects(create('m', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } }), {
      name: 'InvalidDefinition',
      message:
        /^Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at \/States\/A\/Next/,
    });
    await assert.rejects(create('a name', PASSES), {
      name: 'InvalidName',
      message: "Invalid Name: 'a name'",
    });
    const machine = await create('m', PASSES);
    await assert.rejects(start(machine, '{'), { name: 'InvalidExecutionInput' });
    await assert.rejects(start('nonsense'), { name: 'InvalidArn' });
    await assert.rejects(
      sfn.send(
        new DescribeExecutionCommand({ executionArn: `${machine.replace('stateMachine', 'execution')}:x` }),
      ),
      {
        name: 'ExecutionDoesNotExist',
      },
    );
    const diagnosed = await sfn.send(
      new ValidateStateMachineDefinitionCommand({
        definition: '{"StartAt":"A","States":{"A":{"Type":"Pass"}}}',
      }),
    );
    assert.equal(diagnosed.result, 'FAIL');
  });

  test('says loudly what it does not have yet', async () => {
    await using fixture = await startStates();
    const { sfn, create } = fixture;
    const stateMachineArn = await create('m', PASSES);
    await assert.rejects(sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn })), {
      name: 'NotImplemented',
    });
    await assert.rejects(create('jsonata', { ...PASSES, QueryLanguage: 'JSONata' }), {
      name: 'NotImplemented',
    });
  });

  test('takes executions up again after a restart: what waited goes on, what ended stays', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-test-'));
    try {
      const settings = { memory: false, dataDir };
      const clock = new SimClock();
      const arns: string[] = [];
      {
        await using fixture = await startStates({ clock, settings });
        arns.push(await fixture.start(await fixture.create('waits', waits(60)), '{}', 'waiting'));
        arns.push(await fixture.start(await fixture.create('passes', PASSES), '{"x":1}', 'ended'));
      }
      await using fixture = await startStates({ clock, settings });
      const [waiting = '', ended = ''] = arns;
      assert.equal((await fixture.describe(ended)).output, '{"x":1}');
      assert.equal((await fixture.describe(waiting)).status, 'RUNNING');
      await clock.advance(60_000);
      assert.equal((await fixture.describe(waiting)).status, 'SUCCEEDED');
      const { events = [] } = await fixture.sfn.send(
        new GetExecutionHistoryCommand({ executionArn: waiting }),
      );
      assert.deepEqual(
        events.map(({ id }) => id),
        events.map((_, index) => index + 1),
      );
      assert.equal(events.filter(({ type }) => type === 'ExecutionSucceeded').length, 1);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
