/** Provokes each refusal that was recorded from EventBridge, and compares code and text. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import * as eb from '@aws-sdk/client-eventbridge';
import { startTestServer } from '../../src/testing/test-server.ts';

interface Recorded {
  readonly service: string;
  readonly code: string;
  readonly message: string;
  readonly kind: 'entry' | 'exception';
  readonly test: string;
}

const file = new URL('../../../shared/conformance/events/api-errors.jsonl', import.meta.url);
const skip = existsSync(file) ? false : 'the recorded errors are not on this machine';

const ENTRY = { Source: 'core.update-account-command', DetailType: 'core.update-account-command' };
const DETAIL = '{"command": "update-account", "payload": {"acc_id": "0a787ecb-4015", "sf_id": "baz"}}';
const ARN = 'arn:aws:events:us-east-1:000000000000';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:queue';
const PATTERN = '{"source":["shop"]}';
/** Names in the requests below, by the placeholder that stands for them in the recordings. */
const NAMES: Readonly<Record<string, string>> = {
  '<bus-name>': 'a-bus',
  '<bus_name>': 'a-bus',
  '<custom-event-bus>': 'a-bus',
  '<event-bus-name>': 'a-bus',
  '<rule-name>': 'a-rule',
  '<rule_name>': 'a-rule',
  '<not-existing-resource-name>': 'missing',
  '<target-id>': 'a-target',
};

type Provoke = (client: eb.EventBridgeClient) => Promise<unknown>;

const put = (client: eb.EventBridgeClient, ...Entries: eb.PutEventsRequestEntry[]) =>
  client.send(new eb.PutEventsCommand({ Entries }));
const createBus = (client: eb.EventBridgeClient) =>
  client.send(new eb.CreateEventBusCommand({ Name: 'a-bus' }));
const putRule = (client: eb.EventBridgeClient, options: Partial<eb.PutRuleCommandInput> = {}) =>
  client.send(new eb.PutRuleCommand({ Name: 'a-rule', EventPattern: PATTERN, ...options }));

/** Makes the rule, and gives it these targets. */
async function putTargets(client: eb.EventBridgeClient, ...targets: Partial<eb.Target>[]): Promise<unknown> {
  await putRule(client);
  const Targets = targets.map((target) => ({ Id: 'a-target', Arn: QUEUE, ...target }));
  return client.send(new eb.PutTargetsCommand({ Rule: 'a-rule', Targets }));
}

