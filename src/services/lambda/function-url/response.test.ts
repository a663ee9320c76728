import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { badGateway, refusal, toUrlAnswer } from './response.ts';

const JSON_TYPE = ['Content-Type', 'application/json'];
const answerOf = (payload: unknown) => toUrlAnswer(JSON.stringify(payload));

suite('the answer of a function URL', () => {
  test('is any value as JSON, and a text as it is', () => {
    for (const value of [{ hello: 'world' }, ['hello', 3, true], 3, 3.1, true, null, {}]) {
      assert.deepEqual(answerOf(value), { status: 200, headers: [JSON_TYPE], body: JSON.stringify(value) });
    }
    assert.deepEqual(answerOf('hello'), { status: 200, headers: [JSON_TYPE], body: 'hello' });
    // Written again it would lose digits.
    assert.equal(toUrlAnswer('{"id":12345678901234567890}').body, '{"id":12345678901234567890}');
  });

  test('is what an object with a status code says', () => {
    assert.deepEqual(
      answerOf({
        statusCode: 201,
        headers: { 'X-Own': 'a', 'content-type': 'text/html', 'X-Number': 7, 'X-None': null },
        cookies: ['a=1; Secure', 'b=2'],
        body: '<p>',
      }),
      {
        status: 201,
        headers: [
          ['X-Own', 'a'],
          ['content-type', 'text/html'],
          ['X-Number', '7'],
          ['Set-Cookie', 'a=1; Secure'],
          ['Set-Cookie', 'b=2'],
        ],
        body: '<p>',
      },
    );
    assert.deepEqual(answerOf({ statusCode: '418', body: 'teapot' }), {
      status: 418,
      headers: [JSON_TYPE],
      body: 'teapot',
    });
    assert.deepEqual(answerOf({ statusCode: 200 }).body, '');
    assert.deepEqual(answerOf({ statusCode: 200, body: { a: 1 } }).body, '{"a":1}');
  });

  test('decodes a body in base64 only where it is said to be one', () => {
    const body = Buffer.from([0, 255, 16]).toString('base64');
    assert.deepEqual(
      answerOf({ statusCode: 200, body, isBase64Encoded: true }).body,
      Buffer.from([0, 255, 16]),
    );
    assert.equal(answerOf({ statusCode: 200, body }).body, body);
  });

  test('has no body where HTTP has none', () => {
    for (const statusCode of [204, 304]) assert.equal(answerOf({ statusCode, body: 'x' }).body, '');
  });

  test('is 502 for what is no answer', () => {
    for (const payload of [
      { statusCode: 'x' },
      { statusCode: 101 },
      { statusCode: 99 },
      { statusCode: 600 },
      { statusCode: 200.5 },
      { statusCode: null },
      { statusCode: {} },
      { statusCode: 200, headers: 'a: b' },
      { statusCode: 200, headers: { a: ['b'] } },
      { statusCode: 200, cookies: 'a=1' },
    ]) {
      assert.deepEqual(answerOf(payload), badGateway(), JSON.stringify(payload));
    }
    assert.deepEqual(toUrlAnswer('no json'), badGateway());
    assert.deepEqual(toUrlAnswer('['.repeat(5000) + ']'.repeat(5000)), badGateway());
  });

  test('cannot hold more than one header in a header', () => {
    for (const [name, value] of [
      ['X-Own', 'a\r\nSet-Cookie: b=1'],
      ['X-Own', 'a\nb'],
      ['X-Own\r\nX-Other', 'a'],
      ['X-Own:', 'a'],
      ['X Own', 'a'],
      ['', 'a'],
      ['X-Own', 'a\0'],
      ['X-Own', '\u0100'],
    ] as const) {
      assert.deepEqual(answerOf({ statusCode: 200, headers: { [name]: value } }), badGateway(), name + value);
    }
    assert.deepEqual(answerOf({ statusCode: 200, cookies: ['a=1\r\nX: y'] }), badGateway());
  });

  test('leaves the connection, the length and the ids to the platform', () => {
    const headers = {
      'Transfer-Encoding': 'chunked',
      'Keep-Alive': 'x',
      Upgrade: 'websocket',
      Trailer: 'X-Own',
      'x-amzn-RequestId': 'forged',
      'X-Own': 'kept',
    };
    const answer = answerOf({ statusCode: 200, headers, body: 'body' });
    assert.deepEqual(answer.headers, [JSON_TYPE, ['X-Own', 'kept']]);
  });

  test('tells under another name what the platform says itself', () => {
    const headers = { Connection: 'close', 'Content-Length': 9, Server: 's', 'WWW-Authenticate': 'Basic' };
    assert.deepEqual(answerOf({ statusCode: 401, headers }).headers, [
      JSON_TYPE,
      ['x-amzn-Remapped-connection', 'close'],
      ['x-amzn-Remapped-content-length', '9'],
      ['x-amzn-Remapped-server', 's'],
      ['x-amzn-Remapped-www-authenticate', 'Basic'],
    ]);
  });
});

test('a refusal is JSON with AWS’s word for its type', () => {
  assert.deepEqual(refusal(403, 'AccessDeniedException', null), {
    status: 403,
    headers: [JSON_TYPE, ['x-amzn-ErrorType', 'AccessDeniedException']],
    body: '{"Message":null}',
  });
});
