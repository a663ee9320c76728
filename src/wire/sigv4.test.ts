import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../base/clock.ts';
import { AwsError } from '../base/errors.ts';
import { testRequest } from '../testing/wire-fixture.ts';
import type { WireRequest } from './dispatch.ts';
import { parseCredential } from './scope.ts';
import { Authenticator } from './sigv4.ts';
import type { AuthErrorStyle, AuthMode, KnownKey } from './sigv4.ts';

const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

function clockAt(atMs: number): Clock {
  return { now: () => atMs, monotonicMs: () => atMs, callAt: () => ({ cancel: () => undefined }) };
}

/** The hash that the SDK's signer wants to be given. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined
        ? createHash('sha256')
        : (createHmac('sha256', secret as string) as unknown as ReturnType<typeof createHash>);
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {
    throw new Error('not used');
  }
}

interface Unsigned {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
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

function signer(service: string, sessionToken?: string): SignatureV4 {
  return new SignatureV4({
    credentials: {
      accessKeyId: 'AKIAEXAMPLE',
      secretAccessKey: SECRET,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    region: 'us-east-1',
    service,
    sha256: Sha256 as never,
  });
}

function queryText(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

async function sign(unsigned: Unsigned, service = 'sqs', sessionToken?: string): Promise<WireRequest> {
  const host = '127.0.0.1:4566';
  const signed = await signer(service, sessionToken).sign(
    {
      ...unsigned,
      protocol: 'http:',
      hostname: '127.0.0.1',
      port: 4566,
      headers: { ...unsigned.headers, host },
    },
    { signingDate: new Date(NOW) },
  );
  const headers = Object.fromEntries(
    Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const url = unsigned.path + queryText(unsigned.query);
  return testRequest({ method: unsigned.method, url, headers, text: unsigned.body });
}

async function presign(unsigned: Unsigned, service: string, expiresIn: number): Promise<WireRequest> {
  const host = '127.0.0.1:4566';
  const signed = await signer(service).presign(
    { ...unsigned, protocol: 'http:', hostname: '127.0.0.1', port: 4566, headers: { host } },
    { signingDate: new Date(NOW), expiresIn },
  );
  return testRequest({
    method: unsigned.method,
    url: unsigned.path + queryText(signed.query ?? {}),
    headers: { host },
    text: unsigned.body,
  });
}

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

test('an ECDSA signature of a known key is refused rather than believed', () => {
  const authorization =
    'AWS4-ECDSA-P256-SHA256 Credential=AKIAEXAMPLE/20260131/events/aws4_request, SignedHeaders=host, Signature=00';
  const request = testRequest({ headers: { authorization } });
  assert.equal(
    code(() => authenticate(request)),
    'NotImplemented',
  );
});
