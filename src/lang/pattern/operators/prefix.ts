/** `{"prefix": "x"}` and `{"prefix": {"equals-ignore-case": "x"}}`; strings only. */
import type { PatternReader } from '../reader.ts';
import { casePairs, endOfMatch } from './equals-ignore-case.ts';
import type { Operator } from './operator.ts';
import { PRESENT, requireOnlyKey, requireString } from './operator.ts';

export function prefix(text: string): Operator {
  return {
    test: (leaf) => leaf.kind === 'string' && leaf.text.startsWith(text),
    anchor: { kind: 'prefix', text },
  };
}

export function parsePrefix(reader: PatternReader): Operator {
  const operator = readAffix(reader, 'prefix');
  if (!operator.ignoreCase) return prefix(operator.text);
  const pairs = casePairs(operator.text);
  return {
    test: (leaf) => leaf.kind === 'string' && endOfMatch(pairs, leaf.text) !== -1,
    anchor: PRESENT,
  };
}

/** Reads the value of a prefix or suffix, with or without `equals-ignore-case` around it. */
export function readAffix(
  reader: PatternReader,
  name: 'prefix' | 'suffix',
): { text: string; ignoreCase: boolean } {
  const token = reader.next();
  if (token !== 'object') {
    if (token !== 'string') reader.fail(`${name} match pattern must be a string`);
    const text = reader.text();
    requireOnlyKey(reader);
    return { text, ignoreCase: false };
  }
  if (reader.next() !== 'key') {
    reader.fail(`${name === 'prefix' ? 'Prefix' : 'Suffix'} expression name not found`);
  }
  if (reader.key !== 'equals-ignore-case') reader.fail(`Unsupported ${name} pattern: ${reader.key}`);
  const text = requireString(reader, 'equals-ignore-case');
  requireOnlyKey(reader);
  requireOnlyKey(reader);
  return { text, ignoreCase: true };
}
