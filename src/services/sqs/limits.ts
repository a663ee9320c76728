/** Limits of SQS. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html */

export const BATCH_ENTRIES_MAX = 10;
export const BATCH_ENTRY_ID_LENGTH_MAX = 80;
/** One message, and the messages of one batch together; 256 KiB until August 2025. */
export const MESSAGE_SIZE_BYTES_MAX = 1_048_576;
export const MESSAGE_SIZE_BYTES_MIN = 1024;
export const MESSAGE_ATTRIBUTES_MAX = 10;
export const QUEUE_NAME_LENGTH_MAX = 80;
export const DELAY_SECONDS_MAX = 900;
export const VISIBILITY_TIMEOUT_SECONDS_MAX = 43_200;
export const VISIBILITY_TIMEOUT_SECONDS_DEFAULT = 30;
export const RETENTION_SECONDS_MIN = 60;
export const RETENTION_SECONDS_MAX = 1_209_600;
export const RETENTION_SECONDS_DEFAULT = 345_600;
export const RECEIVE_COUNT_MAX = 10;
export const RECEIVE_WAIT_SECONDS_MAX = 20;
export const REDRIVE_RECEIVE_COUNT_MAX = 1000;
/** Queues that a RedriveAllowPolicy names. */
export const REDRIVE_SOURCES_MAX = 10;
export const LIST_RESULTS_MAX = 1000;
export const QUEUE_TAGS_MAX = 50;
