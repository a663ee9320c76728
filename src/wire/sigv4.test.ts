import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { AwsError } from '../base/errors.ts';
import { NOW, SECRET, presign, sign, signEcdsa } from '../testing/sign-fixture.ts';
import type { Unsigned } from '../testing/sign-fixture.ts';
import { testRequest } from '../testing/wire-fixture.ts';
import type { WireRequest } from './dispatch.ts';
import { parseCredential } from './scope.ts';
import { Authenticator } from './sigv4.ts';
import { deriveEcdsaPrivateKey } from './signing-keys.ts';
import type { AuthErrorStyle, AuthMode, KnownKey } from './sigv4.ts';

function clockAt(atMs: number): Clock {
  return { now: () => atMs, monotonicMs: () => atMs, callAt: () => ({ cancel: () => undefined }) };
}

const SEND: Unsigned = {
  method: 'POST',
  path: '/',
  query: {},
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
  body: '{"QueueUrl":"u","MessageBody":"hello"}',
};

const GET_TAGS: Unsigned = {
  method: 'GET',
  path: `/2017-03-31/tags/${encodeURIComponent('arn:aws:lambda:us-east-1:000000000000:function:a b(c)*')}`,
  query: { z: '1', A: 'b c/d+e', ü: 'é!' },
  headers: {},
  body: '',
};

interface Setup {
  readonly mode?: AuthMode;
  readonly at?: number;
  readonly key?: Partial<KnownKey>;
  readonly accessKeyId?: string;
}

function authenticate(
  request: WireRequest,
  setup: Setup = {},
  style: AuthErrorStyle = 'json',
): KnownKey | undefined {
  const known: KnownKey = { secretAccessKey: SECRET, account: '111122223333', ...setup.key };
  const authenticator = new Authenticator({
    mode: setup.mode ?? 'verify',
    credentials: {
      lookup: (accessKeyId) => (accessKeyId === (setup.accessKeyId ?? 'AKIAEXAMPLE') ? known : undefined),
    },
    defaultRegion: 'us-east-1',
    clock: clockAt(setup.at ?? NOW),
  });
  return authenticator.authenticate(request, parseCredential(request), style);
}

function code(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof AwsError, String(error));
    return error.code;
  }
  return 'accepted';
}

test('what the SDK signs is accepted and names the account of its key', async () => {
  assert.equal(authenticate(await sign(SEND))?.account, '111122223333');
  assert.equal(authenticate(await sign(GET_TAGS, 'lambda'))?.account, '111122223333');
  assert.equal(
    authenticate(await sign({ ...SEND, path: '/a/../b//c/', headers: { 'x-amz-a': ' two   spaces ' } }))
      ?.account,
    '111122223333',
  );
});

test('every changed byte of a signed request is refused', async () => {
  const request = await sign(SEND);
  const variants: WireRequest[] = [];
  for (let index = 0; index < request.body.length; index += 1) {
    const body = Buffer.from(request.body);
    body[index] = (body[index] ?? 0) ^ 1;
    variants.push({ ...request, body });
  }
  for (const name of [
    'host',
    'x-amz-target',
    'x-amz-date',
    'content-type',
    'authorization',
    'x-amz-content-sha256',
  ]) {
    const value = String(request.headers[name]);
    for (let index = 0; index < value.length; index += 1) {
      const changed =
        value.slice(0, index) + String.fromCharCode(value.charCodeAt(index) ^ 1) + value.slice(index + 1);
      variants.push({ ...request, headers: { ...request.headers, [name]: changed } });
    }
  }
  variants.push({ ...request, method: 'PUT' }, { ...request, url: '/a' }, { ...request, url: '/?a=b' });
  const shouting = String(request.headers['authorization']).replace(/[0-9a-f]{64}$/, (hex) =>
    hex.toUpperCase(),
  );
  variants.push({ ...request, headers: { ...request.headers, authorization: shouting } });
  assert.ok(variants.length > 400);
  for (const variant of variants) {
    assert.notEqual(
      code(() => authenticate(variant)),
      'accepted',
      JSON.stringify(variant.headers),
    );
  }
});

test('the host and all x-amz headers must be signed', async () => {
  const request = await sign(SEND);
  const withMore = { ...request, headers: { ...request.headers, 'x-amz-security-token': '' } };
  assert.equal(
    code(() => authenticate(withMore)),
    'InvalidSignatureException',
  );
});

test('a date more than fifteen minutes off is refused, both ways', async () => {
  const request = await sign(SEND);
  const minute = 60_000;
  assert.equal(
    code(() => authenticate(request, { at: NOW + 15 * minute })),
    'accepted',
  );
  assert.equal(
    code(() => authenticate(request, { at: NOW - 15 * minute })),
    'accepted',
  );
  assert.throws(() => authenticate(request, { at: NOW + 15 * minute + 1000 }), {
    code: 'InvalidSignatureException',
    message:
      'Signature expired: 20260131T120000Z is now earlier than 20260131T120001Z (20260131T121501Z - 15 min.)',
  });
  assert.throws(() => authenticate(request, { at: NOW - 15 * minute - 1000 }), {
    code: 'InvalidSignatureException',
    message:
      'Signature not yet current: 20260131T120000Z is still later than 20260131T115959Z (20260131T114459Z + 15 min.)',
  });
});

