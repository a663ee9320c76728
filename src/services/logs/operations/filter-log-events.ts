import type { FilterLogEventsRequest, FilterLogEventsResponse } from '../../../api/logs.ts';
import { compileFilterPattern } from '../../../engine/log-store/filter-pattern.ts';
import type { StoredLogEvent } from '../../../engine/log-store/log-record.ts';
import type { LogGroup } from '../../../engine/log-store/log-store.ts';
import { invalidParameter } from '../errors.ts';
import { EVENTS_PER_PAGE_MAX, EVENTS_SEARCHED_MAX, PAGE_SIZE_BYTES_MAX } from '../limits.ts';
import { requireGroup, requireStream } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

/** Searches so many events a call; a page may be empty and still have a token, as with AWS. */
export function filterLogEvents({
  logs,
}: LogsDependencies): Handler<FilterLogEventsRequest, FilterLogEventsResponse> {
  return (input, call) => {
    logs.flush();
    const group = requireGroup(logs, call, input);
    const matches = compileFilterPattern(input.filterPattern ?? '');
    const { startTime: fromMs = 0, endTime: toMs = Infinity, limit = EVENTS_PER_PAGE_MAX } = input;
    const token = input.nextToken === undefined ? undefined : parseToken(input.nextToken);
    const from = token ?? { second: Math.max(0, Math.floor(fromMs / 1000)), skip: 0 };
    const found: StoredLogEvent[] = [];
    let next: Place | undefined;
    let searchedCount = 0;
    let sizeLeft = PAGE_SIZE_BYTES_MAX;
    search: for (const { second, events } of logs.readMerged(group, streamNames(group, input), from.second)) {
      if (second * 1000 >= toMs) break;
      for (let index = second === from.second ? from.skip : 0; index < events.length; index += 1) {
        const event = events[index] as StoredLogEvent;
        if (found.length >= limit || searchedCount >= EVENTS_SEARCHED_MAX || sizeLeft < 0) {
          next = { second, skip: index };
          break search;
        }
        searchedCount += 1;
        if (event.atMs < fromMs || event.atMs >= toMs || !matches(event.message)) continue;
        found.push(event);
        sizeLeft -= event.message.length;
      }
    }
    return {
      events: found.map(toFiltered),
      searchedLogStreams: [],
      ...(next === undefined ? {} : { nextToken: formatToken(next) }),
    };
  };
}

function toFiltered({ streamName, atMs, message, ingestedAtMs, sequence, index }: StoredLogEvent) {
  return {
    logStreamName: streamName,
    timestamp: atMs,
    message,
    ingestionTime: ingestedAtMs,
    eventId: `${String(sequence).padStart(28, '0')}${String(index).padStart(28, '0')}`,
  };
}

function streamNames(group: LogGroup, input: FilterLogEventsRequest): string[] {
  const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
  if (names !== undefined && prefix !== undefined) {
    throw invalidParameter('logStreamNamePrefix and logStreamNames are mutually exclusive.');
  }
  if (names !== undefined) return names.map((name) => requireStream(group, name).name);
  return [...group.streams.keys()].filter((name) => prefix === undefined || name.startsWith(prefix));
}

/** Where the next page starts: a second, and how many events of it are behind us. */
interface Place {
  readonly second: number;
  readonly skip: number;
}

function formatToken({ second, skip }: Place): string {
  return Buffer.from(`${second}:${skip}`).toString('base64url');
}

function parseToken(token: string): Place {
  const match = /^(\d{1,12}):(\d{1,12})$/.exec(Buffer.from(token, 'base64url').toString());
  if (match === null) throw invalidParameter('The specified nextToken is invalid.');
  return { second: Number(match[1]), skip: Number(match[2]) };
}
