/**
 * The logs of a region: groups, their streams and the events in them. What functions write is collected for a
 * moment and committed in batches, so that an invocation never waits for its log; what the API puts is in the
 * caller's commit.
 */
import type { Scope } from '../../base/arn.ts';
import type { Timer } from '../../base/clock.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import type { FunctionLogLine, FunctionLogSink, FunctionLogStream } from '../function/ports.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import {
  decodeEvents,
  encodeEvents,
  eventsKey,
  eventsPrefix,
  groupArn,
  groupKey,
  type LogEvent,
  type LogGroupRecord,
  type LogStreamRecord,
  type StoredLogEvent,
  streamKey,
} from './log-record.ts';
import { type LogRange, readStream, readStreams } from './log-reader.ts';

/** How long lines of functions are collected. A crash loses at most these. */
const FLUSH_INTERVAL_MS = 200;
const FLUSH_SIZE = 1024 * 1024;

/** What a line costs besides its text, as AWS counts it: lines may be empty, and many. */
const LINE_OVERHEAD = 26;

/** Characters that wait to be written; what comes on top is counted and dropped. */
const WAITING_SIZE_MAX = 16 * 1024 * 1024;

const EXPIRY_INTERVAL_MS = 3_600_000;
/** Between slices of so many streams: each takes a range, and reads look at all ranges that are not applied yet. */
const EXPIRY_SLICE_INTERVAL_MS = 20;
const EXPIRY_STREAMS_MAX = 16;
const DAY_MS = 86_400_000;

/** A group in memory with its streams. */
export interface LogGroup {
  readonly record: LogGroupRecord;
  readonly streams: ReadonlyMap<string, LogStreamRecord>;
}

class HeldGroup implements LogGroup {
  record: LogGroupRecord;
  readonly streams = new Map<string, LogStreamRecord>();

  constructor(record: LogGroupRecord) {
    this.record = record;
  }
}

interface WaitingLines {
  readonly stream: FunctionLogStream;
  readonly events: LogEvent[];
}

