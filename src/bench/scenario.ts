/**
 * What every scenario of the benchmark is made of, and what several of them need: the headers of an SDK, bodies with
 * places for what differs, and queues to look into. The files `*-scenarios.ts` hold the scenarios of each service and
 * `scenarios.ts` lists them; none of them may use more of the server than its API.
 */
import type { AwsClient, JsonService } from '../cli/aws-client.ts';
import type { RequestTemplate } from './load.ts';

/**
 * How to set it up on any server that speaks AWS's protocols, what the load repeats, and how to tell afterwards that
 * everything which was answered has also happened. Each run has a name of its own, so that runs do not feel each
 * other.
 */
export interface Scenario {
  readonly name: string;
  /** The operation, for people. */
  readonly title: string;
  /** Makes what the requests need, for so many clients; answers where they go: an URL, a name, an ARN. */
  setUp(client: AwsClient, name: string, clientCount: number): Promise<string>;
  /** One operation of the load: a request, or several in a row. */
  requests(address: string): readonly RequestTemplate[];
  /** Waits for what was begun, and counts what has come to its end of the operations that were acknowledged. */
  finish(client: AwsClient, address: string, acknowledged: number): Promise<Finished>;
  tearDown(client: AwsClient, address: string): Promise<void>;
}

export interface Finished {
  readonly count: number;
  /** Until the last one had ended; 0 when none was under way any more. */
  readonly waitedMs: number;
}

export const ROLE = 'arn:aws:iam::000000000000:role/bench';
/** About what an order, or a change of one, takes. */
export const FILLER = 'x'.repeat(250);

/** Signs as an SDK does. The key `test` is never known, so its signature is parsed and not verified. */
function signedHeaders(service: string): Record<string, string> {
  const credential = `Credential=test/20260131/us-east-1/${service}/aws4_request`;
  const names = 'SignedHeaders=content-type;host;x-amz-date;x-amz-target';
  return {
    'x-amz-date': '20260131T090507Z',
    'user-agent': 'aws-sdk-js/3.1000.0 os/linux lang/js md/nodejs#24.11.0',
    'amz-sdk-invocation-id': '3f0e6a52-4bb1-4b3c-9d1f-0d3c9f3a7a11',
    'amz-sdk-request': 'attempt=1; max=3',
    authorization: `AWS4-HMAC-SHA256 ${credential}, ${names}, Signature=${'0'.repeat(64)}`,
  };
}

/** The headers of an SDK's request in AWS JSON. */
export function jsonHeaders(
  service: JsonService,
  target: string,
  jsonVersion: string,
): Record<string, string> {
  return {
    'content-type': `application/x-amz-json-${jsonVersion}`,
    'x-amz-target': target,
    ...signedHeaders(service),
  };
}

/** Those of a request in REST JSON. */
export function restHeaders(service: 'lambda'): Record<string, string> {
  return { 'content-type': 'application/json', ...signedHeaders(service) };
}

/** Stands in a body where the load writes its number, or what it took from the answer before. */
export const PLACE = '0123456789';

export function template(
  headers: RequestTemplate['headers'],
  body: object,
  more: Partial<RequestTemplate> = {},
): RequestTemplate {
  return { path: '/', headers, bodyParts: JSON.stringify(body).split(PLACE), ...more };
}

/** For operations that are done when they are answered. */
export function finishAnswered(
  _client: AwsClient,
  _address: string,
  acknowledged: number,
): Promise<Finished> {
  return Promise.resolve({ count: acknowledged, waitedMs: 0 });
}

export const sqsHeaders = (operation: string): Record<string, string> =>
  jsonHeaders('sqs', `AmazonSQS.${operation}`, '1.0');

export async function createQueue(client: AwsClient, name: string): Promise<string> {
  const { QueueUrl: url } = await client.json<{ QueueUrl: string }>('sqs', 'CreateQueue', {
    QueueName: name,
  });
  return url;
}

export async function deleteQueue(client: AwsClient, queueUrl: string): Promise<void> {
  await client.json('sqs', 'DeleteQueue', { QueueUrl: queueUrl });
}

export function nameOf(queueUrl: string): string {
  return queueUrl.split('/').at(-1) ?? '';
}

export async function queueArn(client: AwsClient, queueUrl: string): Promise<string> {
  return readAttribute(client, queueUrl, 'QueueArn');
}

/** Messages that wait, without those that somebody has received. */
export async function countMessages(client: AwsClient, queueUrl: string): Promise<number> {
  return Number(await readAttribute(client, queueUrl, 'ApproximateNumberOfMessages'));
}

export async function readAttribute(client: AwsClient, queueUrl: string, name: string): Promise<string> {
  const { Attributes } = await client.json<{ Attributes: Record<string, string> }>(
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: queueUrl, AttributeNames: [name] },
  );
  return Attributes[name] ?? '';
}

export async function finishMessages(client: AwsClient, queueUrl: string): Promise<Finished> {
  return { count: await countMessages(client, queueUrl), waitedMs: 0 };
}
