import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRequest } from '../testing/wire-fixture.ts';
import { refuseForeignPages } from './browser-guard.ts';

function isRefused(
  headers: Record<string, string>,
  request: { method?: string; url?: string } = {},
): boolean {
  try {
    refuseForeignPages(testRequest({ ...request, headers }), {
      allowedHosts: ['millrace.example'],
      allowedOrigins: ['http://localhost:3000'],
      isHosted: (name) => name.endsWith('orders.example'),
    });
    return false;
  } catch {
    return true;
  }
}

test('clients that are no browsers pass by every name that cannot be a stranger', () => {
  for (const host of [
    'localhost:4566',
    '127.0.0.1',
    '[::1]:4566',
    '10.0.0.5:80',
    'millrace:4566',
    'a.localhost',
    'sqs.us-east-1.amazonaws.com',
    'x.millrace.example',
    'api.orders.example:4566',
  ]) {
    assert.ok(!isRefused({ host }), host);
  }
});

test('a public name that is not ours is refused, since DNS may have been rebound to us', () => {
  for (const host of [
    'evil.example',
    'evil.example:4566',
    'amazonaws.com.evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'notmillrace.example',
  ]) {
    assert.ok(isRefused({ host }), host);
  }
});

test('pages of another origin are refused, pages of our own and of the list are not', () => {
  const host = 'localhost:4566';
  assert.ok(!isRefused({ host, origin: 'http://localhost:4566' }));
  assert.ok(!isRefused({ host, origin: 'http://localhost:3000' }));
  for (const origin of ['http://evil.example', 'http://localhost:3001', 'null', 'http://localhost:45660']) {
    assert.ok(isRefused({ host, origin }), origin);
  }
});

test('a request that another site causes is refused unless it opens a page', () => {
  const host = 'localhost:4566';
  assert.ok(
    isRefused({ host, 'sec-fetch-site': 'cross-site' }, { method: 'GET', url: '/?Action=CreateUser' }),
  );
  assert.ok(
    isRefused({ host, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, { method: 'GET' }),
  );
  const navigation = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  assert.ok(!isRefused(navigation, { method: 'GET' }));
  assert.ok(isRefused(navigation, { method: 'GET', url: '/?Action=CreateUser' }));
  assert.ok(isRefused(navigation, { method: 'POST' }));
  assert.ok(!isRefused({ host, 'sec-fetch-site': 'none' }, { method: 'GET' }));
});
