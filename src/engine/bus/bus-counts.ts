/** What the buses of a region have done since the process started, for metrics. */
export interface BusCounts {
  /** Events taken in, those that buses passed on to each other included. */
  events: number;
  /** Events that no rule matched, or whose bus does not exist. */
  unmatched: number;
  /** Pairs of event and rule. */
  matched: number;
  delivered: number;
  /** Failed attempts at a delivery. */
  failed: number;
  deadLettered: number;
  /** Given up without a dead-letter queue. */
  dropped: number;
}

export function createBusCounts(): BusCounts {
  return { events: 0, unmatched: 0, matched: 0, delivered: 0, failed: 0, deadLettered: 0, dropped: 0 };
}
