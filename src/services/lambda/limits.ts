/** Limits of Lambda. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */

export const TIMEOUT_SECONDS_DEFAULT = 3;
export const TIMEOUT_SECONDS_MAX = 900;
export const MEMORY_SIZE_MB_DEFAULT = 128;
export const MEMORY_SIZE_MB_MAX = 10_240;
export const EPHEMERAL_STORAGE_MB_DEFAULT = 512;
/** All environment variables of a function together, as JSON. */
export const ENVIRONMENT_SIZE_BYTES_MAX = 4096;
/** A package in the request itself; larger ones come from S3. */
export const ZIPPED_SIZE_BYTES_MAX = 52_428_800;
export const UNZIPPED_SIZE_BYTES_MAX = 262_144_000;
export const POLICY_SIZE_BYTES_MAX = 20_480;
export const TAGS_MAX = 50;
export const CONCURRENT_EXECUTIONS = 1000;
/** What reserved concurrency has to leave to all other functions. */
export const UNRESERVED_CONCURRENCY_MIN = 100;
export const CODE_STORAGE_SIZE_BYTES_MAX = 80_530_636_800;
export const LIST_ITEMS_MAX = 50;
