/**
 * What a FIFO queue remembers of the messages that it took, so that one that is sent again within five minutes is
 * answered as the first one was and not taken again, even if that one has been received and deleted meanwhile.
 *
 * What is remembered is committed with its message, so that no crash separates the two: a sender that got no answer
 * sends again and finds either both or neither. Records are keyed by sequence and so by age; those past their time go
 * in slices. The queue is the only caller.
 */
import { invariant } from '../../base/assert.ts';
import { Fifo } from '../../base/fifo.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Turn } from '../loop.ts';
import type { Sent } from './exchange.ts';
import { type FifoIds, sequenceNumber } from './fifo.ts';
import type { QueueRecord } from './queue-record.ts';

/** Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const WINDOW_MS = 300_000;

export interface Remembered {
  /** What makes two messages the same, in the scope that the queue had when the first was sent. */
  readonly sameAs: string;
  readonly messageId: string;
  readonly sequence: number;
  readonly sentAtMs: number;
}

/** Ids are compared within the queue or within the group; neither ids nor groups hold a space. */
export function sameness(queue: QueueRecord, { groupId, deduplicationId }: Partial<FifoIds>): string {
  invariant(groupId !== undefined && deduplicationId !== undefined, 'a message of a FIFO queue has its ids');
  const isWithinGroup = queue.config.fifo?.deduplicationScope === 'messageGroup';
  return isWithinGroup ? `${groupId} ${deduplicationId}` : deduplicationId;
}

export class DeduplicationWindow {
  readonly #bySameness = new Map<string, Remembered>();
  /** Oldest first; those that a later one has taken the place of among them. */
  readonly #byAge = new Fifo<Remembered>();

  /** What the sender of the same message was told. */
  find(sameAs: string, now: number): Sent | undefined {
    const remembered = this.#bySameness.get(sameAs);
    return remembered === undefined || isOver(remembered, now) ? undefined : toSent(remembered);
  }

  /** Remembers a message in the turn that sends it; answers what its sender is told. */
  remember(turn: Turn, queue: QueueRecord, remembered: Remembered): Sent {
    turn.put(deduplicationKey(queue, remembered.sequence), encodeRecord(remembered));
    this.#add(remembered);
    return toSent(remembered);
  }

  /** Takes in what was on disk, in the order of its keys. */
  restore(value: Value): void {
    this.#add(decodeHead<Remembered>(value));
  }

  hasExpired(now: number): boolean {
    const { first } = this.#byAge;
    return first !== undefined && isOver(first, now);
  }

  /** Forgets the oldest as far as their time is over. */
  expire(turn: Turn, queue: QueueRecord, countMax: number): void {
    for (let count = 0; count < countMax && this.hasExpired(turn.now); count += 1) {
      const remembered = this.#byAge.take() as Remembered;
      turn.delete(deduplicationKey(queue, remembered.sequence));
      // A later message may be the same and within its own time.
      if (this.#bySameness.get(remembered.sameAs) === remembered) this.#bySameness.delete(remembered.sameAs);
    }
  }

  #add(remembered: Remembered): void {
    this.#bySameness.set(remembered.sameAs, remembered);
    this.#byAge.push(remembered);
  }
}

function toSent({ messageId, sequence }: Remembered): Sent {
  return { id: messageId, sequenceNumber: sequenceNumber(sequence) };
}

function isOver({ sentAtMs }: Remembered, now: number): boolean {
  return sentAtMs + WINDOW_MS <= now;
}

/** The prefix under which all that a queue remembers lies. */
export function deduplicationPrefix(queue: QueueRecord): Key {
  return key(KEYSPACE.messageDeduplication, queue.account, queue.region, queue.name, queue.generation);
}

function deduplicationKey(queue: QueueRecord, sequence: number): Key {
  const { account, region, name, generation } = queue;
  return key(KEYSPACE.messageDeduplication, account, region, name, generation, sequence);
}
