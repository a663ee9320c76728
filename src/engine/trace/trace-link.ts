/** What a trace is made of: a cause and what it brought about. */
import type { Cause } from '../cause.ts';

/** Something that happened. `dropped` is an event that a target did not get: its id is the event's. */
export interface TraceEffect {
  readonly kind: Cause['kind'] | 'dropped';
  /** Event id, message id, batch id, request id or execution ARN. */
  readonly id: string;
  /** A few short words for people, such as the rule that matched and the ARN of the target. */
  readonly detail?: Readonly<Record<string, string>>;
}

export interface TraceLink {
  readonly cause: Cause;
  readonly effects: readonly TraceEffect[];
}

/** A link as it was read back. */
export interface DatedLink extends TraceLink {
  readonly atMs: number;
}

/** A link and where it was found: records are numbered in the order of their commits. */
export interface FoundLink extends DatedLink {
  readonly sequence: number;
}
