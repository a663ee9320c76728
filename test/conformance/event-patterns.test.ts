/** Runs the recorded pattern vectors: what AWS's TestEventPattern or AWS's own matcher said of each. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AwsError } from '../../src/base/errors.ts';
import { parseEvent } from '../../src/lang/pattern/event.ts';
import { matches, PatternIndex } from '../../src/lang/pattern/matcher.ts';
import { compilePattern } from '../../src/lang/pattern/pattern.ts';

interface Vector {
  readonly id: string;
  readonly pattern: string;
  readonly event?: string;
  readonly verdictBy: string;
  readonly matches?: boolean;
  readonly invalid?: boolean;
  readonly valid?: boolean;
  readonly rulerMessage?: string;
  readonly awsMessage?: string;
  readonly eventError?: string;
}

const file = new URL('../../../shared/conformance/events/pattern-vectors.jsonl', import.meta.url);
const skip = existsSync(file) ? false : 'the pattern vectors are not on this machine';
/** Vectors whose verdict differs from ours, each with the reason. */
const KNOWN_DIFFERENCES: ReadonlyMap<string, string> = new Map([
  ['ruler-rule/0756', "AWS's matcher alone accepts a complexity of 11; the service is recorded to refuse it"],
]);

function load(): Vector[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Vector);
}

/** AWS's message, from a recording or made of its matcher's; a recording has its partition masked. */
function expectedMessage(vector: Vector): string {
  const message = vector.awsMessage ?? `Event pattern is not valid. Reason: ${vector.rulerMessage ?? ''}`;
  return message.replaceAll('<partition>', 'aws').replaceAll('<region>', 'us-east-1');
}

function failure(vector: Vector): string | undefined {
  try {
    const compiled = compilePattern(vector.pattern);
    if (vector.invalid === true) return 'compiled, but AWS refuses it';
    if (vector.event === undefined) return undefined;
    const event = parseEvent(vector.event);
    const index = new PatternIndex();
    index.add('rule', compiled);
    const verdict = matches(compiled, event);
    if ((index.match(event).length === 1) !== verdict) return 'the index and the matcher disagree';
    return verdict === vector.matches ? undefined : `matches: ${verdict}, but AWS says ${vector.matches}`;
  } catch (error) {
    if (vector.eventError !== undefined && error instanceof SyntaxError) return undefined;
    if (!(error instanceof AwsError) || vector.invalid !== true) return String(error);
    return error.message === expectedMessage(vector) ? undefined : `says: ${error.message}`;
  }
}

test('every pattern vector gets the verdict and the words of AWS', { skip }, (t) => {
  const failures: string[] = [];
  const vectors = load();
  for (const vector of vectors) {
    const found = failure(vector);
    if (found !== undefined && !KNOWN_DIFFERENCES.has(vector.id)) failures.push(`${vector.id}: ${found}`);
  }
  const agreed = vectors.length - failures.length - KNOWN_DIFFERENCES.size;
  t.diagnostic(`${agreed} of ${vectors.length} vectors, ${KNOWN_DIFFERENCES.size} known to differ`);
  assert.deepEqual(failures, []);
});
