import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model as dynamodb } from '../../api/dynamodb.ts';
import { model as events } from '../../api/events.ts';
import { model as iam } from '../../api/iam.ts';
import { model as sqs } from '../../api/sqs.ts';
import { AwsError } from '../../base/errors.ts';
import { authorization, createTestWire, testRequest } from '../../testing/wire-fixture.ts';
import type { Seen } from '../../testing/wire-fixture.ts';
import { AwsQuery, parseForm } from './aws-query.ts';
import { JsonDecoders } from './json-decode.ts';
import { JsonEncoders } from './json-encode.ts';
import { escapeXml } from './xml.ts';

function decode(shape: string, value: unknown, model = dynamodb): unknown {
  return new JsonDecoders(model).get(shape)(value);
}

test('a value of the wrong type is refused in the words of AWS', () => {
  const cases: [unknown, RegExp][] = [
    [{ TableName: 1 }, /^NUMBER_VALUE can not be converted to a String$/],
    [{ TableName: 1.5 }, /^DECIMAL_VALUE can not/],
    [{ TableName: true }, /^TRUE_VALUE can not/],
    [{ TableName: {} }, /^Start of structure or map found where not expected.$/],
    [{ TableName: [] }, /^Unrecognized collection type class java.lang.String$/],
    [{ Item: [] }, /^Start of list found/],
    [{ Item: 'a' }, /^Unexpected field type$/],
    [{ Item: { a: { BOOL: 'true' } } }, /^STRING_VALUE can not be converted to an Boolean$/],
    [{ Item: { a: { SS: [null] } } }, /^Unexpected field type$/],
    [{ Item: { a: { B: 'abc' } } }, /^Base64 encoded length is expected a multiple of 4 bytes but found: 3$/],
    [{ Item: { a: { B: 'a*==' } } }, /^Invalid Base64 character/],
    [[], /^Unrecognized collection type/],
    [{ Item: { a: [] } }, /^Unrecognized collection type class AttributeValue$/],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => decode('PutItemInput', value), { code: 'SerializationException', message });
  }
});

test('null means absent, and maps of callers have no prototype', () => {
  const input = decode(
    'PutItemInput',
    JSON.parse('{"TableName":null,"Item":{"__proto__":{"S":"a"},"x":null}}'),
  ) as {
    TableName?: string;
    Item: Record<string, unknown>;
  };
  assert.equal(input.TableName, undefined);
  assert.deepEqual(Object.keys(input.Item), ['__proto__']);
  assert.equal(input.Item['constructor'], undefined);
  assert.equal(Object.getPrototypeOf(input.Item), null);
});

test('members that the model does not know change nothing', () => {
  const input = decode(
    'PutItemInput',
    JSON.parse('{"TableName":"t","__proto__":{"Item":1},"constructor":2,"Other":[]}'),
  );
  assert.equal(Object.getPrototypeOf(input), Object.prototype);
  assert.equal((input as { Item?: unknown }).Item, undefined);
});

test('a fraction is cut off a whole number, and a timestamp may be seconds or text', () => {
  assert.deepEqual(decode('ListRulesRequest', { Limit: 5.9 }, events), { Limit: 5 });
  for (const time of [1_700_000_000.5, '1700000000.5', '2023-11-14T22:13:20.500Z']) {
    const input = decode('PutEventsRequest', { Entries: [{ Time: time }] }, events);
    assert.deepEqual(input, { Entries: [{ Time: 1_700_000_000_500 }] });
  }
  assert.throws(() => decode('PutEventsRequest', { Entries: [{ Time: 'soon' }] }, events), {
    code: 'SerializationException',
  });
});

test('an output is copied only where it is converted, and a shape without bytes or times has no encoder', () => {
  assert.equal(new JsonEncoders(sqs).get('SendMessageResult'), undefined);
  const encode = new JsonEncoders(dynamodb).get('GetItemOutput');
  assert.ok(encode);
  const plain = { Item: { a: { S: 'x' }, m: { M: { l: { L: [{ N: '1' }] } } } } };
  assert.equal(encode(plain), plain);
  const inner = { S: 'x' };
  const output = { Item: { a: inner, b: { B: new Uint8Array([1, 2]) } } };
  const encoded = encode(output) as { Item: { a: object; b: { B: string } } };
  assert.equal(encoded.Item.b.B, 'AQI=');
  assert.equal(encoded.Item.a, inner);
  assert.ok(output.Item.b.B instanceof Uint8Array);
});

