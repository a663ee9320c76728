/**
 * Answers "why did nothing happen?": which clauses of a pattern an event fails, and what it has there instead. Of
 * several alternatives (`$or`) it tells of the one that came nearest. Not for the hot path.
 */
import type { EventView } from './event.ts';
import type { Leaf } from './leaf.ts';
import { withLeaves } from './matcher.ts';
import type { CompiledPattern } from './pattern.ts';
import type { BoundClause } from './satisfy.ts';
import { isSatisfied } from './satisfy.ts';

/** A clause of a pattern that the event does not satisfy. */
export interface FailedClause {
  /** Dotted path of the field, such as `detail.state`. */
  readonly path: string;
  /** The JSON text of what the pattern asks of the field. */
  readonly expected: string;
  /** JSON texts of the values found there (the first few); empty when the field is absent. */
  readonly found: readonly string[];
  /** True when a value fits, but not in the array element in which the other clauses hold. */
  readonly inOtherElement: boolean;
}

export interface Explanation {
  readonly matched: boolean;
  /** Of the alternative that came nearest to a match; empty when `matched`. */
  readonly failed: readonly FailedClause[];
  /** One line for people. */
  readonly text: string;
}

const FOUND_COUNT_MAX = 5;
const SHOWN_LENGTH_MAX = 120;

/** Says why an event does not match a pattern. */
export function explain(compiled: CompiledPattern, event: EventView): Explanation {
  return withLeaves(compiled, event, (alternatives) => {
    let nearest: readonly FailedClause[] | undefined;
    for (const clauses of alternatives) {
      if (isSatisfied(clauses)) return { matched: true, failed: [], text: 'The event matches.' };
      const failed = failedClauses(clauses);
      if (nearest === undefined || failed.length < nearest.length) nearest = failed;
    }
    const failed = nearest ?? [];
    return { matched: false, failed, text: toLine(failed, alternatives.length) };
  });
}

function failedClauses(clauses: readonly BoundClause[]): FailedClause[] {
  const failed = clauses.filter((bound) => !isSatisfied([bound]));
  if (failed.length > 0) return failed.map((bound) => describeClause(bound, false));
  // Each holds alone but not all in one element: name the first that does not agree with those before it.
  const culprit = clauses.findIndex((_bound, index) => !isSatisfied(clauses.slice(0, index + 1)));
  const bound = clauses[culprit];
  return bound === undefined ? [] : [describeClause(bound, true)];
}

function describeClause({ clause, node }: BoundClause, inOtherElement: boolean): FailedClause {
  const found = (node.leaves ?? []).slice(0, FOUND_COUNT_MAX).map(toJson);
  return { path: clause.path, expected: clause.expected, found, inOtherElement };
}

function toJson(leaf: Leaf): string {
  return leaf.kind === 'string' ? JSON.stringify(leaf.text) : leaf.text;
}

function toLine(failed: readonly FailedClause[], alternativeCount: number): string {
  const clauses = failed.map(({ path, expected, found, inOtherElement }) => {
    const there = found.length === 0 ? 'is absent' : `is ${shorten(found.join(', '))}`;
    const where = inOtherElement ? ', in another array element than the other fields' : '';
    return `${path} ${there}${where}, wanted ${shorten(expected.replaceAll(/\s+/g, ' '))}`;
  });
  const nearest = alternativeCount > 1 ? ` (the nearest of ${alternativeCount} alternatives)` : '';
  return `No match: ${clauses.join('; ')}${nearest}.`;
}

function shorten(text: string): string {
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}...`;
}
