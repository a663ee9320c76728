import { runtimeError } from '../../../lang/asl/errors.ts';
import type { Expression } from '../../../lang/asl/expression.ts';
import { pathNotFound } from '../../../lang/asl/template.ts';
import type { FailState } from '../../../lang/asl/types.ts';
import { JsonPathError } from '../../../lang/jsonpath/errors.ts';
import type { FrameDraft, Run } from '../run.ts';
import type { StateBehavior } from './behavior.ts';

/** Fails its frame with an error and a cause that are written in it or taken from its input. */
export const fail: StateBehavior<FailState> = {
  enter(run, frame, state) {
    const error = textOf(run, frame, 'ErrorPath', state.error);
    const cause = textOf(run, frame, 'CausePath', state.cause);
    run.fail(frame, { error, cause });
  },
};

function textOf(
  run: Run,
  frame: FrameDraft,
  field: string,
  text: string | Expression | undefined,
): string | undefined {
  if (text === undefined || typeof text === 'string') return text;
  const { value } = frame.payload;
  try {
    const found = text.evaluate(value, run.scope(frame));
    if (typeof found === 'string') return found;
    throw runtimeError(`The ${field} parameter does not reference a string: ${text.text}`);
  } catch (error) {
    if (error instanceof JsonPathError) throw pathNotFound(text.text, field, value);
    throw error;
  }
}
