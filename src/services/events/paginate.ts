/** Pages of things that have a name: a token is the last name of the page before, and outlives changes. */
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
  const after = token === undefined ? undefined : decodeToken(token);
  const rest = after === undefined ? items : items.filter((item) => nameOf(item) > after);
  const page = rest.slice(0, countMax);
  const last = page.at(-1);
  if (last === undefined || page.length === rest.length) return { items: page, next: {} };
  return { items: page, next: { NextToken: Buffer.from(nameOf(last)).toString('base64') } };
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64').toString();
  if (name === '' || Buffer.from(name).toString('base64') !== token) throw invalidNextToken();
  return name;
}
