/**
 * Ids of identities that say something. An access key id holds its account, as AWS's have since 2019: four letters of
 * kind, then 80 bits in base 32, the first set, the next 40 the account, the rest random. So GetAccessKeyInfo can
 * answer for any key, ours or AWS's.
 * Source: https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../base/random.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const RANDOM_BITS = 39n;
const ID = /^A[A-Z]{3}[A-Z2-7]{16}$/;

/** `prefix` is `AKIA` for the keys of users and `ASIA` for those of sessions. */
export function createAccessKeyId(random: Random, prefix: 'AKIA' | 'ASIA', account: string): string {
  const noise = ((BigInt(random.uint32()) << 32n) | BigInt(random.uint32())) & ((1n << RANDOM_BITS) - 1n);
  let bits = (1n << 79n) | (BigInt(account) << RANDOM_BITS) | noise;
  let text = '';
  for (let index = 0; index < 16; index += 1) {
    text = ALPHABET.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return prefix + text;
}

/** The account in an access key id; undefined for texts of another form and for keys older than the form. */
export function accountOfAccessKeyId(accessKeyId: string): string | undefined {
  if (!ID.test(accessKeyId)) return undefined;
  let bits = 0n;
  for (const character of accessKeyId.slice(4)) bits = (bits << 5n) | BigInt(ALPHABET.indexOf(character));
  const account = (bits >> RANDOM_BITS) & ((1n << 40n) - 1n);
  return bits >> 79n === 1n && account < 10n ** 12n ? account.toString().padStart(12, '0') : undefined;
}

/** The id of a role that is assumed without being registered: always the same for the same ARN. */
export function unregisteredRoleId(roleArn: string): string {
  const digest = createHash('sha256').update(roleArn).digest().subarray(0, 17);
  return `AROA${[...digest].map((byte) => ALPHABET.charAt(byte & 31)).join('')}`;
}
