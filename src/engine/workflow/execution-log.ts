/** Reads what is on disk of executions: histories, and the index of each machine. It changes nothing. */
import type { Scope } from '../../base/arn.ts';
import { prefixRange } from '../../storage/keys.ts';
import { scan } from '../../storage/scan.ts';
import type { Store } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import {
  decodeSummary,
  type ExecutionPlace,
  type ExecutionSummary,
  historyKey,
  indexPrefix,
  placeKey,
} from './execution-record.ts';
import { decodeHistoryChunk, type HistoryRecord } from './history.ts';
import type { ExecutionStatus } from './state.ts';

export interface HistoryPageRequest {
  readonly countMax: number;
  readonly isReverse: boolean;
  /** Id of the first event of the page; default: the first, or the last one when reversed. */
  readonly from?: number;
}

export interface HistoryPage {
  readonly events: readonly HistoryRecord[];
  /** Id of the first event of the next page. */
  readonly next: number | undefined;
}

/** Chunks that are read at once: most histories are a few chunks, long ones are read in steps. */
const CHUNKS_PER_READ = 64;

/** One page of a history. Costs what the page costs, not what the history does. */
export function readHistory(store: Store, place: ExecutionPlace, request: HistoryPageRequest): HistoryPage {
  const events: HistoryRecord[] = [];
  for (const record of request.isReverse
    ? backwards(store, place, request)
    : forwards(store, place, request)) {
    if (events.length === request.countMax) return { events, next: record.id };
    events.push(record);
  }
  return { events, next: undefined };
}

function* forwards(
  store: Store,
  place: ExecutionPlace,
  { from = 1 }: HistoryPageRequest,
): Generator<HistoryRecord> {
  // The chunk that holds `from` may begin before it.
  const [start, end] = prefixRange(placeKey(KEYSPACE.executionHistory, place));
  const [holding] = store.range(start, historyKey(place, from + 1), { limit: 1, reverse: true });
  const chunks = scan(store, [holding?.key ?? start, end], { countPerRead: CHUNKS_PER_READ });
  for (const { value } of chunks) {
    for (const record of decodeHistoryChunk(value)) if (record.id >= from) yield record;
  }
}

function* backwards(
  store: Store,
  place: ExecutionPlace,
  { from = Infinity }: HistoryPageRequest,
): Generator<HistoryRecord> {
  const [start, end] = prefixRange(placeKey(KEYSPACE.executionHistory, place));
  const to = from === Infinity ? end : historyKey(place, from + 1);
  for (const { value } of scan(store, [start, to], { countPerRead: CHUNKS_PER_READ, reverse: true })) {
    for (const record of decodeHistoryChunk(value).toReversed()) if (record.id <= from) yield record;
  }
}

export interface ListRequest {
  readonly countMax: number;
  readonly status?: ExecutionStatus | undefined;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

export interface ExecutionPage {
  readonly executions: readonly ExecutionSummary[];
  /** A place within the machine's index, for `after`; undefined on the last page. */
  readonly next: string | undefined;
}

/** Lines of the index that one page may cost: few may have the status that is asked for, or none of a million. */
const LINES_READ_MAX = 10_000;
const LINES_PER_READ = 1000;

/** The executions of a machine, newest first. With a status a page may be short, or empty, and still have a next. */
export function listExecutions(
  store: Store,
  machine: Scope & { name: string },
  { countMax, status, after }: ListRequest,
): ExecutionPage {
  // Places are told without their prefix, so that whatever a caller makes of one stays within this index.
  const [start, end] = prefixRange(indexPrefix(machine, machine.name));
  const limit = status === undefined ? Math.min(countMax + 1, LINES_PER_READ) : LINES_PER_READ;
  const executions: ExecutionSummary[] = [];
  let listed: string | undefined;
  let from = after === undefined ? start : `${start}${after}\u0000`;
  for (let readCount = 0; readCount < LINES_READ_MAX; readCount += limit) {
    const lines = from < end ? store.range(from, end, { limit }) : [];
    for (const { key, value } of lines) {
      const summary = decodeSummary(value);
      if (status !== undefined && summary.status !== status) continue;
      if (executions.length === countMax) return { executions, next: listed };
      executions.push(summary);
      listed = key.slice(start.length);
    }
    const last = lines.at(-1);
    if (last === undefined || lines.length < limit) return { executions, next: undefined };
    from = `${last.key}\u0000`;
  }
  return { executions, next: from.slice(start.length, -1) };
}
