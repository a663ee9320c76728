/**
 * How Step Functions speaks of the services whose actions Millrace performs: the names of their errors, the text of a
 * cause, and what it shows of an answer. It calls the optimised integrations with version 1 of AWS's SDK for Java
 * and `aws-sdk:` with version 2, and both can be told by their words (recorded).
 */
import { crc32 } from 'node:zlib';
import { formatHttpDate } from '../../base/clock.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { ActionOutcome } from '../ports.ts';

export interface ActionDialect {
  /** The service's file in `src/api`. */
  readonly service: string;
  /** What names of errors begin with. */
  readonly prefix: string;
  /** The error that stands for all that the service's model does not name. */
  readonly baseError: string;
  readonly dates: 'milliseconds' | 'iso8601';
  /** What stands behind the message of an error. */
  readonly facts: (error: {
    readonly status: number;
    readonly code: string;
    readonly requestId: string;
  }) => string;
  /** The headers of an answer; undefined where answers are shown without what came around them. */
  readonly headers?: (facts: AnswerFacts) => Readonly<Record<string, string>>;
}

interface AnswerFacts {
  readonly action: string;
  readonly wireText: string;
  readonly requestId: string;
  readonly now: number;
}

type Refusal = Extract<ActionOutcome, { readonly kind: 'refused' }>;

/** Names are sorted without regard to case, as recorded. */
function plainHeaders({ wireText, requestId, now }: AnswerFacts): Readonly<Record<string, string>> {
  return {
    connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(wireText)),
    'Content-Type': 'application/x-amz-json-1.0',
    Date: formatHttpDate(now),
    'x-amzn-RequestId': requestId,
  };
}

/** The request id of GetItem alone is in lower case. */
function dynamodbHeaders(facts: AnswerFacts): Readonly<Record<string, string>> {
  const { connection = '', 'x-amzn-RequestId': requestId = '', ...rest } = plainHeaders(facts);
  const checksum = { Server: 'Server', 'x-amz-crc32': String(crc32(facts.wireText)) };
  const idHeader = facts.action === 'getItem' ? 'x-amzn-requestid' : 'x-amzn-RequestId';
  return { Connection: connection, ...rest, ...checksum, [idHeader]: requestId };
}

/** `sdkName` is how version 1 of the SDK calls the service. */
function optimised(
  names: readonly [service: string, prefix: string, sdkName: string],
  headers?: ActionDialect['headers'],
): ActionDialect {
  const [service, prefix, sdkName] = names;
  return {
    service,
    prefix,
    // `AmazonDynamoDBv2` is the one whose exceptions leave the version out.
    baseError: `${sdkName.replace(/v2$/, '')}Exception`,
    dates: 'milliseconds',
    facts: ({ status, code, requestId }) =>
      `(Service: ${sdkName}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`,
    ...(headers === undefined ? {} : { headers }),
  };
}

/** Recordings of DynamoDB are from before the SDK counted its attempts. */
function sdk(service: string, name: string, countsAttempts = true): ActionDialect {
  const attempts = countsAttempts ? ' (SDK Attempt Count: 1)' : '';
  return {
    service,
    prefix: name,
    baseError: `${name}Exception`,
    dates: 'iso8601',
    facts: ({ status, requestId }) =>
      `(Service: ${name}, Status Code: ${status}, Request ID: ${requestId})${attempts}`,
  };
}

/** By the service of a Resource. */
const DIALECTS: ReadonlyMap<string, ActionDialect> = new Map([
  ['dynamodb', optimised(['dynamodb', 'DynamoDB', 'AmazonDynamoDBv2'], dynamodbHeaders)],
  ['events', optimised(['events', 'EventBridge', 'AmazonEventBridge'])],
  ['sqs', optimised(['sqs', 'SQS', 'AmazonSQS'], plainHeaders)],
  ['states', optimised(['states', 'StepFunctions', 'AWSStepFunctions'], plainHeaders)],
  ['aws-sdk:dynamodb', sdk('dynamodb', 'DynamoDb', false)],
  ['aws-sdk:eventbridge', sdk('events', 'EventBridge')],
  ['aws-sdk:sfn', sdk('states', 'Sfn')],
  ['aws-sdk:sqs', sdk('sqs', 'Sqs')],
]);

/** `undefined` for a service whose actions are not performed inside the platform. */
export function dialectOf(service: string): ActionDialect | undefined {
  return DIALECTS.get(service);
}

/** A refused call, as handlers and events see it. */
export function failureOf(
  { prefix, baseError, facts }: ActionDialect,
  { code, message, modelled, httpStatus }: Refusal,
  requestId: string,
): { readonly error: string; readonly cause: string } {
  return {
    error: `${prefix}.${modelled === undefined ? baseError : exceptionName(modelled)}`,
    cause: `${message} ${facts({ status: httpStatus, code, requestId })}`,
  };
}

/** As a class of the SDK: `QueueDoesNotExist` is `QueueDoesNotExistException`. */
function exceptionName(code: string): string {
  return code.endsWith('Exception') ? code : `${code}Exception`;
}

/** An answer with what came around it, as JSON text; members by their names, as recorded. */
export function outputOf({ headers }: ActionDialect, answer: JsonObject, facts: AnswerFacts): string {
  const members: (readonly [string, Json])[] = Object.entries(answer);
  if (headers !== undefined) {
    const named = headers(facts);
    const listed = Object.entries(named).map(([name, value]) => [name, [value]] as const);
    members.push(
      [
        'SdkHttpMetadata',
        { AllHttpHeaders: Object.fromEntries(listed), HttpHeaders: named, HttpStatusCode: 200 },
      ],
      ['SdkResponseMetadata', { RequestId: facts.requestId }],
    );
  }
  return JSON.stringify(Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
