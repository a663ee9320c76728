/** Plain values, and `{"exactly": "x"}`. */
import { toComparableNumber } from '../leaf.ts';
import type { PatternReader } from '../reader.ts';
import { canonicalIp } from './ip.ts';
import type { Operator } from './operator.ts';
import { requireOnlyKey, requireString } from './operator.ts';

export function exactString(text: string): Operator {
  const ip = canonicalIp(text);
  if (ip === undefined) {
    return { test: (leaf) => leaf.kind === 'string' && leaf.text === text, anchor: { kind: 'string', text } };
  }
  // AWS compares addresses, not spellings: 2001:db8::1 is 2001:DB8:0:0:0:0:0:1.
  return {
    test: (leaf) => leaf.kind === 'string' && canonicalIp(leaf.text) === ip,
    anchor: { kind: 'ip', text: ip },
  };
}

/** A number matches an equal number, or the same text where a double cannot hold it. */
export function exactNumber(text: string): Operator {
  const value = toComparableNumber(text);
  if (Number.isNaN(value)) {
    return {
      test: (leaf) => leaf.kind === 'number' && leaf.text === text,
      anchor: { kind: 'literal', text },
    };
  }
  return {
    test: (leaf) => leaf.kind === 'number' && leaf.number === value,
    anchor: { kind: 'number', value },
  };
}

/** `true`, `false` or `null`. */
export function exactLiteral(text: string): Operator {
  return { test: (leaf) => leaf.kind === 'literal' && leaf.text === text, anchor: { kind: 'literal', text } };
}

export function parseExactly(reader: PatternReader): Operator {
  const operator = exactString(requireString(reader, 'exact'));
  requireOnlyKey(reader);
  return operator;
}
