import { notImplementedError } from '../../base/errors.ts';
import type { EventView } from './event.ts';
import type { CompiledPattern } from './pattern.ts';

/** A clause of a pattern that the event does not satisfy. */
export interface FailedClause {
  /** Dotted path of the field, such as `detail.state`. */
  readonly path: string;
  /** The JSON text of what the pattern asks of the field. */
  readonly expected: string;
  /** JSON texts of the values found there (the first few); empty when the field is absent. */
  readonly found: readonly string[];
}

export interface Explanation {
  readonly matched: boolean;
  /** Of the alternative that came nearest to a match; empty when `matched`. */
  readonly failed: readonly FailedClause[];
  /** One line for people. */
  readonly text: string;
}

/** Says why an event does not match a pattern. Not for the hot path. */
export function explain(_compiled: CompiledPattern, _event: EventView): Explanation {
  throw notImplementedError('explain');
}
