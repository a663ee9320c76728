/** Reads what is on disk of executions: histories, and the index of each machine. It changes nothing. */
import type { Scope } from '../../base/arn.ts';
import { prefixRange } from '../../storage/keys.ts';
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
  let key = holding?.key ?? start;
  for (;;) {
    const chunks = store.range(key, end, { limit: CHUNKS_PER_READ });
    for (const { value } of chunks) {
      for (const record of decodeHistoryChunk(value)) if (record.id >= from) yield record;
    }
    const last = chunks.at(-1);
    if (last === undefined || chunks.length < CHUNKS_PER_READ) return;
    key = `${last.key}\u0000`;
  }
}

function* backwards(
  store: Store,
  place: ExecutionPlace,
  { from }: HistoryPageRequest,
): Generator<HistoryRecord> {
  const [start, end] = prefixRange(placeKey(KEYSPACE.executionHistory, place));
  let to = from === undefined ? end : historyKey(place, from + 1);
  for (;;) {
    const chunks = store.range(start, to, { limit: CHUNKS_PER_READ, reverse: true });
    for (const { value } of chunks) {
      for (const record of decodeHistoryChunk(value).toReversed()) {
        if (from === undefined || record.id <= from) yield record;
      }
    }
    const last = chunks.at(-1);
    if (last === undefined || chunks.length < CHUNKS_PER_READ) return;
    to = last.key;
  }
}

export interface ListedExecution extends ExecutionSummary {
  /** Where the next page begins, as a token. */
  readonly key: string;
}

export interface ListRequest {
  readonly countMax: number;
  readonly status?: ExecutionStatus | undefined;
  /** The key of the last execution of the page before. */
  readonly after?: string | undefined;
}

/** The executions of a machine, newest first. */
export function listExecutions(
  store: Store,
  machine: Scope & { name: string },
  request: ListRequest,
): ListedExecution[] {
  const [start, end] = prefixRange(indexPrefix(machine, machine.name));
  let from = request.after === undefined ? start : `${request.after}\u0000`;
  const found: ListedExecution[] = [];
  for (;;) {
    const entries = store.range(from, end, { limit: LIST_READ_COUNT });
    for (const { key, value } of entries) {
      const summary = decodeSummary(value);
      if (request.status === undefined || summary.status === request.status) found.push({ ...summary, key });
      if (found.length === request.countMax) return found;
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < LIST_READ_COUNT) return found;
    from = `${last.key}\u0000`;
  }
}

const LIST_READ_COUNT = 1000;
