/** The errors of EventBridge, in its words: recorded from the service where the model has no text of its own. */
import { AwsError } from '../../base/errors.ts';
import { BUS_POLICY_LENGTH_MAX } from './limits.ts';

export const validationError = (message: string): AwsError => new AwsError('ValidationException', message);

const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

export const busDoesNotExist = (name: string): AwsError => notFound(`Event bus ${name} does not exist.`);

export const ruleDoesNotExist = (name: string, busName: string): AwsError =>
  notFound(`Rule ${name} does not exist on EventBus ${busName}.`);

export const statementDoesNotExist = (): AwsError =>
  notFound('Statement with the provided id does not exist.');

export const busAlreadyExists = (name: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);

export const endpointDoesNotExist = (name: string): AwsError => notFound(`Endpoint ${name} does not exist.`);

export const endpointAlreadyExists = (name: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `Endpoint ${name} already exists.`);

/** `Force` does not help: the rule is made of what manages it, and would be back with the next start. */
export const ruleIsManaged = (name: string, managedBy: string): AwsError =>
  new AwsError(
    'ManagedRuleException',
    `Rule ${name} is managed by ${managedBy}: change or delete the global endpoint that it belongs to.`,
  );

export const limitExceeded = (): AwsError =>
  new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');

export const policyLengthExceeded = (): AwsError =>
  new AwsError(
    'PolicyLengthExceededException',
    `The policy of an event bus may have ${BUS_POLICY_LENGTH_MAX} characters.`,
  );

export const invalidNextToken = (): AwsError => validationError('Parameter NextToken is not valid.');

export const resourceDoesNotExist = (arn: string): AwsError => notFound(`Resource ${arn} does not exist.`);