test('a presigned URL is good for as long as it says, seven days at most', async () => {
  const identity: Unsigned = {
    ...SEND,
    method: 'GET',
    query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
    body: '',
  };
  const request = await presign(identity, 'sts', 3600);
  assert.equal(authenticate(request, {}, 'query')?.account, '111122223333');
  assert.equal(
    code(() => authenticate(request, { at: NOW + 3_599_000 }, 'query')),
    'accepted',
  );
  assert.equal(
    code(() => authenticate(request, { at: NOW + 3_601_000 }, 'query')),
    'SignatureDoesNotMatch',
  );
  const changed = { ...request, url: request.url.replace('GetCallerIdentity', 'GetSessionToken') };
  assert.equal(
    code(() => authenticate(changed, {}, 'query')),
    'SignatureDoesNotMatch',
  );
  const longer = { ...request, url: request.url.replace('X-Amz-Expires=3600', 'X-Amz-Expires=604801') };
  assert.equal(
    code(() => authenticate(longer, {}, 'query')),
    'IncompleteSignature',
  );
});

test('temporary keys need their token and end with it', async () => {
  const key = { sessionToken: 'token', expiresAtMs: NOW + 1000 };
  const request = await sign(SEND, 'sqs', 'token');
  assert.equal(
    code(() => authenticate(request, { key })),
    'accepted',
  );
  assert.equal(
    code(() => authenticate(request, { key, at: NOW + 1000 })),
    'ExpiredTokenException',
  );
  assert.equal(
    code(() => authenticate(request, { key: { sessionToken: 'other' } })),
    'UnrecognizedClientException',
  );
  assert.equal(
    code(() => authenticate(request)),
    'UnrecognizedClientException',
  );
  const without = await sign(SEND);
  assert.equal(
    code(() => authenticate(without, { key })),
    'UnrecognizedClientException',
  );
});

test('a key whose secret was changed is verified with the new one', async () => {
  const request = await sign(SEND);
  let secretAccessKey = SECRET;
  const authenticator = new Authenticator({
    mode: 'verify',
    credentials: { lookup: () => ({ secretAccessKey, account: '111122223333' }) },
    defaultRegion: 'us-east-1',
    clock: clockAt(NOW),
  });
  const call = (): unknown => authenticator.authenticate(request, parseCredential(request), 'json');
  assert.equal(code(call), 'accepted');
  secretAccessKey = 'changed';
  assert.equal(code(call), 'InvalidSignatureException');
});

test('open mode takes unknown callers at their word, and still verifies known keys', async () => {
  const request = await sign(SEND);
  assert.equal(authenticate(request, { mode: 'open', accessKeyId: 'other' }), undefined);
  assert.equal(authenticate(testRequest({}), { mode: 'open' }), undefined);
  const forged = { ...request, body: Buffer.from('{}') };
  assert.equal(
    code(() => authenticate(forged, { mode: 'open' })),
    'InvalidSignatureException',
  );
});

test('verify mode refuses what is not signed, or by nobody it knows', async () => {
  const request = await sign(SEND);
  assert.equal(
    code(() => authenticate(testRequest({}))),
    'MissingAuthenticationTokenException',
  );
  assert.equal(
    code(() => authenticate(testRequest({}), {}, 'query')),
    'MissingAuthenticationToken',
  );
  assert.equal(
    code(() => authenticate(request, { accessKeyId: 'other' })),
    'UnrecognizedClientException',
  );
  assert.equal(
    code(() => authenticate(request, { accessKeyId: 'other' }, 'query')),
    'InvalidClientTokenId',
  );
  const broken = testRequest({ headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b' } });
  assert.equal(
    code(() => authenticate(broken)),
    'IncompleteSignatureException',
  );
});

test('the keys of local setups are never known, whatever the credentials say', () => {
  for (const accessKeyId of ['test', '123456789012']) {
    const credential = `Credential=${accessKeyId}/20260131/us-east-1/sqs/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=00`;
    const request = testRequest({ headers: { authorization } });
    assert.equal(authenticate(request, { mode: 'open', accessKeyId }), undefined);
    assert.equal(
      code(() => authenticate(request, { accessKeyId })),
      'UnrecognizedClientException',
    );
  }
});

test('the key of SigV4A is derived as AWS publishes it', () => {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(
    deriveEcdsaPrivateKey('q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom', 'AKISORANDOMAASORANDOM'),
  );
  assert.equal(
    curve.getPublicKey('hex'),
    '04' +
      '15d242ceebf8d8169fd6a8b5a746c41140414c3b07579038da06af89190fffcb' +
      '0515242cedd82e94799482e4c0514b505afccf2c0c98d6a553bf539f424c5ec0',
  );
});

test('an ECDSA signature is verified, and must be for our region', () => {
  for (const regions of ['*', 'us-east-1', 'eu-west-1, us-east-1', 'us-*']) {
    assert.equal(authenticate(signEcdsa(regions))?.account, '111122223333', regions);
  }
  for (const regions of ['', 'us-east-2', 'eu-*']) {
    assert.equal(
      code(() => authenticate(signEcdsa(regions))),
      'InvalidSignatureException',
      regions,
    );
  }
  const request = signEcdsa('*');
  assert.equal(
    code(() => authenticate({ ...request, body: Buffer.from('[]') })),
    'InvalidSignatureException',
  );
  const headers = { ...request.headers, 'x-amz-target': 'AWSEvents.PutRule' };
  assert.equal(
    code(() => authenticate({ ...request, headers })),
    'InvalidSignatureException',
  );
});