/** By the name of the recording's test, without its file. What is not here belongs to operations not built yet. */
const PROVOKE: Readonly<Record<string, Provoke>> = {
  'TestEvents::test_put_events_without_source': (client) =>
    put(client, { ...ENTRY, Detail: DETAIL, Source: undefined }),
  'TestEvents::test_put_event_without_detail': (client) => put(client, ENTRY),
  'TestEvents::test_put_event_without_detail_type': (client) =>
    put(client, { ...ENTRY, Detail: DETAIL, DetailType: undefined }),
  'TestEvents::test_put_event_malformed_detail[STRING]': (client) =>
    put(client, { ...ENTRY, Detail: 'text' }),
  'TestEvents::test_put_event_with_too_big_detail': (client) =>
    put(client, { ...ENTRY, Detail: JSON.stringify({ a: 'x'.repeat(1_048_576) }) }),
  'TestEvents::test_put_events_exceed_limit_ten_entries[custom]': (client) =>
    put(client, ...Array.from({ length: 11 }, () => ({ ...ENTRY, Detail: DETAIL, EventBusName: 'a-bus' }))),
  'TestEventBus::test_create_multiple_event_buses_same_name': async (client) => {
    await createBus(client);
    return createBus(client);
  },
  'TestEventBus::test_describe_delete_not_existing_event_bus': (client) =>
    client.send(new eb.DescribeEventBusCommand({ Name: 'a-bus' })),
  'TestEventBus::test_delete_default_event_bus': (client) =>
    client.send(new eb.DeleteEventBusCommand({ Name: 'default' })),
  'TestEventBus::test_remove_permission_non_existing_sid[True-custom]': (client) =>
    client.send(new eb.RemovePermissionCommand({ StatementId: 'missing' })),
  'TestEventBus::test_put_events_nonexistent_event_bus': (client) =>
    client.send(new eb.DescribeEventBusCommand({ Name: 'a-bus' })),
  'TestEventRule::test_describe_nonexistent_rule': (client) =>
    client.send(new eb.DescribeRuleCommand({ Name: 'a-rule' })),
  'TestEventRule::test_delete_rule_with_targets': async (client) => {
    await putTargets(client, {});
    return client.send(new eb.DeleteRuleCommand({ Name: 'a-rule' }));
  },
  'TestEventTarget::test_add_exceed_fife_targets_per_rule': (client) =>
    putTargets(client, ...['a', 'b', 'c', 'd', 'e', 'f'].map((Id) => ({ Id }))),
  'TestEventTarget::test_put_target_id_validation': (client) => putTargets(client, { Id: '!@#$@!#$' }),
  'TestEventPattern::test_plain_string_payload': (client) =>
    client.send(new eb.TestEventPatternCommand({ EventPattern: PATTERN, Event: 'plain string' })),
  'tests_tag_list_untag_not_existing_resource[not_existing_rule]': (client) =>
    client.send(new eb.ListTagsForResourceCommand({ ResourceARN: `${ARN}:rule/missing` })),
  'tests_tag_list_untag_not_existing_resource[not_existing_event_bus]': (client) =>
    client.send(new eb.ListTagsForResourceCommand({ ResourceARN: `${ARN}:event-bus/missing` })),
  'TestRuleTags::test_list_tags_for_deleted_rule': async (client) => {
    await createBus(client);
    return client.send(new eb.ListTagsForResourceCommand({ ResourceARN: `${ARN}:rule/a-bus/a-rule` }));
  },
  'TestEventBusTags::test_list_tags_for_deleted_event_bus': (client) =>
    client.send(new eb.ListTagsForResourceCommand({ ResourceARN: `${ARN}:event-bus/a-bus` })),
  'TestInputTransformer::test_put_events_with_input_transformer_missing_keys': (client) =>
    putTargets(client, {
      InputTransformer: { InputPathsMap: { a: '$.a' }, InputTemplate: '"<notdefinedkey>"' },
    }),
  test_put_event_input_path_and_input_transformer: (client) =>
    putTargets(client, { InputPath: '$.detail', InputTransformer: { InputTemplate: '"x"' } }),
  'TestScheduleRate::tests_put_rule_with_schedule_custom_event_bus': async (client) => {
    await createBus(client);
    const schedule = { EventPattern: undefined, ScheduleExpression: 'rate(1 minute)' };
    return putRule(client, { ...schedule, EventBusName: 'a-bus' });
  },
  'TestScheduleCron::tests_put_rule_with_invalid_schedule_cron[cron(INVALID)]': (client) =>
    putRule(client, { EventPattern: undefined, ScheduleExpression: 'cron(INVALID)' }),
};

function load(): Map<string, Recorded[]> {
  const recorded = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded);
  return Map.groupBy(recorded, ({ test: name }) => name.slice(name.indexOf('::') + 2));
}

function named(message: string): string {
  return message.replaceAll(/<[a-z_-]+>/g, (placeholder) => NAMES[placeholder] ?? placeholder);
}

/** What the server said: of a failed entry, or of the request as a whole. */
async function said(
  provoked: Promise<unknown>,
): Promise<{ code: string | undefined; message: string | undefined }> {
  try {
    const { Entries } = (await provoked) as eb.PutEventsCommandOutput;
    return { code: Entries?.[0]?.ErrorCode, message: Entries?.[0]?.ErrorMessage };
  } catch (error) {
    assert.ok(error instanceof eb.EventBridgeServiceException, String(error));
    return { code: error.name, message: error.message };
  }
}

suite('EventBridge refuses as the service was recorded to', { skip }, () => {
  for (const [name, recorded] of skip ? [] : load()) {
    const provoke = PROVOKE[name];
    if (provoke === undefined) continue;
    test(name, async () => {
      await using server = await startTestServer();
      const client = new eb.EventBridgeClient({ ...server.clientConfig(), maxAttempts: 1 });
      const answer = await said(provoke(client));
      const expected = recorded.map(({ code, message }) => ({ code, message: named(message) }));
      const isRecorded = expected.some(
        ({ code, message }) => answer.code === code && answer.message === message,
      );
      if (!isRecorded) assert.deepEqual(answer, expected[0]);
    });
  }
});