export class LogStore implements FunctionLogSink {
  readonly #loop: Loop;
  readonly #groups = new Map<string, HeldGroup>();
  #waiting = new Map<string, WaitingLines>();
  #waitingSize = 0;
  #droppedCount = 0;
  #flushTimer: Timer | undefined;
  #expiryTimer: Timer | undefined;
  #nextSequence = 0;
  #isClosed = false;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  start(): void {
    const { store, clock, quarantine } = this.#loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.logGroup))), ({ value }) => {
      const record = decodeHead<LogGroupRecord>(value);
      this.#groups.set(groupArn(record), new HeldGroup(record));
    });
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.logStream))), (entry) => {
      const [, account, region, name] = keyParts(entry.key, ['text', 'text', 'text', 'text']).map(String);
      const group = this.#groups.get(groupArn({ account, region, name } as LogGroupRecord));
      const stream = decodeHead<LogStreamRecord>(entry.value);
      group?.streams.set(stream.name, stream);
    });
    // As with queues: the clock keeps batches of this run apart from those before it.
    this.#nextSequence = clock.now() * 1000;
    this.#scheduleExpiry();
  }

  close(): void {
    this.flush();
    this.#isClosed = true;
    this.#flushTimer?.cancel();
    this.#expiryTimer?.cancel();
  }

  get(scope: Scope, name: string): LogGroup | undefined {
    return this.#groups.get(groupArn({ ...scope, name }));
  }

  /** The groups of an account in a region, by name. */
  list(scope: Scope): LogGroup[] {
    return [...this.#groups.values()]
      .filter(({ record }) => record.account === scope.account && record.region === scope.region)
      .toSorted((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** Creates a group or changes its record. */
  putGroup(turn: Turn, record: LogGroupRecord): LogGroup {
    const arn = groupArn(record);
    const group = this.#groups.get(arn) ?? new HeldGroup(record);
    group.record = record;
    this.#groups.set(arn, group);
    turn.put(groupKey(record), encodeRecord(record));
    return group;
  }

  deleteGroup(turn: Turn, { record }: LogGroup): void {
    this.#groups.delete(groupArn(record));
    turn.delete(groupKey(record));
    turn.deleteRange(...prefixRange(streamsPrefix(record)));
    turn.deleteRange(...prefixRange(eventsPrefix(record)));
  }

  createStream(turn: Turn, group: LogGroup, name: string): void {
    this.#putStream(turn, group, { name, createdAtMs: turn.now });
  }

  deleteStream(turn: Turn, group: LogGroup, name: string): void {
    held(group).streams.delete(name);
    turn.delete(streamKey(group.record, name));
    turn.deleteRange(...prefixRange(eventsPrefix(group.record, name)));
  }

  /** Adds events, in the order of their time, to a stream that exists. */
  put(turn: Turn, group: LogGroup, streamName: string, events: readonly LogEvent[]): void {
    const stream = group.streams.get(streamName);
    const [first] = events;
    const last = events.at(-1);
    if (stream === undefined || first === undefined || last === undefined) return;
    const prefix = eventsPrefix(group.record, streamName);
    for (const [second, together] of Map.groupBy(events, ({ atMs }) => Math.floor(atMs / 1000))) {
      turn.put(eventsKey(prefix, second, this.#nextSequence), encodeEvents(turn.now, together));
    }
    this.#nextSequence += 1;
    this.#putStream(turn, group, {
      ...stream,
      firstEventAtMs: Math.min(stream.firstEventAtMs ?? Infinity, first.atMs),
      lastEventAtMs: Math.max(stream.lastEventAtMs ?? 0, last.atMs),
      lastIngestedAtMs: turn.now,
    });
  }

  /** Takes lines of a function; its group and stream are created when they are first written. */
  append(stream: FunctionLogStream, lines: readonly FunctionLogLine[]): void {
    const size = lines.reduce((sum, { text }) => sum + text.length + LINE_OVERHEAD, 0);
    if (this.#isClosed || this.#waitingSize + size > WAITING_SIZE_MAX) {
      this.#droppedCount += lines.length;
      return;
    }
    const waitingKey = `${stream.account}:${stream.region}:${stream.groupName}:${stream.streamName}`;
    let waiting = this.#waiting.get(waitingKey);
    if (waiting === undefined) this.#waiting.set(waitingKey, (waiting = { stream, events: [] }));
    for (const { atMs, text } of lines) waiting.events.push({ atMs, message: text });
    const before = this.#waitingSize;
    this.#waitingSize += size;
    // In a microtask, because whoever logs may be inside a turn, and turns do not nest.
    if (before < FLUSH_SIZE && this.#waitingSize >= FLUSH_SIZE) queueMicrotask(() => this.flush());
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    this.#flushTimer ??= this.#loop.timers.at(this.#loop.clock.now() + FLUSH_INTERVAL_MS, () => this.flush());
  }

  /** Commits what was collected. Readers call it first, so that they see what has been written by then. */
  flush(): void {
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    const waiting = this.#waiting;
    if (waiting.size === 0) return;
    // While the disk is behind lines wait here, where their number is bounded.
    if (this.#loop.store.isBehind) {
      this.#scheduleFlush();
      return;
    }
    this.#waiting = new Map();
    this.#waitingSize = 0;
    if (this.#droppedCount > 0) {
      this.#loop.log.warn(
        { lines: this.#droppedCount },
        'lines of functions were dropped: they came too fast',
      );
      this.#droppedCount = 0;
    }
    // A full disk is kept for what was promised to last.
    if (!this.#loop.store.acceptsWrites) return;
    this.#loop.turn((turn) => {
      for (const { stream, events } of waiting.values()) this.#write(turn, stream, events);
    });
  }

  read(group: LogGroup, streamName: string, range: LogRange): Generator<StoredLogEvent> {
    return readStream(this.#loop.store, group.record, streamName, range);
  }

  /** Second by second, several streams merged. */
  readMerged(
    group: LogGroup,
    streamNames: readonly string[],
    fromSecond: number,
  ): ReturnType<typeof readStreams> {
    return readStreams(this.#loop.store, group.record, streamNames, fromSecond);
  }

  #write(turn: Turn, stream: FunctionLogStream, events: readonly LogEvent[]): void {
    const { account, region, groupName: name, streamName } = stream;
    const group =
      this.get(stream, name) ??
      this.putGroup(turn, { account, region, name, createdAtMs: turn.now, tags: {} });
    if (!group.streams.has(streamName)) {
      this.#putStream(turn, group, { name: streamName, createdAtMs: turn.now, isOfFunction: true });
    }
    this.put(turn, group, streamName, events);
  }

  #putStream(turn: Turn, group: LogGroup, stream: LogStreamRecord): void {
    held(group).streams.set(stream.name, stream);
    turn.put(streamKey(group.record, stream.name), encodeRecord(stream));
  }

  #scheduleExpiry(): void {
    const { clock, timers } = this.#loop;
    this.#expiryTimer = timers.at(clock.now() + EXPIRY_INTERVAL_MS, () => {
      const groups = [...this.#groups.values()];
      const pairs = groups.flatMap((group) => [...group.streams.keys()].map((name) => ({ group, name })));
      this.#expireSome(pairs.filter(({ group, name }) => this.#isDue(group, name)));
    });
  }

  /** A few of the streams that are due, and the others a little later. */
  #expireSome(due: { readonly group: HeldGroup; readonly name: string }[]): void {
    const { clock, timers } = this.#loop;
    const some = due.splice(0, EXPIRY_STREAMS_MAX);
    if (some.length === 0) {
      this.#scheduleExpiry();
      return;
    }
    this.#loop.turn((turn) => {
      // What was deleted meanwhile, or is to be kept longer by now, is no longer due.
      for (const { group, name } of some) if (this.#isDue(group, name)) this.#expire(turn, group, name);
      turn.afterCommit(() => {
        this.#expiryTimer = timers.at(clock.now() + EXPIRY_SLICE_INTERVAL_MS, () => this.#expireSome(due));
      });
    });
  }

  #isDue(group: HeldGroup, name: string): boolean {
    if (this.#groups.get(groupArn(group.record)) !== group) return false;
    return (group.streams.get(name)?.firstEventAtMs ?? Infinity) < this.#cutoffMs(group);
  }

  #cutoffMs({ record: { retentionDays } }: HeldGroup): number {
    return retentionDays === undefined ? -Infinity : this.#loop.clock.now() - retentionDays * DAY_MS;
  }

  /**
   * Drops whole seconds that are past the retention of their group, and with their last event the streams of functions:
   * each process made one of its own. Others stay empty, as at AWS.
   */
  #expire(turn: Turn, group: HeldGroup, name: string): void {
    const stream = group.streams.get(name);
    if (stream === undefined) return;
    const prefix = eventsPrefix(group.record, name);
    const from = eventsKey(prefix, Math.floor(this.#cutoffMs(group) / 1000));
    turn.deleteRange(prefix, from);
    const firstEventAtMs = this.#firstEventAt(group, name, from);
    if (firstEventAtMs === undefined && stream.isOfFunction === true) this.deleteStream(turn, group, name);
    else this.#putStream(turn, group, { ...stream, firstEventAtMs });
  }

  /** Of the events from `from` on. */
  #firstEventAt(group: HeldGroup, streamName: string, from: Key): number | undefined {
    const prefix = eventsPrefix(group.record, streamName);
    const [first] = this.#loop.store.range(from, prefixRange(prefix)[1], { limit: 1 });
    if (first === undefined) return undefined;
    const { events } = decodeEvents(first, { prefix, streamName });
    return events.reduce((earliest, { atMs }) => Math.min(earliest, atMs), Infinity);
  }
}

function held(group: LogGroup): HeldGroup {
  return group as HeldGroup;
}

function streamsPrefix({ account, region, name }: LogGroupRecord): string {
  return key(KEYSPACE.logStream, account, region, name);
}
