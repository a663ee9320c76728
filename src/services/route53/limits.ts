/** Limits of Route 53. Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html */

export const HOSTED_ZONES_MAX = 500;
export const HEALTH_CHECKS_MAX = 200;
export const REUSABLE_DELEGATION_SETS_MAX = 100;
export const TRAFFIC_POLICIES_MAX = 50;
export const TRAFFIC_POLICY_INSTANCES_MAX = 5;
export const RECORD_SETS_PER_ZONE_MAX = 10_000;
/** Values in one batch; those of an UPSERT count twice. */
export const BATCH_VALUES_MAX = 1000;
/** Characters of all values in one batch; those of an UPSERT count twice. */
export const BATCH_CHARACTERS_MAX = 32_000;
/** Of one zone or health check. */
export const TAGS_MAX = 50;
/** Zones or health checks in one page. */
export const PAGE_ITEMS_MAX = 100;
/** Record sets in one page. */
export const RECORD_SETS_PAGE_MAX = 300;
/** The longest interval that a tag can give to a health check. */
export const INTERVAL_MS_MAX = 3_600_000;
