import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  StartQueryCommand,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { SimClock } from '../../src/testing/sim-clock.ts';
import { startTestServer } from '../../src/testing/test-server.ts';
import { startLambda } from './lambda-fixture.ts';

const GROUP = { logGroupName: '/test/group' };
const STREAM = { ...GROUP, logStreamName: 'one' };

async function startLogs() {
  const clock = new SimClock();
  const server = await startTestServer({ clock });
  const logs = new CloudWatchLogsClient({ ...server.clientConfig(), maxAttempts: 1 });
  await logs.send(new CreateLogGroupCommand(GROUP));
  await logs.send(new CreateLogStreamCommand(STREAM));
  const put = (messages: readonly string[], atMs: number, logStreamName = 'one') =>
    logs.send(
      new PutLogEventsCommand({
        ...GROUP,
        logStreamName,
        logEvents: messages.map((message, index) => ({ message, timestamp: atMs + index * 700 })),
      }),
    );
  const get = async (options: Partial<GetLogEventsCommandInput> = {}) => {
    const { events = [], ...tokens } = await logs.send(new GetLogEventsCommand({ ...STREAM, ...options }));
    return { messages: events.map(({ message }) => message), ...tokens };
  };
  const filter = async (options: Partial<FilterLogEventsCommandInput> = {}) => {
    const { events = [], nextToken } = await logs.send(new FilterLogEventsCommand({ ...GROUP, ...options }));
    return { messages: events.map(({ message }) => message), nextToken };
  };
  return {
    clock,
    logs,
    put,
    get,
    filter,
    [Symbol.asyncDispose]: async () => {
      logs.destroy();
      await server.close();
    },
  };
}

