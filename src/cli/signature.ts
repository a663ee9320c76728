/**
 * How the CLI signs its requests: SigV4 for one region, and SigV4A for all of them, which clients of global endpoints
 * use, since no single region is what they mean.
 *
 * Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html and, for 4A, what AWS's own
 * clients send.
 */
import { createECDH, createHash, createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { formatIsoBasic, systemClock } from '../base/clock.ts';
import { deriveEcdsaPrivateKey } from '../wire/signing-keys.ts';

/** In the place of a region: the request is good in every one. */
const ALL_REGIONS = '*';

export interface ToSign {
  readonly method: string;
  readonly target: URL;
  readonly body: string;
  /** Those that begin with `x-amz-` have to be signed, too; names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signingName: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The headers that sign a request, over its host, what is AWS's among its headers, and its payload. */
export function signatureHeaders(request: ToSign): Record<string, string> {
  const { region, signingName, accessKeyId, secretAccessKey } = request;
  const isForAll = region === ALL_REGIONS;
  const algorithm = isForAll ? 'AWS4-ECDSA-P256-SHA256' : 'AWS4-HMAC-SHA256';
  const date = formatIsoBasic(systemClock.now());
  const day = date.slice(0, 8);
  const scope = [day, ...(isForAll ? [] : [region]), signingName, 'aws4_request'].join('/');
  const headers: Record<string, string> = { 'x-amz-date': date };
  if (isForAll) headers['x-amz-region-set'] = ALL_REGIONS;
  const amazon = Object.entries(request.headers ?? {}).filter(([name]) => name.startsWith('x-amz-'));
  const all: [string, string][] = [['host', request.target.host], ...Object.entries(headers), ...amazon];
  const signed = Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const toSign = [algorithm, date, scope, sha256(canonical(request, signed))].join('\n');
  const signature = isForAll
    ? sign('sha256', Buffer.from(toSign), ecdsaKey(secretAccessKey, accessKeyId)).toString('hex')
    : hmac(hmacKey(secretAccessKey, [day, region, signingName]), toSign).toString('hex');
  const credential = `Credential=${accessKeyId}/${scope}`;
  const names = Object.keys(signed).join(';');
  return {
    ...headers,
    authorization: `${algorithm} ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** The names of `signed` are in order. */
function canonical({ method, target, body }: ToSign, signed: Readonly<Record<string, string>>): string {
  const query = [...target.searchParams.entries()]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join('&');
  const path = target.pathname.split('/').map(encodeURIComponent).join('/');
  const headers = Object.entries(signed)
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  return [method, path, query, headers, Object.keys(signed).join(';'), sha256(body)].join('\n');
}

function hmacKey(secretAccessKey: string, parts: readonly string[]): Buffer {
  let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
  for (const part of [...parts, 'aws4_request']) key = hmac(key, part);
  return key;
}

/** Deriving one takes a millisecond. */
const ecdsaKeys = new Map<string, KeyObject>();

function ecdsaKey(secretAccessKey: string, accessKeyId: string): KeyObject {
  const name = `${accessKeyId}/${secretAccessKey}`;
  let key = ecdsaKeys.get(name);
  if (key === undefined) {
    const curve = createECDH('prime256v1');
    const secret = deriveEcdsaPrivateKey(secretAccessKey, accessKeyId);
    curve.setPrivateKey(secret);
    // An uncompressed point: one byte of kind, then the two coordinates.
    const point = curve.getPublicKey();
    const d = secret.toString('base64url');
    const x = point.subarray(1, 33).toString('base64url');
    const y = point.subarray(33).toString('base64url');
    key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y }, format: 'jwk' });
    ecdsaKeys.set(name, key);
  }
  return key;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
