/**
 * The errors of SQS, in its words. Codes are the shape names of the model; the wire adds the codes of the old
 * Query protocol for clients that ask for them. Texts that are not in the model were recorded from the service.
 */
import { AwsError } from '../../base/errors.ts';
import { BATCH_ENTRIES_MAX } from './limits.ts';

export const queueDoesNotExist = (): AwsError =>
  new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

export const queueNameExists = (attribute: string): AwsError =>
  new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
  );

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}.`);

export const invalidParameterValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValue', message);

/** `Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.` */
export const invalidParameter = (value: unknown, name: string, reason: string): AwsError =>
  invalidParameterValue(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);

export const invalidAttributeName = (name: string): AwsError =>
  new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);

export const invalidAttributeValue = (name: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);

export const unfitAttributeValue = (name: string, reason: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}. Reason: ${reason}`);

/** `parameter` is one that the other type of queue takes. */
export const notOfThisQueueType = (value: unknown, parameter: string): AwsError =>
  invalidParameter(value, parameter, 'The request include parameter that is not valid for this queue type.');

export const invalidMessageContents = (): AwsError =>
  new AwsError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
  );

export const receiptHandleIsInvalid = (handle: string): AwsError =>
  new AwsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
  );

export const receiptHandleHasExpired = (handle: string): AwsError =>
  invalidParameter(handle, 'ReceiptHandle', 'The receipt handle has expired.');

export const emptyBatchRequest = (entry: string): AwsError =>
  new AwsError('EmptyBatchRequest', `There should be at least one ${entry} in the request.`);

export const tooManyEntriesInBatchRequest = (count: number): AwsError =>
  new AwsError(
    'TooManyEntriesInBatchRequest',
    `Maximum number of entries per request are ${BATCH_ENTRIES_MAX}. You have sent ${count}.`,
  );

export const batchEntryIdsNotDistinct = (id: string): AwsError =>
  new AwsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);

export const invalidBatchEntryId = (): AwsError =>
  new AwsError(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );

export const listValuesNotSupported = (): AwsError =>
  new AwsError(
    'UnsupportedOperation',
    'Message attribute list values in SendMessage operation are not supported.',
  );

export const batchRequestTooLong = (sizeBytes: number, sizeBytesMax: number): AwsError =>
  new AwsError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${sizeBytesMax} bytes. You have sent ${sizeBytes} bytes.`,
  );
