/** Limits of Step Functions. Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */

/** In an account and region. */
export const STATE_MACHINES_MAX = 100_000;
export const NAME_LENGTH_MAX = 80;
/** Bytes of the input of an execution, and of the output that is given for a task token. */
export const INPUT_SIZE_BYTES_MAX = 262_144;
export const LIST_RESULTS_DEFAULT = 100;
export const HISTORY_RESULTS_DEFAULT = 100;
/** Characters of payloads in one page of a history. AWS tells no figure; this is what a client can well take. */
export const HISTORY_PAGE_SIZE_MAX = 4 * 1024 * 1024;
export const TAGS_MAX = 50;
