/** Pages of lists: a token is the name of the last item of the page before, which may be gone by now. */
import { invalidParameter } from './errors.ts';
import { LIST_ITEMS_MAX } from './limits.ts';

export function paginate<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  request: { readonly limit?: number | undefined; readonly nextToken?: string | undefined },
): { readonly items: readonly Item[]; readonly nextToken?: string } {
  const { limit = LIST_ITEMS_MAX, nextToken: token } = request;
  let start = 0;
  if (token !== undefined) {
    const after = Buffer.from(token, 'base64url').toString();
    start = items.findIndex((item) => nameOf(item) === after) + 1;
    if (start === 0) throw invalidParameter('The specified nextToken is invalid.');
  }
  const page = items.slice(start, start + Math.min(limit, LIST_ITEMS_MAX));
  const last = page.at(-1);
  if (last === undefined || start + page.length >= items.length) return { items: page };
  return { items: page, nextToken: Buffer.from(nameOf(last)).toString('base64url') };
}
