/** What the clients of a workload did and saw, in the terms of `src/testing/checkers.ts`. */
import type { DeleteSeen, Outcome, ReceiveSeen, SendSeen, Span } from '../../src/testing/checkers.ts';

/** The answer of an operation. */
export type Output = Readonly<Record<string, unknown>>;

/** What became of a call. `unknown`: no answer came, or one that leaves open what happened. */
export type Reply =
  | { readonly kind: 'acknowledged'; readonly output: Output }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown' };

export interface QueueSeen {
  readonly sends: SendSeen[];
  readonly receives: ReceiveSeen[];
  readonly deletes: DeleteSeen[];
}

export interface EventSeen {
  readonly number: number;
  readonly size: number;
  /** Events of one request are one commit. */
  readonly request: number;
  readonly outcome: Outcome;
}

export interface StartSeen {
  readonly name: string;
  readonly input: string;
  readonly number: number;
  outcome: Outcome;
}

export interface ItemSeen {
  readonly writes: { readonly version: number; readonly outcome: Outcome }[];
  readonly seen: number[];
}

export class Recorder {
  readonly queues = new Map<string, QueueSeen>();
  readonly events: EventSeen[] = [];
  readonly starts = new Map<string, StartSeen>();
  readonly items = new Map<string, ItemSeen>();
  readonly writes: Span[] = [];
  readonly crashes: number[] = [];
  /** Calls that were refused although nothing was wrong with them. */
  readonly refusals: string[] = [];
  acknowledgedCount = 0;
  unknownCount = 0;
  deadLetterCount = 0;
  #tick = 0;

  tick(): number {
    this.#tick += 1;
    return this.#tick;
  }

  crashed(): void {
    this.crashes.push(this.tick());
  }

  queue(name: string): QueueSeen {
    return upsert(this.queues, name, () => ({ sends: [], receives: [], deletes: [] }));
  }

  item(key: string): ItemSeen {
    return upsert(this.items, key, () => ({ writes: [], seen: [] }));
  }

  /** Counts a reply and says when its call began and ended. */
  answered(reply: Reply, begunAt: number): Span {
    if (reply.kind === 'unknown') {
      this.unknownCount += 1;
      return { begunAt, endedAt: Infinity };
    }
    const span = { begunAt, endedAt: this.tick() };
    if (reply.kind === 'acknowledged') this.acknowledgedCount += 1;
    return span;
  }
}

function upsert<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}
