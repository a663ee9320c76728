/** `{"exists": true}`; its opposite is no test of a value but the absence of any, so `pattern.ts` keeps it apart. */
import type { PatternReader } from '../reader.ts';
import type { Operator } from './operator.ts';
import { PRESENT, requireOnlyKey } from './operator.ts';

const EXISTS: Operator = { test: () => true, anchor: PRESENT };

/** Satisfied by no value: `{"exists": false}`. */
export const ABSENT: Operator = { test: () => false, anchor: PRESENT };

export function parseExists(reader: PatternReader): Operator {
  const token = reader.next();
  if (token !== 'true' && token !== 'false') {
    reader.fail('exists match pattern must be either true or false.');
  }
  requireOnlyKey(reader);
  return token === 'true' ? EXISTS : ABSENT;
}
