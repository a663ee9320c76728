/** What this language throws: AWS's `ValidationException`, in AWS's words. */
import { AwsError } from '../../base/errors.ts';

/** The parameter in which an expression came; it opens the message of most errors. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression';

export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** An expression that cannot be used as it is written. */
export function expressionError(kind: ExpressionKind, message: string): AwsError {
  return validationError(`Invalid ${kind}: ${message}`);
}

/** A value or parameter that DynamoDB refuses, under the words that it opens most such messages with. */
export function parameterError(message: string): AwsError {
  return validationError(`One or more parameter values were invalid: ${message}`);
}
