/** Pages of lists, as IAM asks for them and answers them. */
import { pageOf } from '../page.ts';
import { invalidMarker } from './errors.ts';
import { PAGE_ITEMS_DEFAULT } from './limits.ts';

export interface PageRequest {
  readonly Marker?: string | undefined;
  /** From 1 to 1,000; checked by the model. */
  readonly MaxItems?: number | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** What every list operation answers besides its items. */
  readonly rest: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/** A page of `items`, each known by `nameOf`; their order must be the same at each call. */
export function paginate<T>(items: readonly T[], request: PageRequest, nameOf: (item: T) => string): Page<T> {
  const { MaxItems: countMax = PAGE_ITEMS_DEFAULT, Marker: token } = request;
  const { page, nextToken } = pageOf(items, { countMax, token, nameOf, invalidToken: invalidMarker });
  return {
    items: page,
    rest: nextToken === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: nextToken },
  };
}
