/** Pages of queues, as SQS asks for them and answers them. */
import { pageOf } from '../page.ts';
import { invalidParameter, invalidParameterValue } from './errors.ts';
import { LIST_RESULTS_MAX } from './limits.ts';

export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** A page of `names`, which are sorted. Without `MaxResults` SQS answers up to 1,000 and gives no token. */
export function paginate(
  names: readonly string[],
  request: PageRequest,
): { names: readonly string[]; next: { NextToken?: string } } {
  const { MaxResults: countMax, NextToken: token } = request;
  if (countMax !== undefined && (countMax < 1 || countMax > LIST_RESULTS_MAX)) {
    throw invalidParameter(
      countMax,
      'MaxResults',
      `Must be an integer from 1 to ${LIST_RESULTS_MAX}, if provided.`,
    );
  }
  const { page, nextToken } = pageOf(names, {
    countMax: countMax ?? LIST_RESULTS_MAX,
    token,
    nameOf: (name) => name,
    invalidToken: () => invalidParameterValue('Invalid or expired next token.'),
  });
  return { names: page, next: countMax === undefined || !nextToken ? {} : { NextToken: nextToken } };
}
