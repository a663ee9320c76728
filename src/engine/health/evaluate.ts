/**
 * Whether a health check is healthy, from what the checkers of the regions have seen. Pure.
 *
 * Sources: "How Amazon Route 53 determines whether a health check is healthy" and "Values that you specify when you
 * create or update health checks", both in the Route 53 Developer Guide.
 */
import type { HealthCheckRecord } from '../dns/health-check-record.ts';
import { FAILURE_THRESHOLD_DEFAULT } from './probe-times.ts';

/** What one region's checker has to say of an endpoint. */
export interface Vote {
  readonly isHealthy: boolean;
}

/** What one checker knows: its verdict changes after so many observations in a row that speak against it. */
export interface CheckerState {
  readonly isHealthy: boolean;
  /** Observations in a row that speak against `isHealthy`. */
  readonly against: number;
}

/** A new check counts as healthy until there is enough to say that it is not. */
export const NEW_CHECKER: CheckerState = { isHealthy: true, against: 0 };

/** A check is healthy when more than this share of the checkers say so. */
const HEALTHY_SHARE = 0.18;
/** Checks of checks of checks: more than anybody builds, and an end to circles. */
const DEPTH_MAX = 8;

export function observe(
  state: CheckerState,
  hasSucceeded: boolean,
  threshold: number = FAILURE_THRESHOLD_DEFAULT,
): CheckerState {
  if (hasSucceeded === state.isHealthy) return state.against === 0 ? state : { ...state, against: 0 };
  const against = state.against + 1;
  return against >= threshold ? { isHealthy: hasSucceeded, against: 0 } : { ...state, against };
}

export interface HealthFacts {
  find(id: string): HealthCheckRecord | undefined;
  /** Those that still count, of this version of the check. */
  votes(check: HealthCheckRecord): readonly Vote[];
}

/** A check that does not exist (any more) counts as healthy, as nothing speaks against what it was for. */
export function isCheckHealthy(facts: HealthFacts, id: string, depth = 0): boolean {
  const check = facts.find(id);
  if (check === undefined || depth > DEPTH_MAX) return true;
  const { isDisabled, isInverted } = check.settings;
  const isHealthy = isDisabled || isUpright(facts, check, depth);
  return isInverted ? !isHealthy : isHealthy;
}

/** Before it is inverted. */
function isUpright(facts: HealthFacts, check: HealthCheckRecord, depth: number): boolean {
  const { type, children = [], healthThreshold = 0, withInsufficientData } = check.settings;
  switch (type) {
    case 'CALCULATED': {
      const healthy = children.filter((child) => isCheckHealthy(facts, child, depth + 1)).length;
      return healthy >= healthThreshold;
    }
    case 'CLOUDWATCH_METRIC':
      // There are no alarms yet, so there are never data; and the status known last is the one of a new check.
      return withInsufficientData !== 'Unhealthy';
    default: {
      const votes = facts.votes(check);
      const healthy = votes.filter((vote) => vote.isHealthy).length;
      return votes.length === 0 || healthy / votes.length > HEALTHY_SHARE;
    }
  }
}
