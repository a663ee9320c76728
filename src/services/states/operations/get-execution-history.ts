import type { GetExecutionHistoryInput, GetExecutionHistoryOutput } from '../../../api/states.ts';
import {
  type HistoryPage,
  type HistoryPageRequest,
  readHistory,
} from '../../../engine/workflow/execution-log.ts';
import { type ExecutionPlace, parseExecutionArn } from '../../../engine/workflow/execution-record.ts';
import { type HistoryRecord, toHistoryEvent } from '../../../engine/workflow/history.ts';
import type { Store } from '../../../storage/store.ts';
import type { Handler } from '../../service.ts';
import { executionDoesNotExist, invalidPageToken } from '../errors.ts';
import { HISTORY_PAGE_SIZE_MAX, HISTORY_RESULTS_DEFAULT } from '../limits.ts';
import { decodePageToken, encodePageToken } from '../../page.ts';
import { pageSize, requireExecution } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

/** Of 256 KB at most each: 8 MB. */
const EVENTS_PER_READ = 32;

export function getExecutionHistory({
  executions,
  loop,
}: StatesDependencies): Handler<GetExecutionHistoryInput, GetExecutionHistoryOutput> {
  return (input, call) => {
    const { executionArn, reverseOrder = false, includeExecutionData = true } = input;
    const { position } = requireExecution(executions, executionArn);
    const place = parseExecutionArn(executionArn);
    if (place === undefined) throw executionDoesNotExist(executionArn);
    call.readAt(position);
    const { events, next } = readBounded(loop.store, place, {
      countMax: pageSize(input.maxResults, HISTORY_RESULTS_DEFAULT),
      isReverse: reverseOrder,
      ...(input.nextToken === undefined ? {} : { from: eventIdOf(input.nextToken) }),
    });
    return {
      events: events.map((event) => toHistoryEvent(event, includeExecutionData)),
      ...(next === undefined ? {} : { nextToken: encodePageToken(String(next)) }),
    };
  };
}

/**
 * A page ends early when its payloads are large, as AWS's do: a thousand events may hold 256 KB each. It is read some
 * events at a time, so that no more than these are in memory beyond what the answer holds.
 */
function readBounded(store: Store, place: ExecutionPlace, request: HistoryPageRequest): HistoryPage {
  const events: HistoryRecord[] = [];
  let next = request.from;
  let size = 0;
  do {
    const countMax = Math.min(EVENTS_PER_READ, request.countMax - events.length);
    const read = readHistory(store, place, {
      ...request,
      countMax,
      ...(next === undefined ? {} : { from: next }),
    });
    for (const event of read.events) {
      size += sizeOf(event);
      if (size > HISTORY_PAGE_SIZE_MAX && events.length > 0) return { events, next: event.id };
      events.push(event);
    }
    next = read.next;
  } while (next !== undefined && events.length < request.countMax);
  return { events, next };
}

/** In characters, which is near enough to bound a page. */
function sizeOf({ values }: HistoryRecord): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
}

function eventIdOf(token: string): number {
  const id = Number(decodePageToken(token, invalidPageToken));
  if (!Number.isSafeInteger(id) || id < 1) throw invalidPageToken();
  return id;
}
