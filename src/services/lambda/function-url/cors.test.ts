import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { corsHeaders, isPreflight, preflightAnswer } from './cors.ts';
import type { UrlRequest } from './http.ts';

const ORIGIN = 'https://shop.example';

function requestOf(headers: Record<string, string>, method = 'OPTIONS'): UrlRequest {
  return { method, url: '/', headers, body: Buffer.alloc(0), remoteAddress: undefined };
}

const preflight = (origin: string) =>
  requestOf({
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'x-one,authorization',
  });

suite('CORS of a function URL', () => {
  test('a preflight is an OPTIONS request that a browser makes for a page', () => {
    assert.ok(isPreflight(preflight(ORIGIN)));
    assert.ok(!isPreflight(requestOf({ origin: ORIGIN })));
    assert.ok(!isPreflight(requestOf({ 'access-control-request-method': 'PUT' })));
    assert.ok(!isPreflight({ ...preflight(ORIGIN), method: 'GET' }));
  });

  test('answers a preflight with the settings', () => {
    const cors = {
      allowOrigins: [ORIGIN],
      allowMethods: ['GET', 'PUT'],
      allowHeaders: ['X-One'],
      exposeHeaders: ['X-Two', 'Date'],
      maxAgeSeconds: 300,
      allowCredentials: true,
    };
    assert.deepEqual(preflightAnswer(cors, preflight(ORIGIN)), {
      status: 200,
      headers: [
        ['Vary', 'Origin'],
        ['Access-Control-Allow-Origin', ORIGIN],
        ['Access-Control-Allow-Credentials', 'true'],
        ['Access-Control-Expose-Headers', 'X-Two,Date'],
        ['Access-Control-Allow-Methods', 'GET,PUT'],
        ['Access-Control-Allow-Headers', 'X-One'],
        ['Access-Control-Max-Age', '300'],
      ],
      body: '',
    });
  });

  test('says nothing of permission to an origin that has none', () => {
    const cors = { allowOrigins: [ORIGIN], allowMethods: ['*'] };
    for (const origin of ['https://evil.example', `${ORIGIN}.evil.example`, 'http://shop.example', 'null']) {
      assert.deepEqual(preflightAnswer(cors, preflight(origin)).headers, [['Vary', 'Origin']], origin);
    }
    assert.deepEqual(corsHeaders({ allowMethods: ['*'] }, preflight(ORIGIN)), [['Vary', 'Origin']]);
    assert.deepEqual(corsHeaders({ allowOrigins: ['*'] }, requestOf({})), [['Vary', 'Origin']]);
  });

  test('names the origin, and with credentials all that was asked for, instead of the star', () => {
    const cors = { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'] };
    const headers = (allowCredentials: boolean) =>
      Object.fromEntries(preflightAnswer({ ...cors, allowCredentials }, preflight(ORIGIN)).headers);
    assert.deepEqual(headers(false), {
      Vary: 'Origin',
      'Access-Control-Allow-Origin': ORIGIN,
      'Access-Control-Allow-Methods': '*',
      'Access-Control-Allow-Headers': '*',
    });
    assert.deepEqual(headers(true), {
      Vary: 'Origin',
      'Access-Control-Allow-Origin': ORIGIN,
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Allow-Methods': 'PUT',
      'Access-Control-Allow-Headers': 'x-one,authorization',
    });
  });
});
