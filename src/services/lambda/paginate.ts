/** Pages of lists, as Lambda asks for them and answers them. */
import { pageOf } from '../page.ts';
import { invalidParameterValue } from './errors.ts';
import { LIST_ITEMS_MAX } from './limits.ts';

export interface PageRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

/** A page of `items`, which are sorted by `nameOf`. */
export function paginate<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  { Marker: marker, MaxItems: countMax = LIST_ITEMS_MAX }: PageRequest,
): { readonly items: readonly Item[]; readonly next: { readonly NextMarker?: string } } {
  const { page, nextToken } = pageOf(items, {
    countMax: Math.min(countMax, LIST_ITEMS_MAX),
    // An empty one asks for the first page.
    token: marker || undefined,
    nameOf,
    invalidToken: () => invalidParameterValue('Invalid marker.'),
  });
  return { items: page, next: nextToken === undefined ? {} : { NextMarker: nextToken } };
}
