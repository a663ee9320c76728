import { runtimeError } from '../../../lang/asl/errors.ts';
import type { Json } from '../../../base/json.ts';
import type { Expression } from '../../../lang/asl/expression.ts';
import type { EvaluationScope } from '../../../lang/asl/scope.ts';
import { parseTimestamp } from '../../../lang/asl/timestamp.ts';
import type { WaitDelay, WaitState } from '../../../lang/asl/types.ts';
import { JsonPathError } from '../../../lang/jsonpath/errors.ts';
import { WAIT_SECONDS_MAX } from '../limits.ts';
import type { FrameDraft, Run } from '../run.ts';
import type { StateBehavior } from './behavior.ts';
import { applyAssign, applyPath } from './data-flow.ts';

/** Waits for a time that is written in it or taken from its input. */
export const wait: StateBehavior<WaitState> = {
  enter(run, frame, state) {
    const scope = run.scope(frame);
    const input = applyPath(state.inputPath, frame.payload, scope);
    const atMs = dueMs(state.delay, run.now, (path) => readPath(path, input.value, scope));
    if (atMs - run.now > WAIT_SECONDS_MAX * 1000) throw runtimeError('Wait state delay is too long.');
    if (atMs <= run.now) leave(run, frame, state);
    else frame.activity = { kind: 'wait', atMs };
  },

  wake(run, frame, state) {
    if (frame.activity.kind === 'wait' && frame.activity.atMs <= run.now) leave(run, frame, state);
  },
};

function leave(run: Run, frame: FrameDraft, state: WaitState): void {
  const scope = run.scope(frame);
  const input = applyPath(state.inputPath, frame.payload, scope);
  const output = applyPath(state.outputPath, input, scope);
  run.exit(frame, { output, assigned: applyAssign(state.assign, input, scope), next: state.next });
}

/** The value, or `undefined` when the path selects nothing. */
function readPath(path: Expression, input: Json, scope: EvaluationScope): Json | undefined {
  try {
    return path.evaluate(input, scope);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

function dueMs(delay: WaitDelay, now: number, read: (path: Expression) => Json | undefined): number {
  switch (delay.kind) {
    case 'seconds':
      return now + delay.seconds * 1000;
    case 'timestamp':
      return delay.atMs;
    case 'seconds-path':
      return now + secondsFrom(delay.path.text, read(delay.path)) * 1000;
    case 'timestamp-path':
      return instantFrom(delay.path.text, read(delay.path));
  }
}

function secondsFrom(path: string, value: Json | undefined): number {
  if (value === undefined || value === null) {
    throw runtimeError(`The SecondsPath parameter does not reference an input value: ${path}`);
  }
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw runtimeError(
      `The SecondsPath parameter cannot be parsed as a long value: ${path} == ${printed(value)}`,
    );
  }
  if (value < 0) {
    throw runtimeError(`The SecondsPath parameter references a negative value: ${path} == ${value}`);
  }
  return value;
}

function instantFrom(path: string, value: Json | undefined): number {
  if (value === undefined || value === null) {
    throw runtimeError(`The TimestampPath parameter does not reference an input value: ${path}`);
  }
  const timestamp = typeof value === 'string' ? parseTimestamp(value) : undefined;
  if (timestamp !== undefined) return timestamp.atMs;
  throw runtimeError(
    'The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ' +
      `${path} == ${printed(value)}`,
  );
}

function printed(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
