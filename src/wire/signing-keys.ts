/**
 * The keys that signatures are verified with. Deriving one costs more than verifying with it (10 us for SigV4, a
 * millisecond for 4A), so they are cached, by what they are derived from; the secret is compared on each use, since
 * a key can be given a new one. Scopes are the caller's text, so the caches are bounded.
 */
import { createECDH, createHmac, createPublicKey, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { invariant } from '../base/assert.ts';
import type { Credential } from './scope.ts';

const CACHED_KEYS_MAX = 1024;

interface CachedKey {
  readonly secretAccessKey: string;
  readonly key: KeyObject;
}

export function hmac(key: KeyObject | string | Buffer, data: string | Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

class KeyCache {
  readonly #keys = new Map<string, CachedKey>();

  get(name: string, secretAccessKey: string, derive: () => KeyObject): KeyObject {
    const cached = this.#keys.get(name);
    if (cached?.secretAccessKey === secretAccessKey) return cached.key;
    const key = derive();
    if (this.#keys.size >= CACHED_KEYS_MAX) {
      const oldest = this.#keys.keys().next();
      if (!oldest.done) this.#keys.delete(oldest.value);
    }
    this.#keys.set(name, { secretAccessKey, key });
    return key;
  }
}

export class SigningKeys {
  readonly #hmacKeys = new KeyCache();
  readonly #ecdsaKeys = new KeyCache();

  hmacKey(secretAccessKey: string, { accessKeyId, date, region = '', service }: Credential): KeyObject {
    const name = `${accessKeyId}/${date}/${region}/${service}`;
    return this.#hmacKeys.get(name, secretAccessKey, () => {
      const serviceKey = hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), service);
      return createSecretKey(hmac(serviceKey, 'aws4_request'));
    });
  }

  ecdsaKey(secretAccessKey: string, accessKeyId: string): KeyObject {
    return this.#ecdsaKeys.get(accessKeyId, secretAccessKey, () =>
      deriveEcdsaKey(secretAccessKey, accessKeyId),
    );
  }
}

const ECDSA_LABEL = 'AWS4-ECDSA-P256-SHA256';
/** The order of the curve P-256. */
const CURVE_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * The private key of SigV4A: NIST's counter-mode KDF over the access key, repeated with the next counter in the one
 * case of 2^32 where the result is no number of the curve.
 */
export function deriveEcdsaPrivateKey(secretAccessKey: string, accessKeyId: string): Buffer {
  for (let counter = 1; counter < 255; counter += 1) {
    const head = Buffer.from(`\u0000\u0000\u0000\u0001${ECDSA_LABEL}\u0000${accessKeyId}`);
    const input = Buffer.concat([head, Buffer.from([counter, 0, 0, 1, 0])]);
    const candidate = BigInt(`0x${hmac(`AWS4A${secretAccessKey}`, input).toString('hex')}`);
    if (candidate <= CURVE_ORDER - 2n)
      return Buffer.from((candidate + 1n).toString(16).padStart(64, '0'), 'hex');
  }
  invariant(false, 'no counter gave a key of the curve');
}

function deriveEcdsaKey(secretAccessKey: string, accessKeyId: string): KeyObject {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(deriveEcdsaPrivateKey(secretAccessKey, accessKeyId));
  const point = curve.getPublicKey();
  // An uncompressed point: one byte of kind, then the two coordinates.
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}
