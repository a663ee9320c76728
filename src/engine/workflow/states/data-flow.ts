/** The fields that move data through a state, in the order in which they apply; each kind uses those that it has. */
import { JsonPathError } from '../../../lang/jsonpath/errors.ts';
import { ErrorName, runtimeError, StatesError } from '../../../lang/asl/errors.ts';
import type { EvaluationScope } from '../../../lang/asl/scope.ts';
import type { Template } from '../../../lang/asl/template.ts';
import type { PathField, ResultPathField } from '../../../lang/asl/types.ts';
import { Payload } from '../payload.ts';
import { toVariables } from '../run.ts';
import type { Variables } from '../state.ts';

/** InputPath and OutputPath. Throws `StatesError`. */
export function applyPath(path: PathField, payload: Payload, scope: EvaluationScope): Payload {
  if (path === undefined) return payload;
  if (path === null) return Payload.emptyObject;
  try {
    return Payload.ofValue(path.evaluate(payload.value, scope));
  } catch (error) {
    throw invalidPath(path.text, error);
  }
}

/** AWS's words for a path of a field that selects nothing; other errors pass as they are. */
export function invalidPath(path: string, error: unknown): unknown {
  return error instanceof JsonPathError ? runtimeError(`Invalid path '${path}' : ${error.message}`) : error;
}

/** Parameters and ResultSelector. Throws `StatesError`. */
export function applyTemplate(
  template: Template | undefined,
  payload: Payload,
  scope: EvaluationScope,
): Payload {
  return template === undefined ? payload : Payload.ofValue(template.evaluate(payload.value, scope));
}

/** Joins the result of a state with its input. Throws `StatesError`. */
export function applyResultPath(path: ResultPathField, input: Payload, result: Payload): Payload {
  if (path === undefined) return result;
  if (path === null) return input;
  try {
    return Payload.ofValue(path.put(input.value, result.value));
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new StatesError(ErrorName.resultPathMatchFailure, error.message);
  }
}

/** Assign: all values see the variables as they were. Throws `StatesError`. */
export function applyAssign(
  template: Template | undefined,
  result: Payload,
  scope: EvaluationScope,
): Variables | undefined {
  return template === undefined ? undefined : toVariables(template.evaluate(result.value, scope));
}
