/** The errors of Step Functions, in its words (recorded from the service). */
import { AwsError } from '../../base/errors.ts';

export const stateMachineDoesNotExist = (arn: string): AwsError =>
  new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

export const stateMachineAlreadyExists = (arn: string): AwsError =>
  new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);

export const stateMachineLimitExceeded = (): AwsError =>
  new AwsError('StateMachineLimitExceeded', 'State Machine Limit Exceeded');

export const executionDoesNotExist = (arn: string): AwsError =>
  new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);

export const invalidName = (name: string): AwsError => new AwsError('InvalidName', `Invalid Name: '${name}'`);

export const invalidArn = (reason: string): AwsError =>
  new AwsError('InvalidArn', `Invalid Arn: '${reason}'`);

const invalidToken = (reason: string): AwsError => new AwsError('InvalidToken', `Invalid Token: '${reason}'`);

/** Of the pages of lists. */
export const invalidPageToken = (): AwsError => invalidToken('Invalid token');

export const invalidExecutionInput = (reason: string): AwsError =>
  new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);

export const invalidOutput = (reason: string): AwsError =>
  new AwsError('InvalidOutput', `Invalid Output: '${reason}'`);

export const missingRequiredParameter = (message: string): AwsError =>
  new AwsError('MissingRequiredParameter', message);

export const invalidLoggingConfiguration = (reason: string): AwsError =>
  new AwsError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${reason}`);

export const resourceNotFound = (arn: string): AwsError =>
  new AwsError('ResourceNotFound', `Resource not found: '${arn}'`, { members: { resourceName: arn } });

export const tooManyTags = (arn: string): AwsError =>
  new AwsError('TooManyTags', `Too Many Tags: '${arn}'`, { members: { resourceName: arn } });

export const validationException = (message: string): AwsError =>
  new AwsError('ValidationException', message);
