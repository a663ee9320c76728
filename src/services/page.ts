/**
 * Pages of lists. A token is the name of the last thing of the page before, in base64: it needs no memory, and stays
 * good while things come and go. What it says is the caller's word, so it only ever chooses among `items`.
 */
import type { AwsError } from '../base/errors.ts';

export interface PageOptions<Thing> {
  readonly countMax: number;
  /** Of the page before, as the caller gave it. */
  readonly token: string | undefined;
  /** Unlike that of any other in the list. */
  readonly nameOf: (thing: Thing) => string;
  /** The names go from the last to the first. Default: false. */
  readonly isDescending?: boolean;
  /** What the service answers to a token that it cannot have made. */
  readonly invalidToken: () => AwsError;
}

export interface Page<Thing> {
  readonly page: readonly Thing[];
  /** Absent on the last page. */
  readonly nextToken?: string;
}

/** A page of `things`, which are in the order of their names, or at least in the same order at each call. */
export function pageOf<Thing>(things: readonly Thing[], options: PageOptions<Thing>): Page<Thing> {
  const { countMax, token, nameOf, invalidToken } = options;
  const start = token === undefined ? 0 : startAfter(things, decodePageToken(token, invalidToken), options);
  const page = things.slice(start, start + countMax);
  const last = page.at(-1);
  if (last === undefined || start + page.length >= things.length) return { page };
  return { page, nextToken: encodePageToken(nameOf(last)) };
}

/** What the token names may be gone by now: then the page starts with the first that sorts after it. */
function startAfter<Thing>(
  things: readonly Thing[],
  name: string,
  { nameOf, isDescending = false }: PageOptions<Thing>,
): number {
  const exact = things.findIndex((thing) => nameOf(thing) === name);
  if (exact !== -1) return exact + 1;
  const after = things.findIndex((thing) => (isDescending ? nameOf(thing) < name : nameOf(thing) > name));
  return after === -1 ? things.length : after;
}

export function encodePageToken(name: string): string {
  return Buffer.from(name).toString('base64');
}

/** Throws what `invalidToken` makes when the text is no base64 of a name. */
export function decodePageToken(token: string, invalidToken: () => AwsError): string {
  const name = Buffer.from(token, 'base64').toString();
  if (name === '' || encodePageToken(name) !== token) throw invalidToken();
  return name;
}
