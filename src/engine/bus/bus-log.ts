/**
 * The log of all buses of a region: one record for all events of a commit, with what became of each. Traces, `tail`
 * and `explain` read it; the trace's index (`engine/trace/trace-index.ts`) numbers its records and keeps them for a
 * day.
 */
import type { Scope } from '../../base/arn.ts';
import { decodeHead, decodeRecord, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { TraceSource } from '../trace/trace-index.ts';
import type { DatedLink, TraceEffect } from '../trace/trace-link.ts';
import type { Trace } from '../trace/trace.ts';

/** An event as the log tells it, without its text. */
interface EventHead {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly bus: string;
  readonly cause?: Cause;
  /** The region that it came from, when that is another one. */
  readonly from?: string;
  /** ARN of the global endpoint that it came by. */
  readonly endpoint?: string;
  readonly effects: readonly TraceEffect[];
}

interface LogHead {
  readonly atMs: number;
  readonly events: readonly EventHead[];
}

export interface LoggedEvent extends EventHead {
  readonly atMs: number;
  /** The event as JSON text, as its targets saw it. */
  readonly text: string;
}

export type EventToLog = Omit<LoggedEvent, 'atMs'>;

/** What the log says about causes and effects; `Trace` is created with it. */
export const busLogSource: TraceSource = {
  keyspace: KEYSPACE.busLog,
  links: (value) => {
    const { atMs, events } = decodeHead<LogHead>(value);
    return events.flatMap((event) => eventLinks(event, atMs));
  },
};

function eventLinks(event: EventHead, atMs: number): DatedLink[] {
  const { id, bus, cause, from, effects } = event;
  const own: DatedLink = { atMs, cause: { kind: 'event', id }, effects };
  // It has its id from where it began, and that region alone knows more of how it came to be.
  if (from !== undefined) {
    const arrival = { kind: 'event', id, detail: { bus, from } } as const;
    return [{ atMs, cause: cause ?? own.cause, effects: [arrival] }, own];
  }
  // An event that another bus passed on is an effect of that one, which says so itself.
  if (cause === undefined || cause.kind === 'event') return [own];
  const by = event.endpoint === undefined ? {} : { endpoint: event.endpoint, region: event.region };
  return [{ atMs, cause, effects: [{ kind: 'event', id, detail: { bus, ...by } }] }, own];
}

export interface RecentOptions {
  readonly scope: Scope;
  readonly busName?: string;
  readonly countMax: number;
}

/** Records that a look back goes through: those of other buses and accounts stand between. */
const RECENT_RECORDS_MAX = 2000;

export class BusLog {
  readonly #loop: Loop;
  readonly #trace: Trace;

  constructor(loop: Loop, trace: Trace) {
    this.#loop = loop;
    this.#trace = trace;
  }

  append(turn: Turn, events: readonly EventToLog[]): void {
    const ids: string[] = [];
    const heads: EventHead[] = [];
    const texts: string[] = [];
    for (const { text, ...head } of events) {
      if (head.cause !== undefined) ids.push(head.cause.id);
      ids.push(head.id);
      for (const { id } of head.effects) ids.push(id);
      heads.push(head);
      texts.push(text);
    }
    const record: LogHead = { atMs: turn.now, events: heads };
    const value = encodeRecord(record, ...texts);
    turn.put(key(KEYSPACE.busLog, this.#trace.claim(turn, ids, value.length)), value);
  }

  /** The event of this id, while the log still has it. */
  async find(id: string): Promise<LoggedEvent | undefined> {
    for (const { sequence } of await this.#trace.find(id)) {
      const value = this.#loop.store.get(key(KEYSPACE.busLog, sequence));
      const event = value === undefined ? undefined : logged(value).find((candidate) => candidate.id === id);
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** The last events of a bus, or of all buses of an account in a region; the newest first. */
  recent({ scope, busName, countMax }: RecentOptions): LoggedEvent[] {
    const options = { reverse: true, limit: RECENT_RECORDS_MAX };
    const events: LoggedEvent[] = [];
    for (const { value } of this.#loop.store.range(...prefixRange(key(KEYSPACE.busLog)), options)) {
      for (const event of logged(value).toReversed()) {
        const isWanted =
          event.account === scope.account &&
          event.region === scope.region &&
          (busName === undefined || event.bus === busName);
        if (isWanted) events.push(event);
        if (events.length === countMax) return events;
      }
    }
    return events;
  }
}

function logged(value: Uint8Array): LoggedEvent[] {
  const { head, texts } = decodeRecord<LogHead>(value);
  return head.events.map((event, index) => ({ ...event, atMs: head.atMs, text: texts[index] ?? '' }));
}
