import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '../../../api/events.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { isJsonObject, JSON_DEPTH_MAX, parseJson } from '../../../base/json.ts';
import type { NewEvent } from '../../../engine/bus/bus-event.ts';
import type { Call, Handler } from '../../service.ts';
import { validationError } from '../errors.ts';
import { EVENT_TIME_MS_MAX, EVENT_TIME_SIZE_BYTES, PUT_EVENTS_SIZE_BYTES_MAX } from '../limits.ts';
import { busAddress } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

/**
 * Everything that comes of the entries is one commit. An entry that is refused is answered in its place and holds
 * up no other; one for a bus that does not exist gets an id and vanishes, as on AWS.
 */
export function putEvents({ buses }: EventsDependencies): Handler<PutEventsRequest, PutEventsResponse> {
  return (input, call) => {
    call.admit();
    if (input.EndpointId !== undefined)
      throw notImplementedError('PutEvents to a global endpoint (EndpointId)');
    if (totalSizeBytes(input.Entries) > PUT_EVENTS_SIZE_BYTES_MAX) {
      throw validationError('Total size of the entries in the request is over the limit.');
    }
    const results: PutEventsResultEntry[] = [];
    const events: NewEvent[] = [];
    const places: number[] = [];
    for (const [index, entry] of input.Entries.entries()) {
      const refusal = refuse(entry);
      results.push(refusal ?? {});
      if (refusal !== undefined) continue;
      places.push(index);
      events.push(toEvent(call, entry));
    }
    if (events.length > 0) {
      const { ids, replicated } = call.turn((turn) => ({
        ids: buses.put(turn, events, { kind: 'request', id: call.requestId }),
        replicated: buses.replicated(turn, events),
      }));
      if (replicated !== undefined) call.waitFor(replicated());
      for (const [index, place] of places.entries()) results[place] = { EventId: ids[index] };
    }
    return { FailedEntryCount: results.length - places.length, Entries: results };
  };
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

function toEvent(call: Call, entry: PutEventsRequestEntry): NewEvent {
  const { Source = '', DetailType = '', Detail = '', Resources = [], Time } = entry;
  return {
    ...busAddress(call, entry.EventBusName),
    origin: call.scope,
    source: Source,
    detailType: DetailType,
    detailText: Detail,
    resources: Resources,
    ...(Time === undefined ? {} : { timeMs: Time }),
  };
}