suite('the CloudWatch Logs service', () => {
  test('reads a stream forward and backward by pages, and ends with the token that it was given', async () => {
    await using fixture = await startLogs();
    const { put, get, clock } = fixture;
    await put(['a', 'b', 'c', 'd', 'e'], clock.now());
    const first = await get({ startFromHead: true, limit: 2 });
    assert.deepEqual(first.messages, ['a', 'b']);
    const second = await get({ nextToken: first.nextForwardToken, limit: 2 });
    assert.deepEqual(second.messages, ['c', 'd']);
    const third = await get({ nextToken: second.nextForwardToken, limit: 2 });
    assert.deepEqual(third.messages, ['e']);
    const end = await get({ nextToken: third.nextForwardToken });
    assert.deepEqual(end.messages, []);
    assert.equal(end.nextForwardToken, third.nextForwardToken);
    await put(['f'], clock.now() + 10_000);
    assert.deepEqual((await get({ nextToken: end.nextForwardToken })).messages, ['f']);
    assert.deepEqual((await get({ nextToken: second.nextBackwardToken })).messages, ['a', 'b']);
    assert.deepEqual((await get({ limit: 2 })).messages, ['e', 'f']);
  });

  test('orders events by their time, also when a later batch is of an earlier time', async () => {
    await using fixture = await startLogs();
    const { put, get, clock } = fixture;
    await put(['late'], clock.now() + 100);
    await put(['early'], clock.now());
    assert.deepEqual((await get({ startFromHead: true })).messages, ['early', 'late']);
    const between = { startTime: clock.now() + 50, endTime: clock.now() + 101 };
    assert.deepEqual((await get(between)).messages, ['late']);
  });

  test('filters by terms, phrases, alternatives and members of JSON, over several streams', async () => {
    await using fixture = await startLogs();
    const { put, filter, clock, logs } = fixture;
    await logs.send(new CreateLogStreamCommand({ ...GROUP, logStreamName: 'two' }));
    await put(['ERROR one two', 'WARN two', '{"status":500,"path":"/orders/1"}'], clock.now());
    await put(['ERROR three', '{"status":200,"user":{"name":"ann"}}'], clock.now() + 100, 'two');
    const matching = async (filterPattern: string) => (await filter({ filterPattern })).messages;
    assert.equal((await matching('')).length, 5);
    assert.deepEqual(await matching('ERROR'), ['ERROR one two', 'ERROR three']);
    assert.deepEqual(await matching('ERROR two'), ['ERROR one two']);
    assert.deepEqual(await matching('"one two"'), ['ERROR one two']);
    assert.deepEqual(await matching('?WARN ?three'), ['ERROR three', 'WARN two']);
    assert.deepEqual(await matching('ERROR -three'), ['ERROR one two']);
    assert.deepEqual(await matching('{ $.status = 500 }'), ['{"status":500,"path":"/orders/1"}']);
    assert.deepEqual(await matching('{ $.status >= 200 && $.path = "/orders/*" }'), [
      '{"status":500,"path":"/orders/1"}',
    ]);
    assert.deepEqual(await matching('{ $.user.name = "ann" || $.status > 1000 }'), [
      '{"status":200,"user":{"name":"ann"}}',
    ]);
    assert.deepEqual((await filter({ logStreamNames: ['two'], filterPattern: 'ERROR' })).messages, [
      'ERROR three',
    ]);
    await assert.rejects(matching('[a, b]'), { name: 'NotImplemented' });
    await assert.rejects(matching('{ $.a'), { name: 'InvalidParameterException' });
  });

  test('answers what it found by pages', async () => {
    await using fixture = await startLogs();
    const { put, filter, clock } = fixture;
    await put(['a', 'b', 'c', 'd', 'e'], clock.now());
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await filter({ limit: 2, nextToken });
      seen.push(...page.messages);
      ({ nextToken } = page);
    } while (nextToken !== undefined);
    assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e']);
  });

  test('refuses batches out of order, and leaves out what is too old or too new', async () => {
    await using fixture = await startLogs();
    const { logs, clock, get } = fixture;
    const now = clock.now();
    const put = (...timestamps: readonly number[]) =>
      logs.send(
        new PutLogEventsCommand({
          ...STREAM,
          logEvents: timestamps.map((timestamp) => ({ timestamp, message: `at ${timestamp - now}` })),
        }),
      );
    await assert.rejects(put(now, now - 1), {
      name: 'InvalidParameterException',
      message: 'Log events in a single PutLogEvents request must be in chronological order.',
    });
    const tooNew = await put(now, now + 3 * 3_600_000);
    assert.deepEqual(tooNew.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 1 });
    const tooOld = await put(now - 15 * 86_400_000);
    assert.deepEqual(tooOld.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
    assert.deepEqual((await get()).messages, ['at 0']);
  });

  test('describes groups and streams, tags them, and refuses in the words of AWS', async () => {
    await using fixture = await startLogs();
    const { logs, put, clock } = fixture;
    await assert.rejects(logs.send(new CreateLogGroupCommand(GROUP)), {
      name: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    });
    await put(['a'], clock.now());
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/test' }));
    assert.equal(logGroups?.[0]?.arn, 'arn:aws:logs:us-east-1:000000000000:log-group:/test/group:*');
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand(GROUP));
    assert.equal(logStreams?.[0]?.firstEventTimestamp, clock.now());
    const resourceArn = logGroups?.[0]?.logGroupArn ?? '';
    await logs.send(new TagResourceCommand({ resourceArn, tags: { team: 'a' } }));
    const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, { team: 'a' });
    await logs.send(new DeleteLogStreamCommand(STREAM));
    await assert.rejects(logs.send(new GetLogEventsCommand(STREAM)), {
      name: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    });
    await logs.send(new DeleteLogGroupCommand(GROUP));
    await assert.rejects(logs.send(new DescribeLogStreamsCommand(GROUP)), {
      message: 'The specified log group does not exist.',
    });
    await assert.rejects(
      logs.send(new StartQueryCommand({ startTime: 0, endTime: 1, queryString: 'fields @message' })),
      { name: 'NotImplemented' },
    );
  });

  test('drops events past the retention of their group', async () => {
    await using fixture = await startLogs();
    const { logs, put, get, clock } = fixture;
    await logs.send(new PutRetentionPolicyCommand({ ...GROUP, retentionInDays: 1 }));
    await put(['old'], clock.now());
    await clock.advance(23 * 3_600_000);
    await put(['new'], clock.now());
    await clock.advance(2 * 3_600_000);
    assert.deepEqual((await get()).messages, ['new']);
    await assert.rejects(logs.send(new PutRetentionPolicyCommand({ ...GROUP, retentionInDays: 2 })), {
      name: 'InvalidParameterException',
    });
    await logs.send(new DeleteRetentionPolicyCommand(GROUP));
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
    assert.equal(logGroups?.[0]?.retentionInDays, undefined);
  });

  test('holds what a function wrote, as soon as its answer is there', async () => {
    await using fixture = await startLambda();
    const { logs, create, invoke } = fixture;
    await create('writer', "exports.handler = async () => console.log('written');");
    await invoke('writer');
    const logGroupName = '/aws/lambda/writer';
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName }));
    assert.match(logStreams?.[0]?.logStreamName ?? '', /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName, filterPattern: 'written' }),
    );
    assert.match(events?.[0]?.message ?? '', /\tINFO\twritten\n$/);
    const all = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    assert.deepEqual(
      all.events?.map(({ message }) => message?.split(/[ \t]/)[0]?.replace(/^\d.*/, 'line')),
      ['INIT_START', 'START', 'line', 'END', 'REPORT'],
    );
  });
});
