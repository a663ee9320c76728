/** Requests signed as clients sign them: by the SDK's own signer, and by ECDSA. Tests only. */
import { createECDH, createHash, createHmac, createPrivateKey, hash, sign as ecdsaSign } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { WireRequest } from '../wire/dispatch.ts';
import { deriveEcdsaPrivateKey } from '../wire/signing-keys.ts';
import { testRequest } from './wire-fixture.ts';

export const NOW = Date.UTC(2026, 0, 31, 12, 0, 0);
export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

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

export interface Unsigned {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The SDK's own signer. */
export function clientSigner(
  credentials: SigningKey,
  signed: { readonly service: string; readonly region: string },
): SignatureV4 {
  return new SignatureV4({ credentials, ...signed, sha256: Sha256 as never });
}

function signer(service: string, sessionToken?: string): SignatureV4 {
  const key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: SECRET };
  const credentials = sessionToken === undefined ? key : { ...key, sessionToken };
  return clientSigner(credentials, { service, region: 'us-east-1' });
}

function queryText(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

export async function sign(unsigned: Unsigned, service = 'sqs', sessionToken?: string): Promise<WireRequest> {
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

export async function presign(unsigned: Unsigned, service: string, expiresIn: number): Promise<WireRequest> {
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

/** Signs with ECDSA as clients of global endpoints do. */
export function signEcdsa(regionSet: string): WireRequest {
  const curve = createECDH('prime256v1');
  const secret = deriveEcdsaPrivateKey(SECRET, 'AKIAEXAMPLE');
  curve.setPrivateKey(secret);
  const [x, y] = [curve.getPublicKey().subarray(1, 33), curve.getPublicKey().subarray(33)];
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: secret.toString('base64url'),
    x: x.toString('base64url'),
    y: y.toString('base64url'),
  };
  const names = ['host', 'x-amz-date', 'x-amz-region-set', 'x-amz-target'];
  const headers = {
    host: '127.0.0.1:4566',
    'x-amz-date': '20260131T120000Z',
    'x-amz-region-set': regionSet,
    'x-amz-target': 'AWSEvents.PutEvents',
  };
  const canonical = [
    'POST',
    '/',
    '',
    ...names.map((name) => `${name}:${headers[name as keyof typeof headers]}`),
    '',
    names.join(';'),
    hash('sha256', '{}', 'hex'),
  ];
  const text = [
    'AWS4-ECDSA-P256-SHA256',
    headers['x-amz-date'],
    '20260131/events/aws4_request',
    hash('sha256', canonical.join('\n'), 'hex'),
  ].join('\n');
  const signature = ecdsaSign(
    'sha256',
    Buffer.from(text),
    createPrivateKey({ key: jwk, format: 'jwk' }),
  ).toString('hex');
  const credential = 'Credential=AKIAEXAMPLE/20260131/events/aws4_request';
  const authorization = `AWS4-ECDSA-P256-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return testRequest({ headers: { ...headers, authorization }, text: '{}' });
}
