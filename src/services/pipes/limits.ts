/** Limits of EventBridge Pipes. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */

/** In an account and region. */
export const PIPES_MAX = 1000;
export const LIST_RESULTS_DEFAULT = 100;
export const PIPE_TAGS_MAX = 50;
