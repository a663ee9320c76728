/** Limits of CloudWatch Logs. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */

export const DAY_MS = 86_400_000;
/** All messages of a batch, with the overhead of each. */
export const BATCH_SIZE_BYTES_MAX = 1_048_576;
export const EVENT_OVERHEAD_BYTES = 26;
export const EVENT_AGE_MS_MAX = 14 * DAY_MS;
export const EVENT_AHEAD_MS_MAX = 2 * 3_600_000;
export const EVENTS_PER_PAGE_MAX = 10_000;
export const PAGE_SIZE_BYTES_MAX = 1_048_576;
/** Ours: what one FilterLogEvents looks at before it answers with a token, so that it holds nobody else up. */
export const EVENTS_SEARCHED_MAX = 20_000;
export const LIST_ITEMS_MAX = 50;
export const TAGS_MAX = 50;

/** The days that a retention may be set to. */
export const RETENTION_DAYS: ReadonlySet<number> = new Set([
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]);
