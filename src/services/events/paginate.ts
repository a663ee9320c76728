/** Pages of lists, as EventBridge asks for them and answers them. */
import { pageOf } from '../page.ts';
import { invalidNextToken } from './errors.ts';
import { PAGE_COUNT_DEFAULT } from './limits.ts';

export interface PageRequest {
  readonly Limit?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** A page of `items`, which are sorted by `nameOf`. */
export function paginate<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  request: PageRequest,
): { items: readonly Item[]; next: { NextToken?: string } } {
  const { Limit: countMax = PAGE_COUNT_DEFAULT, NextToken: token } = request;
  const { page, nextToken } = pageOf(items, { countMax, token, nameOf, invalidToken: invalidNextToken });
  return { items: page, next: nextToken === undefined ? {} : { NextToken: nextToken } };
}
