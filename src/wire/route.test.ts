import assert from 'node:assert/strict';
import { test } from 'node:test';
import { model as lambda } from '../api/lambda.ts';
import { model as pipes } from '../api/pipes.ts';
import { NOW, SECRET, sign } from '../testing/sign-fixture.ts';
import { authorization, createTestWire, jsonBody, testRequest } from '../testing/wire-fixture.ts';
import type { WireRequest } from './dispatch.ts';
import { RestTrie } from './rest-trie.ts';
import { resolveService, resolveServiceByHead } from './route.ts';
import { parseCredential, scopeOf } from './scope.ts';

function resolve(request: WireRequest, form?: Record<string, string>): string {
  const byHead = resolveServiceByHead(request, parseCredential(request));
  return byHead ?? resolveService(request, form && new Map(Object.entries(form)));
}

test('the credential scope is believed before everything else', () => {
  const headers = { authorization: authorization('lambda'), 'x-amz-target': 'AmazonSQS.SendMessage' };
  assert.equal(resolve(testRequest({ headers })), 'lambda');
  const ecdsa =
    'AWS4-ECDSA-P256-SHA256 Credential=k/20260131/events/aws4_request, SignedHeaders=host, Signature=00';
  assert.equal(resolve(testRequest({ headers: { authorization: ecdsa } })), 'events');
});

test('then a presigned URL, the target, the form, the path and the host, in this order', () => {
  const presigned =
    '/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20260131%2Fus-east-1%2Fsts%2Faws4_request';
  assert.equal(resolve(testRequest({ url: presigned, headers: { 'x-amz-target': 'AmazonSQS.X' } })), 'sts');
  const target = { 'x-amz-target': 'DynamoDB_20120810.GetItem' };
  assert.equal(resolve(testRequest({ headers: target })), 'dynamodb');
  assert.equal(
    resolve(testRequest({ url: '/v1/pipes' }), { Action: 'GetRole', Version: '2010-05-08' }),
    'iam',
  );
  assert.equal(
    resolve(testRequest({ url: '/v1/pipes', headers: { host: 'logs.us-east-1.amazonaws.com' } })),
    'pipes',
  );
  assert.equal(resolve(testRequest({ url: '/2015-03-31/functions/' })), 'lambda');
  assert.equal(resolve(testRequest({ headers: { host: 'sync-states.us-east-1.amazonaws.com' } })), 'states');
});

test('a service that Millrace does not have is refused by name', () => {
  const headers = { authorization: authorization('ec2') };
  assert.throws(() => resolve(testRequest({ headers })), { code: 'NotImplemented', message: /ec2/ });
  assert.throws(() => resolve(testRequest({})), { code: 'NotImplemented', httpStatus: 501 });
});

test('a key of twelve digits is its account, and the region is the one signed for', () => {
  const defaults = { account: undefined, defaultAccount: undefined, defaultRegion: 'eu-west-1' };
  const credential = (key: string): ReturnType<typeof parseCredential> =>
    parseCredential(testRequest({ headers: { authorization: authorization('sqs', key, 'ap-south-1') } }));
  assert.deepEqual(scopeOf(credential('123456789012'), defaults), {
    account: '123456789012',
    region: 'ap-south-1',
  });
  assert.deepEqual(scopeOf(credential('test'), defaults), { account: '000000000000', region: 'ap-south-1' });
  assert.deepEqual(scopeOf(undefined, defaults), { account: '000000000000', region: 'eu-west-1' });
  assert.equal(
    scopeOf(credential('test'), { ...defaults, defaultAccount: '1'.repeat(12) }).account,
    '1'.repeat(12),
  );
  assert.equal(scopeOf(credential('test'), { ...defaults, account: '2'.repeat(12) }).account, '2'.repeat(12));
});

test('a region that is no region name does not become part of keys', () => {
  const defaults = { account: undefined, defaultAccount: undefined, defaultRegion: 'eu-west-1' };
  const headers = { authorization: authorization('sqs', 'test', 'a\u0000b') };
  assert.equal(scopeOf(parseCredential(testRequest({ headers })), defaults).region, 'eu-west-1');
});

