/** Runs the recorded schedule expressions: which of them the two services accept. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ScheduleDialect } from '../../src/lang/schedule/schedule.ts';
import { parseSchedule } from '../../src/lang/schedule/schedule.ts';

interface Vector {
  readonly service: ScheduleDialect;
  readonly expression: string;
  readonly valid: boolean;
}

const file = new URL('../../../shared/conformance/events/schedule-vectors.jsonl', import.meta.url);
const skip = existsSync(file) ? false : 'the schedule vectors are not on this machine';

function isAccepted({ service, expression }: Vector): boolean {
  try {
    parseSchedule(expression, service);
    return true;
  } catch {
    return false;
  }
}

test('every schedule expression is accepted or refused as AWS does', { skip }, (t) => {
  const vectors = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Vector);
  const wrong = vectors.filter((vector) => isAccepted(vector) !== vector.valid);
  t.diagnostic(`${vectors.length - wrong.length} of ${vectors.length} vectors`);
  assert.deepEqual(wrong, []);
});