test('a form is folded by its dots, bounded in fields and depth, with numbers in order', () => {
  const query = new AwsQuery(iam);
  const read = (text: string): unknown =>
    query
      .operation('TagRole', iam.operations['TagRole'] ?? assert.fail())
      .decode(testRequest({ text }), new Map());
  const text =
    'RoleName=r&Tags.member.10.Key=b&Tags.member.10.Value=2&Tags.member.2.Key=a&Tags.member.2.Value=1&Tags.x=1';
  assert.deepEqual(read(text), {
    RoleName: 'r',
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  assert.deepEqual(read('RoleName=r&Tags='), { RoleName: 'r', Tags: [] });
  assert.throws(() => parseForm('a.'.repeat(40)), { code: 'MalformedQueryString' });
  assert.throws(() => parseForm('a=1&'.repeat(10_001)), { code: 'MalformedQueryString' });
});

test('XML never carries markup or control characters of a caller', () => {
  assert.equal(
    escapeXml('<a b="c">&\'\u0000\n\uFFFF'),
    '&lt;a b=&quot;c&quot;&gt;&amp;&apos;&#x0;&#xA;&#xFFFF;',
  );
});

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

test('SQS still speaks Query: attributes, entries and the queue in the path', async () => {
  const seen: Seen[] = [];
  const wire = createTestWire(
    {
      handlers: {
        'sqs:CreateQueue': () => ({ QueueUrl: 'http://x/0/q' }),
        'sqs:SendMessageBatch': () => ({
          Successful: [{ Id: 'a', MessageId: 'm', MD5OfMessageBody: 'd' }],
          Failed: [],
        }),
        'sqs:GetQueueAttributes': () => ({ Attributes: { DelaySeconds: '5' } }),
        'sqs:ReceiveMessage': () => ({
          Messages: [{ Body: 'b', Attributes: { SentTimestamp: '1' } }, { Body: 'c' }],
        }),
        'sqs:DeleteQueue': () => {
          throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
        },
      },
    },
    seen,
  );
  const call = async (text: string, url = '/'): Promise<string> => {
    const request = testRequest({ url, headers: FORM, text: `${text}&Version=2012-11-05` });
    return String((await wire.handle(request)).body);
  };
  const created = await call(
    'Action=CreateQueue&QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Tag.1.Key=k&Tag.1.Value=v',
  );
  assert.match(created, /<CreateQueueResult><QueueUrl>http:\/\/x\/0\/q<\/QueueUrl><\/CreateQueueResult>/);
  const entry = 'SendMessageBatchRequestEntry.1';
  const attribute = `${entry}.MessageAttribute.1`;
  const batch = await call(
    `Action=SendMessageBatch&${entry}.Id=a&${entry}.MessageBody=b&${attribute}.Name=n&${attribute}.Value.DataType=String&${attribute}.Value.StringValue=s`,
    '/000000000000/q',
  );
  assert.match(batch, /<SendMessageBatchResultEntry><Id>a<\/Id>/);
  assert.match(
    await call('Action=GetQueueAttributes&QueueUrl=u&AttributeName.1=All'),
    /<Attribute><Name>DelaySeconds<\/Name><Value>5<\/Value><\/Attribute>/,
  );
  assert.match(
    await call('Action=ReceiveMessage&QueueUrl=u'),
    /<Message><Attribute><Name>SentTimestamp.*<\/Message><Message><Body>c/,
  );
  const error = await call('Action=DeleteQueue&QueueUrl=u');
  assert.match(error, /<Type>Sender<\/Type><Code>AWS.SimpleQueueService.NonExistentQueue<\/Code>/);
  assert.deepEqual(
    seen.slice(0, 3).map(({ input }) => structuredClone(input)),
    [
      { QueueName: 'q', Attributes: { DelaySeconds: '5' }, tags: { k: 'v' } },
      {
        QueueUrl: 'http://127.0.0.1:4566/000000000000/q',
        Entries: [
          { Id: 'a', MessageBody: 'b', MessageAttributes: { n: { DataType: 'String', StringValue: 's' } } },
        ],
      },
      { QueueUrl: 'u', AttributeNames: ['All'] },
    ],
  );
});

test('a REST body cannot set what the path says', async () => {
  const seen: Seen[] = [];
  const wire = createTestWire({ handlers: { 'pipes:CreatePipe': () => ({}) } }, seen);
  const arn = 'arn:aws:sqs:us-east-1:000000000000:q';
  const text = JSON.stringify({
    Name: 'other',
    Source: arn,
    Target: arn,
    RoleArn: 'arn:aws:iam::000000000000:role/r',
  });
  const answer = await wire.handle(
    testRequest({ url: '/v1/pipes/mine', headers: { authorization: authorization('pipes') }, text }),
  );
  assert.equal(answer.status, 200, String(answer.body));
  assert.equal((seen[0]?.input as { Name: string } | undefined)?.Name, 'mine');
});
