/** Pages of lists that are sorted by a name: the marker is the last name of the page before. */
import { invalidParameterValue } from './errors.ts';
import { LIST_ITEMS_MAX } from './limits.ts';

export interface PageRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export function paginate<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  { Marker: marker, MaxItems: countMax = LIST_ITEMS_MAX }: PageRequest,
): { readonly items: readonly Item[]; readonly nextMarker?: string } {
  const after = marker ? decodeMarker(marker) : undefined;
  const start = after === undefined ? 0 : startAfter(items.map(nameOf), after);
  const page = items.slice(start, start + Math.min(countMax, LIST_ITEMS_MAX));
  const last = page.at(-1);
  if (last === undefined || start + page.length >= items.length) return { items: page };
  return { items: page, nextMarker: Buffer.from(nameOf(last)).toString('base64') };
}

/** What the marker names may be gone by now; then the page starts at what would follow it. */
function startAfter(names: readonly string[], after: string): number {
  const index = names.indexOf(after);
  if (index !== -1) return index + 1;
  const next = names.findIndex((name) => name > after);
  return next === -1 ? names.length : next;
}

function decodeMarker(marker: string): string {
  const name = Buffer.from(marker, 'base64').toString();
  if (Buffer.from(name).toString('base64') !== marker) throw invalidParameterValue('Invalid marker.');
  return name;
}
