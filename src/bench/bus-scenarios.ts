/**
 * Buses: one event at a time, many in a call, and one rule among many. The rule that matches sends to a queue, and
 * as many messages as there were events have to lie there at the end: a bus delivers in the commit that takes the
 * event, so nothing is waited for.
 */
import type { AwsClient } from '../cli/aws-client.ts';
import {
  countMessages,
  createQueue,
  deleteQueue,
  FILLER,
  jsonHeaders,
  nameOf,
  PLACE,
  queueArn,
  type Scenario,
  template,
} from './scenario.ts';

const EVENT_SOURCE = 'bench.orders';

interface BusShape {
  readonly name: string;
  readonly title: string;
  readonly entryCount: number;
  readonly ruleCount: number;
}

/** The first rule of a bus is the one that matches; the others wait for another status each. */
const statusOf = (rule: number): string => (rule === 0 ? 'placed' : `status-${rule}`);
const ruleName = (rule: number): string => `rule-${rule}`;

/** The bus and the queue have the same name; the address is the queue's URL. */
function busScenario({ name: scenarioName, title, entryCount, ruleCount }: BusShape): Scenario {
  const rules = Array.from({ length: ruleCount }, (_, rule) => rule);
  return {
    name: scenarioName,
    title,
    setUp: async (client, name) => {
      const queueUrl = await createQueue(client, name);
      const Arn = await queueArn(client, queueUrl);
      await client.json('events', 'CreateEventBus', { Name: name });
      for (const rule of rules) await putRule(client, { bus: name, rule, Arn });
      return queueUrl;
    },
    requests: (queueUrl) => {
      const entry = {
        EventBusName: nameOf(queueUrl),
        Source: EVENT_SOURCE,
        DetailType: 'OrderPlaced',
        Detail: JSON.stringify({ order: PLACE, status: statusOf(0), text: FILLER }),
      };
      const body = { Entries: Array.from({ length: entryCount }, () => entry) };
      return [template(jsonHeaders('events', 'AWSEvents.PutEvents', '1.1'), body)];
    },
    finish: async (client, queueUrl) => {
      return { count: (await countMessages(client, queueUrl)) / entryCount, waitedMs: 0 };
    },
    tearDown: async (client, queueUrl) => {
      const EventBusName = nameOf(queueUrl);
      for (const rule of rules) {
        const Name = ruleName(rule);
        await client.json('events', 'RemoveTargets', { Rule: Name, EventBusName, Ids: ['queue'] });
        await client.json('events', 'DeleteRule', { Name, EventBusName });
      }
      await client.json('events', 'DeleteEventBus', { Name: EventBusName });
      await deleteQueue(client, queueUrl);
    },
  };
}

interface NewRule {
  readonly bus: string;
  readonly rule: number;
  /** Of the queue. */
  readonly Arn: string;
}

async function putRule(client: AwsClient, { bus, rule, Arn }: NewRule): Promise<void> {
  const Name = ruleName(rule);
  const EventPattern = JSON.stringify({ source: [EVENT_SOURCE], detail: { status: [statusOf(rule)] } });
  await client.json('events', 'PutRule', { Name, EventBusName: bus, EventPattern });
  await client.json('events', 'PutTargets', {
    Rule: Name,
    EventBusName: bus,
    Targets: [{ Id: 'queue', Arn }],
  });
}

export const putEvents = busScenario({
  name: 'put-events',
  title: 'PutEvents, 1 rule to a queue',
  entryCount: 1,
  ruleCount: 1,
});

export const putTenEvents = busScenario({
  name: 'put-10-events',
  title: 'PutEvents, 10 entries to a queue',
  entryCount: 10,
  ruleCount: 1,
});

/** As many as a bus may have. */
export const putEventsManyRules = busScenario({
  name: 'put-events-300-rules',
  title: 'PutEvents, 1 of 300 rules to a queue',
  entryCount: 1,
  ruleCount: 300,
});
