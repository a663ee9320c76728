/** What a PutEvents request is checked for, whichever way its events go. */
import type { PutEventsRequestEntry, PutEventsResultEntry } from '../../api/events.ts';
import { isJsonObject, JSON_DEPTH_MAX, parseJson } from '../../base/json.ts';
import { validationError } from './errors.ts';
import { EVENT_TIME_MS_MAX, EVENT_TIME_SIZE_BYTES, PUT_EVENTS_SIZE_BYTES_MAX } from './limits.ts';

/** The entries of a request, checked: each is refused, or is one of `accepted`, in their order. */
export interface CheckedEntries {
  /** What each entry is answered so far; those that were accepted have nothing yet. */
  readonly results: PutEventsResultEntry[];
  readonly accepted: readonly PutEventsRequestEntry[];
  /** Where in `results` each of the accepted ones belongs. */
  readonly places: readonly number[];
}

/** Throws when all entries together are too large. `alsoRefuse` is asked about those that nothing else is wrong with. */
export function checkEntries(
  entries: readonly PutEventsRequestEntry[],
  alsoRefuse: (entry: PutEventsRequestEntry) => PutEventsResultEntry | undefined = () => undefined,
): CheckedEntries {
  if (totalSizeBytes(entries) > PUT_EVENTS_SIZE_BYTES_MAX) {
    throw validationError('Total size of the entries in the request is over the limit.');
  }
  const results: PutEventsResultEntry[] = [];
  const accepted: PutEventsRequestEntry[] = [];
  const places: number[] = [];
  for (const [index, entry] of entries.entries()) {
    const refusal = refuse(entry) ?? alsoRefuse(entry);
    results.push(refusal ?? {});
    if (refusal !== undefined) continue;
    places.push(index);
    accepted.push(entry);
  }
  return { results, accepted, places };
}

/** The answer, once the accepted entries have ids. */
export function answerEntries({ results, places }: CheckedEntries, ids: readonly string[]) {
  for (const [index, place] of places.entries()) results[place] = { EventId: ids[index] };
  return { FailedEntryCount: results.length - places.length, Entries: results };
}

/** The event around it is one level more. */
const DETAIL_DEPTH_MAX = JSON_DEPTH_MAX - 1;

/** As AWS counts: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
function totalSizeBytes(entries: readonly PutEventsRequestEntry[]): number {
  let sizeBytes = 0;
  for (const { Time, Source = '', DetailType = '', Detail = '', Resources = [] } of entries) {
    if (Time !== undefined) sizeBytes += EVENT_TIME_SIZE_BYTES;
    sizeBytes += Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
    for (const resource of Resources) sizeBytes += Buffer.byteLength(resource);
  }
  return sizeBytes;
}

/** What an entry is answered that AWS does not take. */
function refuse(entry: PutEventsRequestEntry): PutEventsResultEntry | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[name]) {
      const ErrorMessage = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
      return { ErrorCode: 'InvalidArgument', ErrorMessage };
    }
  }
  if (entry.Source?.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSource', ErrorMessage: 'Not authorized for the source.' };
  }
  if (entry.Time !== undefined && !(entry.Time >= 0 && entry.Time <= EVENT_TIME_MS_MAX)) {
    return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Parameter Time is not valid.' };
  }
  if (!isJsonObjectText(entry.Detail ?? '')) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  return undefined;
}

function isJsonObjectText(text: string): boolean {
  try {
    return isJsonObject(parseJson(text, DETAIL_DEPTH_MAX));
  } catch {
    return false;
  }
}
