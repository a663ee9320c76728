/** The errors of Lambda, in its words. Texts that are not in the model were recorded from the service. */
import { AwsError } from '../../base/errors.ts';
import { DISK_IS_FULL_TEXT } from '../errors.ts';

const USER = { Type: 'User' };

const resourceNotFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message, { httpStatus: 404, members: USER });

/** A function, or what of it was asked for: a policy, a URL. */
export const resourceDoesNotExist = (): AwsError =>
  resourceNotFound('The resource you requested does not exist.');

export const statementNotFound = (id: string): AwsError =>
  resourceNotFound(`Statement ${id} is not found in resource policy.`);

export const aliasNotFound = (arn: string): AwsError => resourceNotFound(`Alias not found: ${arn}`);

/** What the operations of function URLs say, whether it is the function or the alias that there is not. */
export const functionOfUrlNotFound = (): AwsError => resourceNotFound('Function does not exist');

const resourceConflict = (message: string): AwsError =>
  new AwsError('ResourceConflictException', message, { httpStatus: 409, members: USER });

export const functionExists = (name: string): AwsError => resourceConflict(`Function already exist: ${name}`);

export const aliasExists = (arn: string): AwsError => resourceConflict(`Alias already exists: ${arn}`);

export const statementExists = (id: string): AwsError =>
  resourceConflict(
    `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
  );

// Two spaces, as the service writes them.
export const urlExists = (arn: string): AwsError =>
  resourceConflict(
    `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
  );

export const versionIsAliased = (aliases: readonly string[]): AwsError =>
  resourceConflict(
    `Version was not able to be deleted because it is referenced by the following aliases: [${aliases.join(', ')}]`,
  );

export const invalidParameterValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, { members: USER });

export const invalidRequestContent = (message: string): AwsError =>
  new AwsError('InvalidRequestContentException', message, { members: USER });

export const requestTooLarge = (sizeBytesMax: number): AwsError =>
  new AwsError(
    'RequestTooLargeException',
    `Request must be smaller than ${sizeBytesMax} bytes for the CreateFunction operation`,
    { httpStatus: 413, members: USER },
  );

/** The model says the same of the member `Qualifier`; this is of one that came in the name of the function. */
export const invalidUrlQualifier = (qualifier: string): AwsError =>
  new AwsError(
    'ValidationException',
    String.raw`1 validation error detected: Value '${qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)`,
  );

/** What a function URL that wants a signature says to a request without one. */
export const forbidden = (): AwsError =>
  new AwsError('AccessDeniedException', 'Forbidden', { httpStatus: 403 });

export const preconditionFailed = (): AwsError =>
  new AwsError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
    { httpStatus: 412, members: USER },
  );

export const policyTooLong = (sizeBytesMax: number): AwsError =>
  new AwsError(
    'PolicyLengthExceededException',
    `The final policy size is bigger than the limit (${sizeBytesMax}).`,
    {
      members: USER,
    },
  );

export const diskIsFull = (): AwsError =>
  new AwsError('ServiceException', DISK_IS_FULL_TEXT, { fault: 'server', members: { Type: 'Service' } });
