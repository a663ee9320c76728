import { createHash } from 'node:crypto';
import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError, requireShortText, requireString } from './intrinsic.ts';

const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

/** `States.Hash(data, algorithm)`: the hash in hex. Data that is no text is hashed as JSON. */
export const hash: Intrinsic = {
  argumentCountMin: 2,
  argumentCountMax: 2,
  apply: ([data, name]) => {
    const algorithm = ALGORITHMS.get(requireString(name));
    if (algorithm === undefined) {
      throw new IntrinsicError(`The algorithm must be one of ${[...ALGORITHMS.keys()].join(', ')}`);
    }
    const text = requireShortText(typeof data === 'string' ? data : JSON.stringify(data));
    return createHash(algorithm).update(text).digest('hex');
  },
};
