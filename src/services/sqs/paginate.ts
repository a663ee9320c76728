/** Pages of names: a token is the last name of the page before, so that it stays good while queues come and go. */
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
): { items: string[]; nextToken?: string } {
  const { MaxResults: countMax, NextToken: token } = request;
  if (countMax !== undefined && (countMax < 1 || countMax > LIST_RESULTS_MAX)) {
    throw invalidParameter(
      countMax,
      'MaxResults',
      `Must be an integer from 1 to ${LIST_RESULTS_MAX}, if provided.`,
    );
  }
  const after = token === undefined ? undefined : decodeToken(token);
  const rest = after === undefined ? names : names.filter((name) => name > after);
  const items = rest.slice(0, countMax ?? LIST_RESULTS_MAX);
  const last = items.at(-1);
  if (countMax === undefined || last === undefined || items.length === rest.length) return { items };
  return { items, nextToken: Buffer.from(last).toString('base64') };
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64').toString();
  if (name === '' || Buffer.from(name).toString('base64') !== token) {
    throw invalidParameterValue('Invalid or expired next token.');
  }
  return name;
}
