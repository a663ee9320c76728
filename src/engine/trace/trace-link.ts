/** What a trace is made of: a cause and what it brought about. */
import type { Cause } from '../cause.ts';

/**
 * Something that happened. `delivery` is an event that will be offered to its target again; `dropped` one that a
 * target did not get and never will: its id is the event's.
 */
export interface TraceEffect {
  readonly kind: Cause['kind'] | 'delivery' | 'dropped';
  /** Event id, message id, batch id, request id, delivery id or execution ARN. */
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
  /** Its place within the record. */
  readonly index: number;
}
