/** The errors of EventBridge Pipes. The model gives codes and members; texts follow the service's style. */
import { AwsError } from '../../base/errors.ts';

export const pipeNotFound = (name: string): AwsError =>
  new AwsError('NotFoundException', `Pipe ${name} does not exist.`, { httpStatus: 404 });

export const resourceNotFound = (arn: string): AwsError =>
  new AwsError('NotFoundException', `Resource ${arn} does not exist.`, { httpStatus: 404 });

export const pipeExists = (name: string): AwsError =>
  new AwsError('ConflictException', `Pipe ${name} already exists.`, {
    httpStatus: 409,
    members: { resourceId: name, resourceType: 'Pipe' },
  });

export const pipeBusy = (name: string, state: string): AwsError =>
  new AwsError('ConflictException', `Pipe ${name} is in state ${state}; wait until it has settled.`, {
    httpStatus: 409,
    members: { resourceId: name, resourceType: 'Pipe' },
  });

export const validationException = (name: string, message: string): AwsError =>
  new AwsError('ValidationException', message, { members: { fieldList: [{ name, message }] } });

export const serviceQuotaExceeded = (account: string): AwsError =>
  new AwsError('ServiceQuotaExceededException', 'The number of pipes has reached its limit.', {
    httpStatus: 402,
    members: { resourceId: account, resourceType: 'Pipe', serviceCode: 'pipes', quotaCode: 'L-4E5E7BBF' },
  });
