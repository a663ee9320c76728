/** Limits of EventBridge. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */

/** All entries of a PutEvents together; 256 KB until January 2026. */
export const PUT_EVENTS_SIZE_BYTES_MAX = 1_048_576;
/** What the time of an entry counts. */
export const EVENT_TIME_SIZE_BYTES = 14;
/** 9999-12-31T23:59:59Z: later instants have no four-digit year. */
export const EVENT_TIME_MS_MAX = 253_402_300_799_000;
export const BUSES_MAX = 100;
/** In each Region. */
export const ENDPOINTS_MAX = 100;
export const RULES_PER_BUS_MAX = 300;
export const TARGETS_PER_RULE_MAX = 5;
export const BUS_POLICY_LENGTH_MAX = 10_240;
export const TAGS_MAX = 50;
/** Items of a page when the caller names no limit. */
export const PAGE_COUNT_DEFAULT = 100;
