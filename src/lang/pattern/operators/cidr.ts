/** `{"cidr": "10.0.0.0/24"}`. Faults of an address carry no place in the pattern [recorded]. */
import type { PatternReader } from '../reader.ts';
import { PatternFault } from '../reader.ts';
import { canonicalIp, looksLikeIp } from './ip.ts';
import type { Operator } from './operator.ts';
import { PRESENT, requireOnlyKey } from './operator.ts';

export function parseCidr(reader: PatternReader): Operator {
  // AWS names the wrong operator here [recorded].
  if (reader.next() !== 'string') reader.fail('prefix match pattern must be a string');
  const { bottom, top } = parseRange(reader.text());
  requireOnlyKey(reader);
  return {
    test: (leaf) => {
      if (leaf.kind !== 'string') return false;
      const ip = canonicalIp(leaf.text);
      // AWS compares digit by digit whatever the version, so `::/0` takes version 4 addresses too.
      return ip !== undefined && ip >= bottom && ip <= top;
    },
    anchor: PRESENT,
  };
}

function parseRange(text: string): { bottom: string; top: string } {
  const [address = '', bitsText, ...more] = text.split('/');
  if (bitsText === undefined || bitsText === '' || more.length > 0) {
    throw new PatternFault("Malformed CIDR, one '/' required");
  }
  if (!/^[+-]?\d{1,10}$/.test(bitsText)) {
    throw new PatternFault('Malformed CIDR, mask bits must be an integer');
  }
  const bits = Number(bitsText);
  if (bits < 0) throw new PatternFault('Malformed CIDR, mask bits must not be negative');
  if (!looksLikeIp(address)) throw new PatternFault(`Nonstandard IP address: ${address}`);
  const ip = canonicalIp(address);
  if (ip === undefined) throw new PatternFault(`Invalid IP address: ${address}`);
  const size = ip.length * 4;
  if (bits >= size) {
    throw new PatternFault(`IPv${size === 32 ? 4 : 6} mask bits must be < ${size}`);
  }
  // Host bits of the address are ignored.
  const value = BigInt(`0x${ip}`);
  const hostMask = (1n << BigInt(size - bits)) - 1n;
  const toHex = (number: bigint): string => number.toString(16).toUpperCase().padStart(ip.length, '0');
  return { bottom: toHex((value | hostMask) ^ hostMask), top: toHex(value | hostMask) };
}
