/** Pages of lists, as Route 53 asks for them: by how many, and by which thing comes first. */
import { invalidMaxItems } from './errors.ts';

export interface Page<Thing> {
  readonly items: readonly Thing[];
  /** The first of the next page. */
  readonly next: Thing | undefined;
  /** What every list answers besides. */
  readonly rest: { readonly IsTruncated: boolean; readonly MaxItems: string };
}

/** A page of things that stand in their order, from the first one that `isFrom` holds for. */
export function paginate<Thing>(
  things: readonly Thing[],
  { maxItems, countMax }: { readonly maxItems: string | undefined; readonly countMax: number },
  isFrom: (thing: Thing) => boolean,
): Page<Thing> {
  const count = parseMaxItems(maxItems, countMax);
  const start = things.findIndex(isFrom);
  const items = start === -1 ? [] : things.slice(start, start + count);
  const next = start === -1 ? undefined : things[start + count];
  return { items, next, rest: { IsTruncated: next !== undefined, MaxItems: String(count) } };
}

/** More than there may be is taken for as many as there may be. */
function parseMaxItems(text: string | undefined, countMax: number): number {
  if (text === undefined) return countMax;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count === 0) throw invalidMaxItems();
  return Math.min(count, countMax);
}

/** The marker that was given. AWS leaves it out of the first page, though its model says that it is always there. */
export function markerOf(given: string | undefined): string {
  return given as string;
}
