/** IAM's pages: a marker is the name of the last item before, so it stays good while entities come and go. */
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
  const start = request.Marker === undefined ? 0 : startAfter(items, decodeMarker(request.Marker), nameOf);
  const end = start + (request.MaxItems ?? PAGE_ITEMS_DEFAULT);
  const page = items.slice(start, end);
  const last = page.at(-1);
  if (end >= items.length || last === undefined) return { items: page, rest: { IsTruncated: false } };
  const marker = Buffer.from(nameOf(last)).toString('base64');
  return { items: page, rest: { IsTruncated: true, Marker: marker } };
}

/** The item that the marker names may be gone: then the page starts with the first that sorts after it. */
function startAfter<T>(items: readonly T[], name: string, nameOf: (item: T) => string): number {
  const exact = items.findIndex((item) => nameOf(item) === name);
  if (exact !== -1) return exact + 1;
  const after = items.findIndex((item) => nameOf(item) > name);
  return after === -1 ? items.length : after;
}

function decodeMarker(marker: string): string {
  const name = Buffer.from(marker, 'base64').toString();
  if (name === '' || Buffer.from(name).toString('base64') !== marker) throw invalidMarker();
  return name;
}