test('path templates prefer fixed segments, and labels may hold encoded slashes', () => {
  const trie = new RestTrie(lambda);
  const match = trie.match('GET', '/2015-03-31/functions/a%2Fb/configuration', '');
  assert.equal(match?.operation, 'GetFunctionConfiguration');
  assert.deepEqual([...(match?.labels ?? [])], [['FunctionName', 'a%2Fb']]);
  assert.equal(trie.match('GET', '/2015-03-31/functions/', '')?.operation, 'ListFunctions');
  assert.equal(
    trie.match('GET', '/2018-10-31/layers', 'find=LayerVersion&Arn=x')?.operation,
    'GetLayerVersionByArn',
  );
  assert.equal(trie.match('GET', '/2018-10-31/layers', '')?.operation, 'ListLayers');
  assert.equal(trie.match('DELETE', '/2015-03-31/functions', ''), undefined);
  assert.equal(trie.match('GET', `/v1${'/x'.repeat(30)}`, ''), undefined);
  assert.throws(() => trie.match('GET', '/x'.repeat(100), ''), { code: 'UnknownOperationException' });
});

test('every operation of the REST services is reached by its own template', () => {
  for (const model of [lambda, pipes]) {
    const trie = new RestTrie(model);
    for (const [name, { method, uri }] of Object.entries(model.operations)) {
      const [path = '', query = ''] = uri.replaceAll(/\{[^}]+\}/g, 'value').split('?');
      assert.equal(trie.match(method, path, query)?.operation, name);
    }
  }
});

test('unknown operations and malformed requests get an error of their protocol', async () => {
  const wire = createTestWire({});
  const target = await wire.handle(
    testRequest({ headers: { 'x-amz-target': 'AmazonSQS.constructor' }, text: '{}' }),
  );
  assert.equal(target.status, 400);
  assert.equal(jsonBody(target)['__type'], 'com.amazon.coral.service#UnknownOperationException');
  const form = await wire.handle(
    testRequest({
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      text: 'Action=No&Version=2010-05-08',
    }),
  );
  assert.equal(form.status, 400);
  assert.match(String(form.body), /<Code>InvalidAction<\/Code>/);
  const rest = await wire.handle(
    testRequest({ url: '/2015-03-31/nothing', headers: { authorization: authorization('lambda') } }),
  );
  assert.equal(rest.status, 404);
});

test('a service of REST XML that is not here is refused in XML, by name', async () => {
  const answer = await createTestWire({}).handle(
    testRequest({ url: '/2013-04-01/healthcheck', headers: { authorization: authorization('route53') } }),
  );
  assert.equal(answer.status, 501);
  assert.match(String(answer.body), /<Error>.*<Code>NotImplemented<\/Code>/);
});

test('platform routes come first; a browser gets a page, and strangers below /_ get 404', async () => {
  const wire = createTestWire({
    routes: new Map([
      [
        'GET /_millrace/health',
        { isPublic: true, answer: () => ({ status: 200, headers: {}, body: 'fine' }) },
      ],
      [
        'GET /_millrace/console/*',
        {
          isPublic: false,
          answer: (request: WireRequest) => ({ status: 200, headers: {}, body: request.url }),
        },
      ],
    ]),
  });
  assert.equal(
    (await wire.handle(testRequest({ method: 'GET', url: '/_millrace/health?x=1' }))).body,
    'fine',
  );
  assert.equal(
    (await wire.handle(testRequest({ method: 'GET', url: '/_millrace/console/a' }))).body,
    '/_millrace/console/a',
  );
  assert.equal((await wire.handle(testRequest({ method: 'GET', url: '/_millrace/other' }))).status, 404);
  const page = await wire.handle(testRequest({ method: 'GET', headers: { accept: 'text/html,*/*' } }));
  assert.equal(page.status, 200);
  assert.match(String(page.body), /Millrace/);
});

test('platform routes that show data are for known keys, where signatures are verified', async () => {
  const answer = () => ({ status: 200, headers: {}, body: 'told' });
  const wire = createTestWire({
    mode: 'verify',
    keys: { AKIAEXAMPLE: { secretAccessKey: SECRET, account: '111122223333' } },
    clock: { now: () => NOW, monotonicMs: () => NOW, callAt: () => ({ cancel: () => undefined }) },
    routes: new Map([
      ['GET /_millrace/health', { isPublic: true, answer }],
      ['GET /_millrace/events', { isPublic: false, answer }],
    ]),
  });
  const get = async (headers: Record<string, string>, page = 'events') =>
    (await wire.handle(testRequest({ method: 'GET', url: `/_millrace/${page}`, headers }))).status;
  assert.equal(await get({}, 'health'), 200);
  const statuses = await Promise.all([
    get({}),
    get({ authorization: authorization('millrace') }),
    get({ authorization: authorization('millrace', 'AKIAEXAMPLE') }),
  ]);
  assert.ok(
    statuses.every((status) => status >= 400 && status < 500),
    statuses.join(', '),
  );
  const signed = await sign(
    { method: 'GET', path: '/_millrace/events', query: { bus: 'orders' }, headers: {}, body: '' },
    'millrace',
  );
  assert.equal((await wire.handle(signed)).status, 200);
});
