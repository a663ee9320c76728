import { notImplementedError } from '../../base/errors.ts';

export interface CompiledPattern {
  /** The pattern's own text. */
  readonly text: string;
}

/** Compiles an event pattern. Throws `InvalidEventPatternException` in AWS's words. */
export function compilePattern(_text: string): CompiledPattern {
  throw notImplementedError('compilePattern');
}
