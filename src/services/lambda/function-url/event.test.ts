import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { JsonObject } from '../../../base/json.ts';
import { toUrlEvent, type UrlEventFacts } from './event.ts';
import type { UrlRequest } from './http.ts';

const FACTS: UrlEventFacts = {
  urlId: 'id',
  domainName: 'id.lambda-url.us-east-1.localhost',
  requestId: 'request-1',
  traceId: 'Root=1-697dc6e3-000000000000000000000000',
  atMs: Date.UTC(2026, 0, 31, 9, 5, 7, 123),
  caller: undefined,
};

function eventOf(request: Partial<UrlRequest> & { text?: string }, facts: Partial<UrlEventFacts> = {}) {
  const { text = '', ...rest } = request;
  const whole = {
    method: 'POST',
    url: '/',
    headers: {},
    body: Buffer.from(text),
    remoteAddress: '127.0.0.1',
    ...rest,
  };
  // As the function gets it.
  return JSON.parse(JSON.stringify(toUrlEvent(whole, { ...FACTS, ...facts }))) as Record<string, JsonObject>;
}

suite('the event of a function URL', () => {
  test('is the whole of payload format 2.0', () => {
    const event = eventOf({
      method: 'PUT',
      url: '/a%20b/c?x=1&y=2&x=3%2C4&z',
      headers: {
        host: 'id.lambda-url.us-east-1.localhost:4566',
        'user-agent': 'curl/8',
        'content-type': 'application/json; charset=utf-8',
        accept: 'a, b',
        cookie: 'one=1; two=2',
      },
      text: '{"a":1}',
    });
    assert.deepEqual(event, {
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a%20b/c',
      rawQueryString: 'x=1&y=2&x=3%2C4&z',
      cookies: ['one=1', 'two=2'],
      headers: {
        host: 'id.lambda-url.us-east-1.localhost:4566',
        'user-agent': 'curl/8',
        'content-type': 'application/json; charset=utf-8',
        accept: 'a, b',
        cookie: 'one=1; two=2',
        'x-amzn-trace-id': FACTS.traceId,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': '4566',
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { x: '1,3,4', y: '2', z: '' },
      requestContext: {
        accountId: 'anonymous',
        apiId: 'id',
        domainName: 'id.lambda-url.us-east-1.localhost',
        domainPrefix: 'id',
        http: {
          method: 'PUT',
          path: '/a%20b/c',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'curl/8',
        },
        requestId: 'request-1',
        routeKey: '$default',
        stage: '$default',
        time: '31/Jan/2026:09:05:07 +0000',
        timeEpoch: FACTS.atMs,
      },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
  });

  test('leaves out what a request does not have', () => {
    const event = eventOf({ method: 'GET', remoteAddress: undefined });
    for (const member of ['cookies', 'queryStringParameters', 'body', 'stageVariables', 'pathParameters']) {
      assert.ok(!Object.hasOwn(event, member), member);
    }
    assert.equal(event['isBase64Encoded'], false);
    assert.equal(event['rawQueryString'], '');
  });

  test('gives text as text and all else in base64', () => {
    const isText = (type: string | undefined, body = Buffer.from('a=1')): boolean => {
      const event = eventOf({ body, headers: type === undefined ? {} : { 'content-type': type } });
      const encoding = event['isBase64Encoded'] ? 'base64' : 'utf8';
      assert.deepEqual(Buffer.from(event['body'] as unknown as string, encoding), body);
      return encoding === 'utf8';
    };
    for (const type of [
      'text/plain',
      'TEXT/HTML; charset=utf-8',
      'application/json',
      'application/problem+json',
      'application/xml',
      'image/svg+xml',
      'application/javascript',
    ]) {
      assert.ok(isText(type), type);
    }
    for (const type of [
      undefined,
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=text/plain',
      'application/octet-stream',
      'image/png',
      '',
    ]) {
      assert.ok(!isText(type), type);
    }
    assert.ok(!isText('text/plain; charset=latin1', Buffer.from([0xe4, 0x62])), 'bytes that are no UTF-8');
  });

  test('says who signed', () => {
    const caller = {
      accessKeyId: 'AKIA1',
      account: '111122223333',
      arn: 'arn:aws:iam::111122223333:user/u',
      userId: 'AIDA1',
    };
    const { requestContext } = eventOf({}, { caller });
    assert.equal(requestContext?.['accountId'], '111122223333');
    assert.deepEqual(requestContext?.['authorizer'], {
      iam: {
        accessKey: 'AKIA1',
        accountId: '111122223333',
        callerId: 'AIDA1',
        cognitoIdentity: null,
        principalOrgId: null,
        userArn: 'arn:aws:iam::111122223333:user/u',
        userId: 'AIDA1',
      },
    });
  });

  test('tells the function nothing of the connection, and of the client only what the platform knows', () => {
    const { headers } = eventOf({
      remoteAddress: '::ffff:10.0.0.9',
      isEncrypted: true,
      headers: {
        connection: 'keep-alive',
        'keep-alive': 'timeout=5',
        'transfer-encoding': 'chunked',
        te: 'trailers',
        upgrade: 'h2c',
        'proxy-authorization': 'Basic x',
        'x-forwarded-for': '1.2.3.4',
        'x-forwarded-proto': 'http',
        authorization: 'Bearer token',
        'x-own': 'kept',
      },
    });
    assert.deepEqual(headers, {
      authorization: 'Bearer token',
      'x-own': 'kept',
      'x-amzn-trace-id': FACTS.traceId,
      'x-forwarded-for': '10.0.0.9',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    });
  });

  test('takes names that JavaScript gives a meaning for data', () => {
    const headers = Object.fromEntries([
      ['__proto__', 'h'],
      ['constructor', 'c'],
    ]) as Record<string, string>;
    const event = eventOf({ url: '/__proto__/../x?__proto__=q&constructor=1', headers });
    assert.equal(event['rawPath'], '/__proto__/../x');
    const parameters = Object.entries(event['queryStringParameters'] ?? {});
    assert.deepEqual(parameters, [
      ['__proto__', 'q'],
      ['constructor', '1'],
    ]);
    assert.equal(Object.getOwnPropertyDescriptor(event['headers'], '__proto__')?.value, 'h');
  });
});
