import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { randomBelow, seededRandom } from '../../base/random.ts';
import { parseStateMachine } from './parse.ts';
import { validateDefinition } from './validate.ts';

/** `CODE: message at location` for each finding. */
function findings(definition: Json): string[] {
  return validateDefinition(JSON.stringify(definition), 'STANDARD').diagnostics.map(
    ({ code, message, location }) => `${code}: ${message}${location === undefined ? '' : ` at ${location}`}`,
  );
}

function machine(states: Record<string, Json>, startAt = 'A'): Json {
  return { StartAt: startAt, States: states };
}

const END = { Type: 'Pass', End: true };

test('a target that does not exist and an unreachable state are both reported', () => {
  assert.deepEqual(findings(machine({ A: { Type: 'Pass', Next: 'C' }, B: END })), [
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Next",
    'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
  ]);
});

test('a loop without an end is reported without a place, after dangling targets', () => {
  assert.deepEqual(findings(machine({ A: { Type: 'Pass', Next: 'NOPE' } })), [
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next",
    'MISSING_END_STATE: Workflow has no terminal state',
  ]);
});

test('a target in a choice, a default, a catcher and StartAt is always called Next', () => {
  const states = {
    C: {
      Type: 'Choice',
      Choices: [{ Variable: '$.a', IsNull: true, Next: 'X' }],
      Default: 'Y',
    },
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Z' }],
      End: true,
    },
  };
  assert.deepEqual(findings(machine(states, 'W')).slice(0, 4), [
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: W at /StartAt",
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/C/Choices[0]/Next",
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: Y at /States/C/Default",
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: Z at /States/T/Catch[0]/Next",
  ]);
});

for (const [field, kinds] of Object.entries({
  TimeoutSeconds: ['Pass', 'Wait', 'Choice', 'Succeed', 'Fail', 'Map', 'Parallel'],
  Catch: ['Pass', 'Wait', 'Choice', 'Succeed', 'Fail'],
  Retry: ['Pass', 'Wait', 'Choice', 'Succeed', 'Fail'],
})) {
  for (const kind of kinds) {
    test(`${field} is not supported on ${kind}`, () => {
      const value = field === 'TimeoutSeconds' ? 1 : [];
      const found = findings(machine({ A: { Type: kind, [field]: value } }));
      assert.ok(found.includes(`SCHEMA_VALIDATION_FAILED: Field '${field}' is not supported at /States/A`));
    });
  }
}

test('a field of the other query language is refused at its state', () => {
  assert.deepEqual(findings(machine({ A: { ...END, Output: 1 } })), [
    "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for " +
      "the 'JSONata' QueryLanguage at /States/A",
  ]);
});

test('a state inside of a Map inherits the language of the machine, and its processor may not name one', () => {
  const map = {
    Type: 'Map',
    QueryLanguage: 'JSONata',
    ItemProcessor: { QueryLanguage: 'JSONata', ...(machine({ P: { ...END, Output: 1 } }, 'P') as object) },
    End: true,
  };
  assert.deepEqual(findings(machine({ A: map })), [
    "SCHEMA_VALIDATION_FAILED: Field 'QueryLanguage' is not supported at /States/A/ItemProcessor",
    "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for " +
      "the 'JSONata' QueryLanguage at /States/A/ItemProcessor/States/P",
  ]);
});

test('a rule of a choice needs its Next and one comparison', () => {
  const choices = [
    { Variable: '$.a', StringMatches: 'x' },
    { Variable: '$.a', Next: 'B' },
  ];
  assert.deepEqual(findings(machine({ A: { Type: 'Choice', Choices: choices }, B: END })), [
    'SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at /States/A/Choices[0]',
    'SCHEMA_VALIDATION_FAILED: A choice rule must have exactly one comparison at /States/A/Choices[1]',
  ]);
});

test('an illegal call in a template is located at the template', () => {
  assert.deepEqual(findings(machine({ A: { ...END, Parameters: { 'a.$': 'States.NoSuch()' } } })), [
    "SCHEMA_VALIDATION_FAILED: The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic " +
      'function call at /States/A/Parameters',
  ]);
});

function refusal(definition: Json): AwsError {
  try {
    parseStateMachine(JSON.stringify(definition), 'STANDARD');
  } catch (error) {
    if (error instanceof AwsError) return error;
  }
  return assert.fail('the definition was accepted');
}

test('all findings stand in one refusal', () => {
  const { code, message } = refusal({ Comment: 'empty' });
  assert.equal(code, 'InvalidDefinition');
  assert.equal(
    message,
    "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /'",
  );
});

test('what is sound but not built is refused as such', () => {
  const resource = 'arn:aws:states:::batch:submitJob.sync';
  assert.equal(
    refusal(machine({ A: { Type: 'Task', Resource: resource, End: true } })).code,
    'NotImplemented',
  );
  assert.equal(
    refusal({ ...(machine({ A: END }) as object), QueryLanguage: 'JSONata' }).code,
    'NotImplemented',
  );
});

test('a text that is no JSON is reported as the parser of AWS would', () => {
  const { diagnostics } = validateDefinition('not a definition', 'STANDARD');
  assert.equal(diagnostics[0]?.code, 'INVALID_JSON_DESCRIPTION');
  assert.equal(diagnostics[0]?.location, '[Source: (String)"not a definition"; line: 1, column: 4]');
});

test('a definition nested too deep is refused before it is parsed', () => {
  const { diagnostics } = validateDefinition('['.repeat(5000), 'STANDARD');
  assert.equal(diagnostics[0]?.code, 'INVALID_JSON_DESCRIPTION');
});

test('no definition makes the validation or the compiler fail in any other way', () => {
  const random = seededRandom(7);
  const pick = <T>(choices: readonly T[]): T => choices[randomBelow(random, choices.length)] as T;
  const fields = [
    'Type',
    'Next',
    'End',
    'Choices',
    'Resource',
    'Parameters',
    'Retry',
    'Catch',
    'Branches',
    'Seconds',
  ];
  fields.push(
    'ItemProcessor',
    'Assign',
    'InputPath',
    'ResultPath',
    'Credentials',
    'TimeoutSeconds',
    'QueryLanguage',
  );
  fields.push(
    'StartAt',
    'States',
    'Variable',
    'And',
    'Not',
    'StringEquals',
    'IsPresent',
    'ErrorEquals',
    'Timestamp',
  );
  const scalars: readonly Json[] = [
    null,
    true,
    0,
    -1,
    1.5,
    '',
    '$',
    '$.a[',
    'A',
    'States.ALL',
    'States.UUID()',
  ];
  const kinds = ['Pass', 'Task', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'];
  const value = (depth: number): Json => {
    const shape = depth > 3 ? 0 : randomBelow(random, 4);
    if (shape === 1) return Array.from({ length: randomBelow(random, 3) }, () => value(depth + 1));
    if (shape === 0) return pick([...scalars, ...kinds]);
    const members = Array.from(
      { length: randomBelow(random, 5) },
      () => [pick(fields), value(depth + 1)] as const,
    );
    return Object.fromEntries([['Type', pick(kinds)], ...members]);
  };
  for (let run = 0; run < 3000; run += 1) {
    const text = JSON.stringify({ StartAt: 'A', States: { A: value(0), B: value(0) } });
    try {
      parseStateMachine(text, pick(['STANDARD', 'EXPRESS']));
    } catch (error) {
      assert.ok(error instanceof AwsError, `${text}: ${String(error)}`);
    }
  }
});
