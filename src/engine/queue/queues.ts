/**
 * All queues of a region: how services and other engines reach one, create one and delete one, and how they come
 * back after a crash. Messages belong to `queue.ts`.
 */
import type { Timer } from '../../base/clock.ts';
import type { Scope } from '../../base/arn.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { scan } from '../../storage/scan.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import { deduplicationPrefix } from './deduplication.ts';
import { decodeMessage, decodeVisibility, messagePrefixes, sequenceOfKey } from './message.ts';
import { type QueueConfig, queueArn, queueKey, type QueueRecord } from './queue-record.ts';
import { Queue, type QueueHost } from './queue.ts';

/** Bytes of bodies and attributes that a region keeps in memory; those beyond are read from the store when received. */
const HELD_BYTES_MAX = 256 * 1024 * 1024;

/** How often queues are looked over for messages past their retention, which is at least a minute. */
const EXPIRY_INTERVAL_MS = 60_000;

/** Until the next look when a queue had more of them than one turn may drop, so that requests get in between. */
const EXPIRY_PAUSE_MS = 10;

export interface NewQueue extends Scope {
  readonly name: string;
  readonly config: QueueConfig;
  readonly tags: Readonly<Record<string, string>>;
}

export class Queues implements QueueHost {
  readonly loop: Loop;
  readonly #byArn = new Map<string, Queue>();
  readonly #created = new Set<(queue: Queue) => void>();
  #heldSizeBytes = 0;
  #lastGeneration = 0;
  #expiry: Timer | undefined;

  constructor(loop: Loop) {
    this.loop = loop;
  }

  /** Reads every queue and its messages back, and starts to watch retention. */
  start(): void {
    const { store, quarantine } = this.loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.queue))), ({ value }) => {
      const queue = new Queue(this, decodeHead<QueueRecord>(value), 0);
      this.#recoverMessages(queue);
      this.#byArn.set(queue.arn, queue);
      this.#lastGeneration = Math.max(this.#lastGeneration, queue.record.generation);
    });
    this.#scheduleExpiry();
  }

  close(): void {
    this.#expiry?.cancel();
    for (const queue of this.#byArn.values()) queue.close();
  }

  find(arn: string): Queue | undefined {
    return this.#byArn.get(arn);
  }

  get(scope: Scope, name: string): Queue | undefined {
    return this.#byArn.get(queueArn({ ...scope, name }));
  }

  /** The queues of an account in a region whose name starts with `prefix`, by name. */
  list(scope: Scope, prefix = ''): Queue[] {
    return [...this.#byArn.values()]
      .filter(({ record }) => record.account === scope.account && record.region === scope.region)
      .filter(({ record }) => record.name.startsWith(prefix))
      .toSorted((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** The queues whose dead letters go to `arn`. */
  deadLetterSources(arn: string): Queue[] {
    return [...this.#byArn.values()].filter(
      (queue) => queue.config.redrivePolicy?.deadLetterTargetArn === arn,
    );
  }

  /** Calls back for each queue created from now on, for consumers that wait for a queue to exist. */
  onCreate(subscriber: (queue: Queue) => void): () => void {
    this.#created.add(subscriber);
    return () => this.#created.delete(subscriber);
  }

  /** The caller has made sure that there is no queue of that name. */
  create(turn: Turn, created: NewQueue): Queue {
    const generation = Math.max(turn.now, this.#lastGeneration + 1);
    this.#lastGeneration = generation;
    const record: QueueRecord = { ...created, generation, createdAtMs: turn.now, modifiedAtMs: turn.now };
    turn.put(queueKey(record, record.name), encodeRecord(record));
    const queue = new Queue(this, record, turn.position);
    this.#byArn.set(queue.arn, queue);
    turn.afterCommit(() => {
      for (const subscriber of this.#created) subscriber(queue);
    });
    return queue;
  }

  /** Changes configuration or tags; a change of configuration is one of `modifiedAtMs` too. */
  update(turn: Turn, queue: Queue, change: Partial<Pick<QueueRecord, 'config' | 'tags'>>): void {
    const modifiedAtMs = change.config === undefined ? queue.record.modifiedAtMs : turn.now;
    const record: QueueRecord = { ...queue.record, ...change, modifiedAtMs };
    turn.put(queueKey(record, record.name), encodeRecord(record));
    queue.reconfigure(record, turn.position);
  }

  delete(turn: Turn, queue: Queue): void {
    queue.clear(turn);
    turn.delete(queueKey(queue.record, queue.record.name));
    this.#byArn.delete(queue.arn);
    queue.close();
  }

  reserveMemory(sizeBytes: number): boolean {
    if (this.#heldSizeBytes + sizeBytes > HELD_BYTES_MAX) return false;
    this.#heldSizeBytes += sizeBytes;
    return true;
  }

  releaseMemory(sizeBytes: number): void {
    this.#heldSizeBytes -= sizeBytes;
  }

  #recoverMessages(queue: Queue): void {
    const { store, clock } = this.loop;
    const prefixes = messagePrefixes(queue.record);
    const bySequence = new Map<number, ReturnType<Queue['restore']>>();
    for (const { key: messageKey, value } of scan(store, prefixRange(prefixes.messages))) {
      const sequence = sequenceOfKey(messageKey);
      bySequence.set(sequence, queue.restore(sequence, { ...decodeMessage(value), sizeBytes: value.length }));
    }
    for (const { key: visibilityKey, value } of scan(store, prefixRange(prefixes.visibilities))) {
      const message = bySequence.get(sequenceOfKey(visibilityKey));
      if (message !== undefined) Object.assign(message, decodeVisibility(value));
    }
    if (queue.isFifo) {
      const remembered = prefixRange(deduplicationPrefix(queue.record));
      for (const { key: sentKey, value } of scan(store, remembered)) {
        queue.restoreSent(sequenceOfKey(sentKey), value);
      }
    }
    queue.restored(clock.now());
  }

  #scheduleExpiry(delayMs = EXPIRY_INTERVAL_MS): void {
    this.#expiry = this.loop.timers.at(this.loop.clock.now() + delayMs, () => {
      let isLeft = false;
      for (const queue of this.#byArn.values()) {
        if (queue.hasExpired && !this.loop.store.isBehind) this.loop.turn((turn) => queue.expire(turn));
        isLeft ||= queue.hasExpired;
      }
      this.#scheduleExpiry(isLeft ? EXPIRY_PAUSE_MS : EXPIRY_INTERVAL_MS);
    });
  }
}
