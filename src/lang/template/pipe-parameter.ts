import { notImplementedError } from '../../base/errors.ts';

/** A string parameter of a pipe's enrichment or target: a constant, or one whole path such as `$.body.id`. */
export interface PipeParameter {
  readonly dynamic: boolean;
  /** The value for one record (JSON text); `undefined` when the path leads nowhere. */
  render(recordText: string): string | undefined;
}

/** Compiles a parameter. Throws `ValidationException` for a malformed path. */
export function compilePipeParameter(_text: string): PipeParameter {
  throw notImplementedError('compilePipeParameter');
}
