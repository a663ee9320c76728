/** Caps of a workflow, each with AWS's value. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */

/** Events in the history of one execution. The event with this id is the failure that says so. */
export const HISTORY_EVENTS_MAX = 25_000;

/** Bytes (UTF-8) of any input, output or result of a state or task. */
export const PAYLOAD_SIZE_BYTES_MAX = 262_144;

/** A Wait state may not last longer: AWS counts the delay in seconds, in 31 bits. */
export const WAIT_SECONDS_MAX = 2 ** 31 - 1;

/** Transitions that one step may take before it yields, so that no execution holds up the others. */
export const TRANSITIONS_PER_STEP_MAX = 200;

/** Bytes of payload that one step may produce before it yields. */
export const STEP_SIZE_BYTES_MAX = 1_048_576;

/** Iterations of one inline Map that run at once, whatever its MaxConcurrency says. */
export const INLINE_MAP_CONCURRENCY_MAX = 40;

/** How long an execution that has ended is kept, with its history. The setting executionRetentionDays changes it. */
export const EXECUTION_RETENTION_DAYS = 90;
