/** `{"suffix": "x"}` and `{"suffix": {"equals-ignore-case": "x"}}`; strings only. */
import type { PatternReader } from '../reader.ts';
import { casePairs, endsWithMatch } from './equals-ignore-case.ts';
import type { Operator } from './operator.ts';
import { PRESENT } from './operator.ts';
import { readAffix } from './prefix.ts';

export function suffix(text: string): Operator {
  return {
    test: (leaf) => leaf.kind === 'string' && leaf.text.endsWith(text),
    anchor: { kind: 'suffix', text },
  };
}

export function parseSuffix(reader: PatternReader): Operator {
  const operator = readAffix(reader, 'suffix');
  if (!operator.ignoreCase) return suffix(operator.text);
  const pairs = casePairs(operator.text);
  return { test: (leaf) => leaf.kind === 'string' && endsWithMatch(pairs, leaf.text), anchor: PRESENT };
}
