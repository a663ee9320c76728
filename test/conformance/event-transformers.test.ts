/** Runs the recorded input transformers: what a target got from the real service. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { EventView } from '../../src/lang/pattern/event.ts';
import { createEvent, parseEvent } from '../../src/lang/pattern/event.ts';
import { compileTargetInput } from '../../src/lang/template/rule-input.ts';

interface RecordedEvent {
  readonly [member: string]: unknown;
  readonly detail: unknown;
  readonly resources: readonly string[];
}

interface Vector {
  readonly id: string;
  readonly template?: string;
  readonly pathsMap?: Record<string, string>;
  readonly inputPath?: string;
  readonly event: RecordedEvent;
  readonly expected?: unknown;
  readonly compare?: 'json' | 'raw';
  readonly dropped?: boolean;
  readonly error?: unknown;
  readonly context?: { readonly ruleArn: string; readonly ruleName: string; readonly ingestionTime?: string };
}

const file = new URL('../../../shared/conformance/events/transformer-vectors.jsonl', import.meta.url);
const skip = existsSync(file) ? false : 'the transformer vectors are not on this machine';

/** As the bus has it: in parts. */
function inParts(event: RecordedEvent): EventView {
  return createEvent({
    version: event['version'] as string,
    id: event['id'] as string,
    detailType: event['detail-type'] as string,
    source: event['source'] as string,
    account: event['account'] as string,
    time: event['time'] as string,
    region: event['region'] as string,
    resources: event.resources,
    detailText: JSON.stringify(event.detail),
  });
}

function run(vector: Vector, event: EventView): void {
  const { ruleArn = '', ruleName = '', ingestionTime = '' } = vector.context ?? {};
  const compile = (): ReturnType<typeof compileTargetInput> =>
    compileTargetInput('target', {
      ...(vector.inputPath === undefined ? {} : { InputPath: vector.inputPath }),
      ...(vector.template === undefined
        ? {}
        : { InputTransformer: { InputPathsMap: vector.pathsMap, InputTemplate: vector.template } }),
    });
  if (vector.error !== undefined) {
    assert.throws(compile, { code: 'ValidationException' });
    return;
  }
  const rendered = compile().render(event, { ruleArn, ruleName, ingestionTime });
  if (vector.dropped === true) assert.equal(rendered.kind, 'dropped');
  else if (rendered.kind === 'dropped') assert.fail(rendered.reason);
  else if (vector.compare === 'raw') assert.equal(rendered.text, vector.expected);
  else assert.deepEqual(JSON.parse(rendered.text), vector.expected);
}

test('every input transformer delivers what AWS delivered', { skip }, (t) => {
  const vectors = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Vector);
  const failures: string[] = [];
  for (const vector of vectors) {
    for (const event of [inParts(vector.event), parseEvent(JSON.stringify(vector.event))]) {
      try {
        run(vector, event);
      } catch (error) {
        failures.push(`${vector.id}: ${String(error)}`);
      }
    }
  }
  t.diagnostic(`${2 * vectors.length - failures.length} of ${2 * vectors.length} runs`);
  assert.deepEqual(failures, []);
});
