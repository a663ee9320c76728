/** Errors that every service has. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
import { AwsError } from '../base/errors.ts';

/** Clients take it for a reason to try again later. */
export const diskIsFull = (): AwsError =>
  new AwsError(
    'ServiceUnavailable',
    'The disk of this region is nearly full: nothing is written until there is room. Reads and deletions go on.',
    { httpStatus: 503, fault: 'server' },
  );
