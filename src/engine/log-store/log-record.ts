/**
 * What is stored of logs. Events of one second of one stream lie together, a record for each batch that brought some,
 * so that reading a stream in the order of time is reading its keys in order and sorting one second at a time.
 */
import { formatArn, type Scope } from '../../base/arn.ts';
import { decodeRecord, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts } from '../../storage/keys.ts';
import type { Entry, Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

export interface LogGroupRecord extends Scope {
  readonly name: string;
  readonly createdAtMs: number;
  /** Undefined keeps events for ever. */
  readonly retentionDays?: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStreamRecord {
  readonly name: string;
  readonly createdAtMs: number;
  /** Made by a function that wrote, not by a caller: gone with the last of its events. */
  readonly isOfFunction?: true;
  readonly firstEventAtMs?: number | undefined;
  readonly lastEventAtMs?: number | undefined;
  readonly lastIngestedAtMs?: number | undefined;
}

export interface LogEvent {
  readonly atMs: number;
  readonly message: string;
}

/** Where an event stands among all of its stream. */
export interface LogPosition {
  readonly atMs: number;
  /** Of the batch that brought it. */
  readonly sequence: number;
  /** Within that batch. */
  readonly index: number;
}

export interface StoredLogEvent extends LogEvent, LogPosition {
  readonly streamName: string;
  readonly ingestedAtMs: number;
}

type GroupName = Scope & { readonly name: string };

export function groupKey(group: GroupName): Key {
  return key(KEYSPACE.logGroup, group.account, group.region, group.name);
}

export function groupArn(group: GroupName): string {
  return formatArn('logs', group, `log-group:${group.name}`);
}

export function streamKey(group: GroupName, streamName: string): Key {
  return key(KEYSPACE.logStream, group.account, group.region, group.name, streamName);
}

/** The prefix of all events of a stream, or of all streams of a group. */
export function eventsPrefix(group: GroupName, streamName?: string): Key {
  const parts = [group.account, group.region, group.name];
  return key(KEYSPACE.logEvents, ...parts, ...(streamName === undefined ? [] : [streamName]));
}

export function eventsKey(prefix: Key, second: number, sequence = 0): Key {
  return prefix + key(second, sequence);
}

export function encodeEvents(ingestedAtMs: number, events: readonly LogEvent[]): Value {
  return encodeRecord({ ingestedAtMs }, JSON.stringify(events.map(({ atMs, message }) => [atMs, message])));
}

/** The second that a record belongs to and its events, in the order in which they came. */
export function decodeEvents(
  { key: encoded, value }: Entry,
  { prefix, streamName }: { readonly prefix: Key; readonly streamName: string },
): { readonly second: number; readonly events: StoredLogEvent[] } {
  const [second, sequence] = keyParts(encoded.slice(prefix.length), ['number', 'number']).map(Number);
  const { head, texts } = decodeRecord<{ readonly ingestedAtMs: number }>(value);
  const pairs = JSON.parse(texts[0] ?? '[]') as [number, string][];
  const events = pairs.map(([atMs, message], index) => {
    return { atMs, message, sequence: sequence ?? 0, index, streamName, ingestedAtMs: head.ingestedAtMs };
  });
  return { second: second ?? 0, events };
}

export function comparePositions(a: LogPosition, b: LogPosition): number {
  return a.atMs - b.atMs || a.sequence - b.sequence || a.index - b.index;
}
