/** The errors of CloudWatch Logs, in its words; all of them answer 400. */
import { AwsError } from '../../base/errors.ts';
import { DISK_IS_FULL_TEXT } from '../errors.ts';

export const groupAlreadyExists = (): AwsError =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');

export const streamAlreadyExists = (): AwsError =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');

export const groupNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');

export const streamNotFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterException', message);

export const tooManyTags = (max: number): AwsError =>
  new AwsError('TooManyTagsException', `The resource cannot have more than ${max} tags.`);

export const diskIsFull = (): AwsError =>
  new AwsError('ServiceUnavailableException', DISK_IS_FULL_TEXT, { httpStatus: 503, fault: 'server' });
