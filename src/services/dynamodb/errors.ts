/**
 * The errors of DynamoDB, in its words. Texts that are not in the model were recorded from the service; those about
 * expressions and attribute values are made in `lang/expression`.
 */
import type { CancellationReason } from '../../api/dynamodb.ts';
import { AwsError } from '../../base/errors.ts';
import { DISK_IS_FULL_TEXT } from '../errors.ts';
import type { Item } from '../../lang/expression/attribute-value.ts';
import { TABLE_NAME_LENGTH_MAX, TABLE_NAME_LENGTH_MIN, TABLE_TAGS_MAX } from './limits.ts';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** What most refusals of a value begin with. */
export const invalidValues = (message: string): AwsError =>
  new AwsError('ValidationException', `One or more parameter values were invalid: ${message}`);

export const resourceNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'Requested resource not found');

export const tableNotFound = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);

/** The spelling of the third word is the service's. */
export const arnNotFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Requested resource not found: ResourcArn: ${arn} not found`);

/** As the operations of backups say it. */
export const backupTableNotFound = (name: string): AwsError =>
  new AwsError('TableNotFoundException', `Table not found: ${name}`);

export const tableExists = (name: string): AwsError =>
  new AwsError('ResourceInUseException', `Table already exists: ${name}`);

export const tableIsProtected = (): AwsError =>
  new AwsError(
    'ValidationException',
    'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  );

/** Carries the item that failed the condition when the caller asked for it. */
export const conditionalCheckFailed = (item?: Item): AwsError =>
  new AwsError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    item === undefined ? {} : { members: { Item: item } },
  );

export const tableNameLength = (): AwsError =>
  new AwsError(
    'ValidationException',
    `TableName must be at least ${TABLE_NAME_LENGTH_MIN} characters long and at most ${TABLE_NAME_LENGTH_MAX} characters long`,
  );

export const tableNamePattern = (name: string): AwsError =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${name}' at 'tableName' failed to satisfy constraint: ` +
      'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+',
  );

export const invalidArn = (arn: string): AwsError =>
  new AwsError('ValidationException', `Invalid TableArn: Invalid ResourceArn provided as input ${arn}`);

export const tooManyTags = (): AwsError =>
  new AwsError('ValidationException', `Too many tags: A resource can have at most ${TABLE_TAGS_MAX} tags`);

/** Not AWS's, whose disks are never full; a code that every client takes for the server's fault and retries. */
export const diskIsFull = (): AwsError =>
  new AwsError('InternalServerError', DISK_IS_FULL_TEXT, { fault: 'server' });

export const keyMismatch = (): AwsError =>
  new AwsError('ValidationException', 'The provided key element does not match the schema');

export const emptyKeyValue = (name: string, kind: 'string' | 'binary'): AwsError =>
  new AwsError(
    'ValidationException',
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an ' +
      `empty ${kind} value. Key: ${name}`,
  );

export const emptyIndexKeyValue = (name: string, index: string, kind: 'string' | 'binary'): AwsError =>
  new AwsError(
    'ValidationException',
    'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
      `The AttributeValue for a key attribute cannot contain an empty ${kind} value. ` +
      `IndexName: ${index}, IndexKey: ${name}`,
  );

export const nestedKeyPath = (what: 'Key' | 'IndexKey', name: string): AwsError =>
  new AwsError(
    'ValidationException',
    `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${what}: ${name}`,
  );

export const itemTooLarge = (): AwsError =>
  new AwsError('ValidationException', 'Item size has exceeded the maximum allowed size');

export const updatedItemTooLarge = (): AwsError =>
  new AwsError('ValidationException', 'Item size to update has exceeded the maximum allowed size');

export const mixedParameters = (legacy: readonly string[], expressions: readonly string[]): AwsError =>
  new AwsError(
    'ValidationException',
    'Can not use both expression and non-expression parameters in the same request: ' +
      `Non-expression parameters: {${legacy.join(', ')}} Expression parameters: {${expressions.join(', ')}}`,
  );

export const onlyWithExpressions = (member: string): AwsError =>
  new AwsError('ValidationException', `${member} can only be specified when using expressions`);

export const duplicateKeys = (): AwsError =>
  new AwsError('ValidationException', 'Provided list of item keys contains duplicates');

export const batchTooLarge = (operation: string): AwsError =>
  new AwsError('ValidationException', `Too many items requested for the ${operation} call`);

export const invalidStartKey = (reason?: string): AwsError =>
  new AwsError(
    'ValidationException',
    `The provided starting key is invalid${reason === undefined ? '' : `: ${reason}`}`,
  );

export const indexExists = (): AwsError =>
  new AwsError('ValidationException', 'Attempting to create an index which already exists');

export const tooManyOnlineIndexes = (): AwsError =>
  new AwsError(
    'LimitExceededException',
    'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
  );

export const indexIsFilling = (name: string): AwsError =>
  new AwsError('ValidationException', `Cannot read from backfilling global secondary index: ${name}`);

export const unknownIndex = (name: string): AwsError =>
  new AwsError('ValidationException', `The table does not have the specified index: ${name}`);

/** One reason for each part of the transaction, in their order; `None` for those that would have succeeded. */
export const transactionCanceled = (reasons: readonly CancellationReason[]): AwsError =>
  new AwsError(
    'TransactionCanceledException',
    'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
      `[${reasons.map(({ Code: code }) => code).join(', ')}]`,
    { members: { CancellationReasons: reasons } },
  );

export const repeatedTransactionItem = (): AwsError =>
  new AwsError('ValidationException', 'Transaction request cannot include multiple operations on one item');

export const idempotentParameterMismatch = (): AwsError =>
  new AwsError(
    'IdempotentParameterMismatchException',
    'This request is not a repetition: the same ClientRequestToken was used with other parameters',
  );
