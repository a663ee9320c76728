/** Errors that every service has. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
import { AwsError } from '../base/errors.ts';

/** For the services that have a code of their own for it. */
export const DISK_IS_FULL_TEXT =
  'The disk of this region is nearly full: nothing is written until there is room. Reads and deletions go on.';

/** Told to nobody: of a call that waited until its client had gone. */
export const clientIsGone = (): AwsError =>
  new AwsError('ServiceUnavailable', 'The client has gone.', { httpStatus: 503, fault: 'server' });

/** Clients take it for a reason to try again later. */
export const diskIsFull = (): AwsError =>
  new AwsError('ServiceUnavailable', DISK_IS_FULL_TEXT, { httpStatus: 503, fault: 'server' });
