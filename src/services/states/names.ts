/** Names of state machines and executions, and the JSON that callers pass along. */
import { AwsError, errorMessage } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import { invalidExecutionInput, invalidName, validationException } from './errors.ts';
import { INPUT_SIZE_BYTES_MAX, NAME_LENGTH_MAX } from './limits.ts';

/**
 * White space, brackets, wildcards, special and control characters.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
 */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udfff]/u;

export function requireName(name: string): void {
  if (name.length === 0 || name.length > NAME_LENGTH_MAX || FORBIDDEN.test(name)) throw invalidName(name);
}

/** JSON text for an execution; an absent one is an empty object. */
export function requireInput(input: string | undefined): string {
  if (input === undefined) return '{}';
  if (Buffer.byteLength(input) > INPUT_SIZE_BYTES_MAX) {
    throw validationException(
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${INPUT_SIZE_BYTES_MAX}`,
    );
  }
  try {
    parseJson(input);
  } catch (error) {
    throw error instanceof AwsError ? error : invalidExecutionInput(errorMessage(error));
  }
  return input;
}
