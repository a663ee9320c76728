import { InvariantError } from './errors.ts';

/** Ends the current step when `condition` is false: such a failure is a bug of ours, never of a caller. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
