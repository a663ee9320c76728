/** Limits of DynamoDB. Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */

export const ITEM_SIZE_BYTES_MAX = 409_600;
export const PARTITION_KEY_SIZE_BYTES_MAX = 2048;
export const SORT_KEY_SIZE_BYTES_MAX = 1024;
/** What a Query or a Scan reads before it answers, filtered or not. */
export const PAGE_SIZE_BYTES_MAX = 1_048_576;
export const BATCH_GET_ITEMS_MAX = 100;
export const BATCH_GET_SIZE_BYTES_MAX = 16_777_216;
export const BATCH_WRITE_ITEMS_MAX = 25;
export const TABLE_NAME_LENGTH_MIN = 3;
export const TABLE_NAME_LENGTH_MAX = 255;
export const LIST_TABLES_MAX = 100;
export const TABLE_TAGS_MAX = 50;
export const LOCAL_INDEXES_MAX = 5;
export const GLOBAL_INDEXES_MAX = 20;
/** Over all indexes of a table. */
export const INDEX_INCLUDED_ATTRIBUTES_MAX = 100;
export const READ_UNIT_SIZE_BYTES = 4096;
export const WRITE_UNIT_SIZE_BYTES = 1024;
/** What DescribeLimits answers: the defaults of an account and of a table. */
export const ACCOUNT_CAPACITY_UNITS_MAX = 80_000;
export const TABLE_CAPACITY_UNITS_MAX = 40_000;
