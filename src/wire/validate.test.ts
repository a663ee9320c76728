import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceModel } from '../api/model.ts';
import { model as dynamodb } from '../api/dynamodb.ts';
import { model as events } from '../api/events.ts';
import { registry } from '../api/registry.ts';
import { model as lambda } from '../api/lambda.ts';
import { model as logs } from '../api/logs.ts';
import { model as sqs } from '../api/sqs.ts';
import { model as states } from '../api/states.ts';
import { AwsError } from '../base/errors.ts';
import { compilePattern } from './patterns.ts';
import { Validators } from './validate.ts';

function failure(model: ServiceModel, shape: string, input: unknown): AwsError {
  try {
    new Validators(model).get(shape)?.(input);
  } catch (error) {
    assert.ok(error instanceof AwsError);
    return error;
  }
  throw new Error('the input is valid');
}

function isValid(model: ServiceModel, shape: string, input: unknown): boolean {
  new Validators(model).get(shape)?.(input);
  return true;
}

test('one broken constraint is told with its value and its place', () => {
  const error = failure(states, 'CreateStateMachineInput', { name: '', definition: '{}', roleArn: 'r' });
  assert.equal(error.code, 'ValidationException');
  assert.equal(
    error.message,
    "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
  );
});

test('several errors are counted and joined, the pattern of a member before its length', () => {
  const name = 'two errors in one name, this one, which has spaces and is too long for it';
  const error = failure(events, 'CreateConnectionRequest', {
    Name: name,
    AuthorizationType: 'NONE',
    AuthParameters: {},
  });
  const at = (member: string, value: string): string =>
    `Value '${value}' at '${member}' failed to satisfy constraint: `;
  assert.equal(
    error.message,
    [
      `3 validation errors detected: ${at('authorizationType', 'NONE')}Member must satisfy enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]`,
      `${at('name', name)}Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
      `${at('name', name)}Member must have length less than or equal to 64`,
    ].join('; '),
  );
});

test('a missing member is null, and members of a list of structures are told by number', () => {
  assert.equal(
    failure(events, 'PutTargetsRequest', { Rule: 'r', Targets: [{ Id: 'a', Arn: 'b' }, { Id: 'b' }] })
      .message,
    "1 validation error detected: Value null at 'targets.2.member.arn' failed to satisfy constraint: Member must not be null",
  );
});

test('numbers and list sizes have bounds', () => {
  assert.equal(
    failure(states, 'ListExecutionsInput', { maxResults: 1001 }).message,
    "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
  );
  assert.equal(
    failure(events, 'PutEventsRequest', { Entries: [] }).message,
    "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1",
  );
});

test('a list of structures is shown as Java shows it', () => {
  const entries = Array.from({ length: 11 }, () => ({ Source: 's', Detail: '{}' }));
  const shown =
    'PutEventsRequestEntry(time=null, source=s, resources=null, detailType=null, detail={}, eventBusName=null, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)';
  assert.equal(
    failure(events, 'PutEventsRequest', { Entries: entries }).message,
    `1 validation error detected: Value '[${entries.map(() => shown).join(', ')}]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10`,
  );
});

test('scalars in maps and lists are told for the whole container', () => {
  const tags = Object.assign(Object.create(null) as object, { 'a*b': 'v' });
  assert.equal(
    failure(logs, 'CreateLogGroupRequest', { logGroupName: 'g', tags }).message,
    "1 validation error detected: Value '{a*b=v}' at 'tags' failed to satisfy constraint: Map keys must satisfy" +
      ' constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal' +
      ' to 1, Member must satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)$]',
  );
  assert.equal(
    failure(events, 'UntagResourceRequest', { ResourceARN: 'arn:aws:events:a', TagKeys: [''] }).message,
    "1 validation error detected: Value '[]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]",
  );
});

test('each service has its own code', () => {
  assert.equal(
    failure(logs, 'CreateLogGroupRequest', { logGroupName: '' }).code,
    'InvalidParameterException',
  );
  const missing = failure(sqs, 'SendMessageRequest', { QueueUrl: 'u' });
  assert.equal(missing.code, 'MissingParameter');
  assert.equal(missing.message, 'The request must contain the parameter MessageBody.');
});

test('an unknown runtime is left to the handler, whose text differs', () => {
  const input = {
    FunctionName: 'f',
    Role: 'arn:aws:iam::000000000000:role/r',
    Code: {},
    Runtime: 'nodejs0.10',
  };
  assert.ok(isValid(lambda, 'CreateFunctionRequest', input));
});

test('a secret is not repeated in the message', () => {
  const error = failure(events, 'CreateConnectionRequest', {
    Name: 'n',
    AuthorizationType: 'BASIC',
    AuthParameters: { BasicAuthParameters: { Username: 'u', Password: 'p\u0000w' } },
  });
  assert.match(
    error.message,
    /^1 validation error detected: Value at 'authParameters.basicAuthParameters.password'/,
  );
  assert.doesNotMatch(error.message, /p\0w/);
});

test('a text with thousands of errors stays short', () => {
  const targets = Array.from({ length: 5000 }, () => ({}));
  const error = failure(events, 'PutTargetsRequest', { Rule: 'r', Targets: targets });
  assert.ok(error.message.length < 40_000, String(error.message.length));
});

test('an item of DynamoDB is not walked, since nothing in it is constrained', () => {
  const check = new Validators(dynamodb).get('PutItemInput');
  const item = new Proxy({}, { ownKeys: () => assert.fail('walked'), get: () => assert.fail('read') });
  check?.({ TableName: 'table', Item: item });
});

test('every pattern of every model compiles, and none runs away on hostile input', async () => {
  for (const { load } of Object.values(registry)) {
    const { model } = await load();
    for (const shape of Object.values(model.shapes)) {
      if (!('pattern' in shape) || shape.pattern === undefined) continue;
      const expression = compilePattern(shape.pattern);
      // Runs of every kind of character that patterns repeat, with an end that none of them can match.
      for (const unit of ['a', ' ', '\t ', 'a.', 'a-', '/', 'aA0', '-a', 'aws.', '$.a', ':', '%41']) {
        const text = unit.repeat(
          Math.ceil(Math.min('max' in shape ? (shape.max ?? 512) : 512, 512) / unit.length),
        );
        assert.equal(expression.test(`${text}\u0000`), expression.test(`${text}\u0000`));
      }
    }
  }
});

test('the patterns that were rewritten say what the originals say', () => {
  const header = compilePattern(String.raw`^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$`);
  for (const text of ['a', ' ', 'a b', '\ta\tb\t', 'a\t']) assert.ok(header.test(text), JSON.stringify(text));
  for (const text of ['', '\t', 'a\u0001', 'ä', 'a\n']) assert.ok(!header.test(text), JSON.stringify(text));
});
