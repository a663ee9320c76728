/** Pages of lists, as CloudWatch Logs asks for them and answers them. */
import { pageOf, type PageOptions } from '../page.ts';
import { invalidParameter } from './errors.ts';
import { LIST_ITEMS_MAX } from './limits.ts';

export interface PageRequest {
  readonly limit?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** A page of `items`, which are sorted as `order` says. */
export function paginate<Item>(
  items: readonly Item[],
  order: Pick<PageOptions<Item>, 'nameOf' | 'isDescending'>,
  { limit = LIST_ITEMS_MAX, nextToken: token }: PageRequest,
): { readonly items: readonly Item[]; readonly next: { readonly nextToken?: string } } {
  const { page, nextToken } = pageOf(items, {
    ...order,
    countMax: Math.min(limit, LIST_ITEMS_MAX),
    token,
    invalidToken: () => invalidParameter('The specified nextToken is invalid.'),
  });
  return { items: page, next: nextToken === undefined ? {} : { nextToken } };
}
