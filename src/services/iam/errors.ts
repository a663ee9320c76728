/**
 * The errors of IAM, in its words. Codes are those on the wire, without the `Exception` of the model's shapes. Texts
 * are those of recorded answers; IAM's model has none.
 */
import { AwsError } from '../../base/errors.ts';
import { POLICY_VERSIONS_MAX } from './limits.ts';

const noSuchEntity = (message: string): AwsError =>
  new AwsError('NoSuchEntity', message, { httpStatus: 404 });

export const noSuchRole = (name: string): AwsError =>
  noSuchEntity(`The role with name ${name} cannot be found.`);

export const noSuchUser = (name: string): AwsError =>
  noSuchEntity(`The user with name ${name} cannot be found.`);

export const noSuchInlinePolicy = (kind: 'role' | 'user', name: string): AwsError =>
  noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`);

export const noSuchAccessKey = (accessKeyId: string): AwsError =>
  noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);

export const noSuchBoundary = (kind: 'role' | 'user', name: string): AwsError =>
  noSuchEntity(`The ${kind} with name ${name} has no permissions boundary.`);

export const noSuchPolicy = (arn: string): AwsError => noSuchEntity(`Policy ${arn} was not found.`);

export const notAttachable = (arn: string): AwsError =>
  noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);

export const noSuchPolicyVersion = (arn: string, version: string): AwsError =>
  noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);

const entityAlreadyExists = (message: string): AwsError =>
  new AwsError('EntityAlreadyExists', message, { httpStatus: 409 });

export const nameIsTaken = (kind: 'Role' | 'User', name: string): AwsError =>
  entityAlreadyExists(`${kind} with name ${name} already exists.`);

export const policyNameIsTaken = (name: string): AwsError =>
  entityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);

const deleteConflict = (message: string): AwsError =>
  new AwsError('DeleteConflict', message, { httpStatus: 409 });

/** `what` has to go first: `detach all policies`, `delete policies`, `delete access keys`. */
export const mustFirst = (what: string): AwsError =>
  deleteConflict(`Cannot delete entity, must ${what} first.`);

export const policyIsAttached = (): AwsError =>
  deleteConflict('Cannot delete a policy attached to entities.');

export const policyHasVersions = (): AwsError =>
  deleteConflict(
    "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
  );

export const isDefaultVersion = (): AwsError =>
  deleteConflict('Cannot delete the default version of a policy.');

const limitExceeded = (message: string): AwsError =>
  new AwsError('LimitExceeded', message, { httpStatus: 409 });

/** `quota` as IAM names it: `RolesPerAccount`, `AccessKeysPerUser`. */
export const quotaExceeded = (quota: string, max: number): AwsError =>
  limitExceeded(`Cannot exceed quota for ${quota}: ${max}`);

export const inlinePoliciesTooLong = (kind: 'role' | 'user', name: string, sizeMax: number): AwsError =>
  limitExceeded(`Maximum policy size of ${sizeMax} bytes exceeded for ${kind} ${name}`);

export const tooManyPolicyVersions = (): AwsError =>
  limitExceeded(
    `A managed policy can have up to ${POLICY_VERSIONS_MAX} versions. Before you create a new version, you must delete an existing version.`,
  );

export const tooManyTags = (): AwsError => limitExceeded('The number of tags has reached the maximum limit.');

export const duplicateTagKeys = (): AwsError =>
  new AwsError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');

export const malformedPolicyDocument = (message: string): AwsError =>
  new AwsError('MalformedPolicyDocument', message);

const validationError = (message: string): AwsError => new AwsError('ValidationError', message);

export const invalidArn = (arn: string): AwsError => validationError(`ARN ${arn} is not valid.`);

export const invalidMarker = (): AwsError => validationError('Invalid Marker.');

export const mustSpecifyUserName = (): AwsError =>
  validationError('Must specify userName when calling with non-User credentials');
