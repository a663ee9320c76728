/** Reads events back in the order of time: one stream in either direction, or several streams merged. */
import { prefixRange } from '../../storage/keys.ts';
import type { Key, Store } from '../../storage/store.ts';
import {
  comparePositions,
  decodeEvents,
  eventsKey,
  eventsPrefix,
  type LogGroupRecord,
  type LogPosition,
  type StoredLogEvent,
} from './log-record.ts';

/** Records read at once; each holds what one batch brought for one second. */
const RECORDS_AT_ONCE = 64;

export interface LogRange {
  /** Inclusive. Default: no bound. */
  readonly fromMs?: number | undefined;
  /** Exclusive. Default: no bound. */
  readonly toMs?: number | undefined;
  /** Only events past this one, in the direction of reading. */
  readonly past?: LogPosition | undefined;
  readonly isBackward?: boolean | undefined;
}

interface Second {
  readonly second: number;
  readonly events: StoredLogEvent[];
}

/** The events of a stream, from the oldest on, or backward from the newest. */
export function* readStream(
  store: Store,
  group: LogGroupRecord,
  streamName: string,
  range: LogRange,
): Generator<StoredLogEvent> {
  const { fromMs = 0, toMs = Infinity, past, isBackward = false } = range;
  const direction = isBackward ? -1 : 1;
  for (const { events } of readSeconds(store, { group, streamName }, range)) {
    events.sort((a, b) => direction * comparePositions(a, b));
    for (const event of events) {
      if (event.atMs < fromMs || event.atMs >= toMs) continue;
      if (past === undefined || direction * comparePositions(event, past) > 0) yield event;
    }
  }
}

/** The events of several streams, second by second from `fromSecond` on, merged. */
export function* readStreams(
  store: Store,
  group: LogGroupRecord,
  streamNames: readonly string[],
  fromSecond: number,
): Generator<Second> {
  const sources = streamNames.map((streamName) => {
    const seconds = readSeconds(store, { group, streamName }, { fromMs: fromSecond * 1000 });
    return { seconds, next: seconds.next() };
  });
  for (;;) {
    const seconds = sources.flatMap(({ next }) => (next.done === true ? [] : [next.value.second]));
    if (seconds.length === 0) return;
    const second = seconds.reduce((least, other) => Math.min(least, other));
    const events: StoredLogEvent[] = [];
    for (const source of sources) {
      if (source.next.done === true || source.next.value.second !== second) continue;
      for (const event of source.next.value.events) events.push(event);
      source.next = source.seconds.next();
    }
    events.sort(
      (a, b) => a.atMs - b.atMs || (a.streamName < b.streamName ? -1 : 1) || comparePositions(a, b),
    );
    yield { second, events };
  }
}

function* readSeconds(
  store: Store,
  stream: { readonly group: LogGroupRecord; readonly streamName: string },
  range: LogRange,
): Generator<Second> {
  const prefix = eventsPrefix(stream.group, stream.streamName);
  const isBackward = range.isBackward ?? false;
  let [from, to] = bounds(prefix, range);
  let current: Second | undefined;
  for (;;) {
    const entries = store.range(from, to, { limit: RECORDS_AT_ONCE, reverse: isBackward });
    for (const entry of entries) {
      const read = decodeEvents(entry, { prefix, streamName: stream.streamName });
      if (current?.second === read.second) {
        for (const event of read.events) current.events.push(event);
        continue;
      }
      if (current !== undefined) yield current;
      current = read;
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < RECORDS_AT_ONCE) break;
    if (isBackward) to = last.key;
    else from = `${last.key}\u0000`;
  }
  if (current !== undefined) yield current;
}

function bounds(prefix: Key, { fromMs, toMs, past, isBackward = false }: LogRange): [from: Key, to: Key] {
  const [first, end] = prefixRange(prefix);
  const earliestMs = Math.max(fromMs ?? 0, isBackward ? 0 : (past?.atMs ?? 0));
  const latestMs = Math.min(toMs ?? Infinity, isBackward ? (past?.atMs ?? Infinity) : Infinity);
  const from = earliestMs > 0 ? eventsKey(prefix, Math.floor(earliestMs / 1000)) : first;
  const to = Number.isSafeInteger(latestMs) ? eventsKey(prefix, Math.floor(latestMs / 1000) + 1) : end;
  return [from, to];
}
