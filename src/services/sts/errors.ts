/** The errors of STS, in its words. Codes are those on the wire; texts are those of recorded answers. */
import { AwsError } from '../../base/errors.ts';
import { SESSION_POLICY_SIZE_MAX } from './limits.ts';

const validationError = (message: string): AwsError => new AwsError('ValidationError', message);

export const invalidRoleArn = (arn: string): AwsError => validationError(`${arn} is invalid`);

export const exceedsRoleMaximum = (): AwsError =>
  validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');

export const exceedsChainMaximum = (): AwsError =>
  validationError(
    'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
  );

export const invalidAccessKeyId = (): AwsError => validationError('Invalid access key id.');

const accessDenied = (message: string): AwsError =>
  new AwsError('AccessDenied', message, { httpStatus: 403 });

/** STS does not tell whether a role exists. */
export const mayNotAssume = (callerArn: string, roleArn: string): AwsError =>
  accessDenied(`User: ${callerArn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`);

export const noTokenForSessions = (): AwsError =>
  accessDenied('Cannot call GetSessionToken with session credentials');

export const malformedSessionPolicy = (): AwsError =>
  new AwsError('MalformedPolicyDocument', 'This policy contains invalid Json');

export const sessionPolicyTooLong = (): AwsError =>
  new AwsError(
    'PackedPolicyTooLarge',
    `The session policy is longer than ${SESSION_POLICY_SIZE_MAX} characters.`,
  );

/** More live sessions than are kept: the same answer as to a caller that asks too often. */
export const tooManySessions = (): AwsError => new AwsError('Throttling', 'Rate exceeded');
