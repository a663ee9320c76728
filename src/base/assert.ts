import { InvariantError } from './errors.ts';

/** Ends the current step when `condition` is false: such a failure is a bug of ours, never of a caller. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Marks a branch that the types say cannot be reached, so that a new union member fails to compile. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${JSON.stringify(value)}`);
}
