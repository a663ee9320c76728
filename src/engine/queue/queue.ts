/**
 * One queue: the order, visibility and counts of its messages in memory, their records in the turn.
 *
 * A message is *delayed* or *in-flight* until its instant comes and then *ready* again:
 *
 *     send -> (delayed ->) ready -> receive -> in-flight -> delete
 *                            ^                    |
 *                            +--- visible again --+--- received too often: moved to the dead-letter queue
 *
 * Which ready message is handed out next is for its `ReadyOrder` to say: as they became ready, or, in a FIFO queue,
 * by group. Those that wait for an instant stand in a heap; entries of the heap are never searched: one that no
 * longer fits its message is passed over when it comes up. `queues.ts` owns the queues and is the way in for services
 * and engines.
 */
import { Heap } from '../../base/heap.ts';
import { errorMessage, InvariantError } from '../../base/errors.ts';
import { uuid } from '../../base/ids.ts';
import { prefixRange } from '../../storage/keys.ts';
import type { Position, Value } from '../../storage/store.ts';
import type { Loop, Turn } from '../loop.ts';
import type { Timers } from '../timer/timers.ts';
import { type Awaited, Consumers } from './consumers.ts';
import { deduplicationPrefix, DeduplicationWindow, sameness } from './deduplication.ts';
import type { OutgoingMessage, QueueCounts, ReceiveOptions, Sent } from './exchange.ts';
import { FIFO_IN_FLIGHT_MAX } from './fifo.ts';
import { GroupOrder } from './group-order.ts';
import {
  type AttemptId,
  decodeMessage,
  encodeMessage,
  encodeVisibility,
  isReceiptOf,
  type Message,
  type MessageContent,
  type MessageHead,
  messageKey,
  messagePrefixes,
  parseReceiptHandle,
  visibilityKey,
  withoutAttributes,
} from './message.ts';
import { queueArn, type QueueConfig, type QueueRecord } from './queue-record.ts';
import { ArrivalOrder, isMostlyGone, type ReadyOrder } from './ready-order.ts';
import { type Attempt, ReceiveAttempts } from './receive-attempts.ts';

/** What a queue needs of its owner. */
export interface QueueHost {
  readonly loop: Loop;
  /** The queue that dead letters go to, or `undefined` while there is none of that ARN. */
  find(arn: string): Queue | undefined;
  /** Counts bytes of bodies and attributes held in memory; false when those of a message should stay on disk. */
  reserveMemory(sizeBytes: number): boolean;
  releaseMemory(sizeBytes: number): void;
}

/**
 * Sequences go on from the clock after a restart, so that the receipt handle of a message deleted before it does not
 * name one sent after. A queue would have to take a million messages a second to overtake the clock; where the clock
 * was set back, the handle's checksum of the id tells the two apart.
 */
function firstSequence(nowMs: number): number {
  return nowMs * 1000;
}

/** Messages that one turn drops or gives up at most: a commit of a few milliseconds. */
const DROPPED_PER_TURN_MAX = 1000;

/** What is remembered of sent messages goes at this many a send, twice as fast as it comes, and by the minute. */
const FORGOTTEN_PER_SEND = 2;

interface Hiding {
  readonly visibleAtMs: number;
  readonly attempt: AttemptId | undefined;
}

interface Waiting {
  readonly atMs: number;
  readonly message: Message;
}

export class Queue implements Awaited {
  readonly #host: QueueHost;
  #record: QueueRecord;
  #position: Position;
  readonly #bySequence = new Map<number, Message>();
  readonly #order: ReadyOrder;
  readonly #sent = new DeduplicationWindow();
  readonly #attempts = new ReceiveAttempts();
  readonly #waiting = new Heap<Waiting>((a, b) => a.atMs - b.atMs || a.message.sequence - b.message.sequence);
  readonly #counts = { ready: 0, delayed: 0, inFlight: 0 };
  readonly #consumers: Consumers;
  #nextSequence: number;

  constructor(host: QueueHost, record: QueueRecord, position: Position) {
    this.#host = host;
    this.#record = record;
    this.#position = position;
    this.#order = record.config.fifo === undefined ? new ArrivalOrder() : new GroupOrder();
    this.#consumers = new Consumers(this);
    this.#nextSequence = firstSequence(record.generation);
  }

  get record(): QueueRecord {
    return this.#record;
  }

  get arn(): string {
    return queueArn(this.#record);
  }

  get config(): QueueConfig {
    return this.#record.config;
  }

  get isFifo(): boolean {
    return this.config.fifo !== undefined;
  }

  /** The last commit that changed the queue's configuration. */
  get position(): Position {
    return this.#position;
  }

  counts(now: number): QueueCounts {
    this.#promote(now);
    return { ...this.#counts };
  }

  /** Replaces the configuration; the caller has put the record into its turn. */
  reconfigure(record: QueueRecord, position: Position): void {
    this.#record = record;
    this.#position = position;
  }

  /**
   * Sends a message, but not the same one twice to a FIFO queue: the answer is that of the first then. Its answer has
   * to wait for what was committed so far, since the first may not be on disk yet.
   */
  sendOnce(turn: Turn, outgoing: OutgoingMessage): Sent {
    if (!this.isFifo) return { id: this.send(turn, outgoing).head.id, sequenceNumber: undefined };
    const sameAs = sameness(this.#record, outgoing);
    const before = this.#sent.find(sameAs, turn.now);
    if (before !== undefined) return before;
    const { head, sequence } = this.send(turn, outgoing);
    this.#sent.expire(turn, this.#record, FORGOTTEN_PER_SEND);
    const remembered = { sameAs, messageId: head.id, sequence, sentAtMs: turn.now };
    return this.#sent.remember(turn, this.#record, remembered);
  }

  send(turn: Turn, outgoing: OutgoingMessage): Message {
    const { body, delaySeconds = this.config.delaySeconds, ...rest } = outgoing;
    const visibleAtMs = turn.now + delaySeconds * 1000;
    const head: MessageHead = { id: uuid(turn.random), sentAtMs: turn.now, visibleAtMs, ...rest };
    const sequence = this.#nextSequence;
    const record = encodeMessage(head, body);
    turn.put(messageKey(this.#record, sequence), record);
    const message = this.#admit({ sequence, head, body, sizeBytes: record.length, position: turn.position });
    if (message.visibleAtMs > turn.now) this.#wait(message, 'delayed');
    else this.#makeReady(message);
    // Without consumers there is nobody to tell: one that comes before the commit looks for itself.
    if (!this.#consumers.isEmpty) turn.afterCommit(() => this.#consumers.announce());
    return message;
  }

  /**
   * Takes up to `countMax` ready messages out of sight. Messages past their retention are dropped, those received
   * too often go to the dead-letter queue; neither counts. The caller's answer waits for `message.position`,
   * the position of the send: the receive itself adds no wait.
   */
  receive(turn: Turn, options: ReceiveOptions): Message[] {
    this.#promote(turn.now);
    const { visibilityTimeoutSeconds: timeoutSeconds = this.config.visibilityTimeoutSeconds } = options;
    const visibleAtMs = turn.now + timeoutSeconds * 1000;
    const { attemptId, isOneGroup = false } = options;
    const before = attemptId === undefined ? undefined : this.#attempts.find(attemptId, turn.now);
    if (before !== undefined) return this.#receiveAgain(turn, before, visibleAtMs);
    const attempt = attemptId === undefined ? undefined : { id: attemptId, atMs: turn.now };
    const countMax = Math.min(options.countMax, this.#roomInFlight);
    const received: Message[] = [];
    let droppedCount = 0;
    while (received.length < countMax && droppedCount < DROPPED_PER_TURN_MAX) {
      const message = this.#order.take(isOneGroup);
      if (message === undefined) break;
      if (this.#drop(turn, message)) {
        droppedCount += 1;
      } else {
        message.isHeld = options.isHeld ?? false;
        this.#hide(turn, message, { visibleAtMs, attempt });
        received.push(message);
      }
    }
    this.#order.taken();
    // Whoever waits for a message comes back for what may stand behind those that were dropped.
    if (droppedCount === DROPPED_PER_TURN_MAX) turn.afterCommit(() => this.#consumers.announce());
    return received;
  }

  /** The message that a handle names: `undefined` when it is not a handle of this queue, null when it is gone. */
  find(handle: string): Message | null | undefined {
    const receipt = parseReceiptHandle(this.#record, handle);
    if (receipt === undefined) return undefined;
    const message = this.#bySequence.get(receipt.sequence);
    return message !== undefined && isReceiptOf(receipt, message) ? message : null;
  }

  /** Throws when the record of a message that is not in memory cannot be read. */
  content(message: Message): MessageContent {
    if (message.body !== undefined) return { head: message.head, body: message.body };
    const value = this.#host.loop.store.get(messageKey(this.#record, message.sequence));
    if (value === undefined) throw new InvariantError(`the message ${message.head.id} has no record`);
    return decodeMessage(value);
  }

  delete(turn: Turn, message: Message): void {
    if (message.state === 'gone') return;
    this.#remove(turn, message);
    // What stood behind it in its group may be there to receive now.
    if (this.isFifo && !this.#consumers.isEmpty) turn.afterCommit(() => this.#consumers.announce());
  }

  /** Moves the instant at which an in-flight message becomes visible; 0 seconds makes it ready at once. */
  changeVisibility(turn: Turn, message: Message, timeoutSeconds: number): void {
    this.#leaveState(message);
    message.visibleAtMs = turn.now + timeoutSeconds * 1000;
    this.#putVisibility(turn, message);
    if (timeoutSeconds > 0) this.#wait(message, 'in-flight');
    else this.#makeReady(message);
    turn.afterCommit(() => this.#consumers.announce());
  }

  /** Removes every message. What a FIFO queue remembers of them stays: one that is sent again is still the same. */
  purge(turn: Turn): void {
    const { messages, visibilities } = messagePrefixes(this.#record);
    turn.deleteRange(...prefixRange(messages));
    turn.deleteRange(...prefixRange(visibilities));
    for (const message of this.#bySequence.values()) this.#forget(message);
    this.#bySequence.clear();
    this.#order.clear();
    this.#waiting.retain(() => false);
    this.#position = turn.position;
  }

  /** Removes every message and all that the queue remembers: it is deleted. */
  clear(turn: Turn): void {
    this.purge(turn);
    if (this.isFifo) turn.deleteRange(...prefixRange(deduplicationPrefix(this.#record)));
  }

  /** Drops the oldest messages as far as they are past their retention; as many as one turn may. */
  expire(turn: Turn): void {
    this.#sent.expire(turn, this.#record, DROPPED_PER_TURN_MAX);
    let count = 0;
    for (const message of this.#bySequence.values()) {
      if (count === DROPPED_PER_TURN_MAX || !this.#isExpired(message, turn.now)) break;
      this.delete(turn, message);
      count += 1;
    }
  }

  get hasExpired(): boolean {
    const now = this.#host.loop.clock.now();
    const oldest = this.#bySequence.values().next().value;
    return (oldest !== undefined && this.#isExpired(oldest, now)) || this.#sent.hasExpired(now);
  }

  /** Entries in the orders of messages, those of messages that are gone among them. */
  get entryCount(): number {
    return this.#order.entryCount + this.#waiting.size;
  }

  /**
   * Calls back whenever messages may be there to receive: at once (in a microtask) if there are any now, and after
   * each commit or instant that makes one ready, until the answered function is called.
   */
  subscribe(consumer: () => void): () => void {
    return this.#consumers.add(consumer);
  }

  get timers(): Timers {
    return this.#host.loop.timers;
  }

  get nextAtMs(): number | undefined {
    return this.#waiting.peek()?.atMs;
  }

  hasReady(): boolean {
    this.#promote(this.#host.loop.clock.now());
    return this.#order.hasNext(this.#counts.ready) && this.#roomInFlight > 0;
  }

  /** Takes a recovered message in, without a record. Messages come in the order of their sequence. */
  restore(sequence: number, record: { head: MessageHead; body: string; sizeBytes: number }): Message {
    const message = this.#admit({ sequence, ...record, position: 0 });
    message.state = 'delayed';
    return message;
  }

  /** Takes in what the queue remembered of a message that was sent. */
  restoreSent(sequence: number, value: Value): void {
    this.#sent.restore(value);
    this.#nextSequence = Math.max(this.#nextSequence, sequence + 1);
  }

  /** Puts the recovered messages into their order, once their visibility is known too. */
  restored(now: number): void {
    this.#nextSequence = Math.max(this.#nextSequence, firstSequence(now));
    for (const message of this.#bySequence.values()) {
      const { attempt } = message;
      message.attempt = undefined;
      if (message.visibleAtMs <= now || message.isHeld) {
        this.#makeReady(message);
      } else if (message.receiveCount === 0) {
        this.#wait(message, 'delayed');
      } else {
        this.#wait(message, 'in-flight');
        if (attempt !== undefined) this.#attempts.add(attempt, message);
      }
    }
  }

  close(): void {
    this.#consumers.close();
  }

  #admit(sent: {
    sequence: number;
    head: MessageHead;
    body: string;
    sizeBytes: number;
    position: Position;
  }): Message {
    const keep = this.#host.reserveMemory(sent.sizeBytes);
    const message: Message = {
      sequence: sent.sequence,
      head: keep ? sent.head : withoutAttributes(sent.head),
      body: keep ? sent.body : undefined,
      heldSizeBytes: keep ? sent.sizeBytes : 0,
      visibleAtMs: sent.head.visibleAtMs,
      receiveCount: 0,
      firstReceivedAtMs: undefined,
      isHeld: false,
      attempt: undefined,
      state: 'ready',
      position: sent.position,
    };
    this.#bySequence.set(sent.sequence, message);
    this.#order.admit(message);
    this.#nextSequence = sent.sequence + 1;
    return message;
  }

  #makeReady(message: Message): void {
    message.state = 'ready';
    this.#counts.ready += 1;
    this.#order.makeReady(message);
  }

  #wait(message: Message, state: 'delayed' | 'in-flight'): void {
    message.state = state;
    if (state === 'delayed') {
      this.#counts.delayed += 1;
    } else {
      this.#counts.inFlight += 1;
      this.#order.hide(message);
    }
    this.#waiting.push({ atMs: message.visibleAtMs, message });
    this.#consumers.armWakeUp();
  }

  #leaveState(message: Message): void {
    if (message.state === 'ready') {
      this.#counts.ready -= 1;
    } else if (message.state === 'delayed') {
      this.#counts.delayed -= 1;
    } else if (message.state === 'in-flight') {
      this.#counts.inFlight -= 1;
      this.#order.unhide(message);
      if (message.attempt !== undefined) this.#attempts.end(message.attempt);
      message.attempt = undefined;
    }
    message.state = 'gone';
    this.#forgetGone();
  }

  /** Lets go of the entries of messages that are gone, once they are many, at a cost that spreads over their goings. */
  #forgetGone(): void {
    const { ready, delayed, inFlight } = this.#counts;
    this.#order.forgetGone(ready);
    if (isMostlyGone(this.#waiting.size, delayed + inFlight)) this.#waiting.retain(isWaiting);
  }

  /** How many messages may be handed out besides those that are. */
  get #roomInFlight(): number {
    return this.isFifo ? FIFO_IN_FLIGHT_MAX - this.#counts.inFlight : Infinity;
  }

  /** Hands out the messages of an attempt again, with the same handles, and hides them anew. */
  #receiveAgain(turn: Turn, attempt: Attempt, visibleAtMs: number): Message[] {
    const { id, atMs, messages } = attempt;
    this.#attempts.end(attempt);
    for (const message of messages) {
      // It is put down anew: leaving its state must not end what has just begun.
      message.attempt = undefined;
      this.#leaveState(message);
      message.visibleAtMs = visibleAtMs;
      this.#attempts.add({ id, atMs }, message);
      this.#putVisibility(turn, message);
      this.#wait(message, 'in-flight');
    }
    return messages;
  }

  #hide(turn: Turn, message: Message, { visibleAtMs, attempt }: Hiding): void {
    this.#leaveState(message);
    message.receiveCount += 1;
    message.firstReceivedAtMs ??= turn.now;
    message.visibleAtMs = visibleAtMs;
    if (attempt !== undefined) this.#attempts.add(attempt, message);
    this.#putVisibility(turn, message);
    // Even with a timeout of zero it passes through the heap, so that one receive cannot take it twice.
    this.#wait(message, 'in-flight');
  }

  #putVisibility(turn: Turn, message: Message): void {
    const { visibleAtMs, receiveCount, firstReceivedAtMs = turn.now, attempt } = message;
    const held = message.isHeld ? { isHeld: true as const } : {};
    const repeatable = attempt === undefined ? {} : { attempt: { id: attempt.id, atMs: attempt.atMs } };
    const record = encodeVisibility({ visibleAtMs, receiveCount, firstReceivedAtMs, ...held, ...repeatable });
    turn.put(visibilityKey(this.#record, message.sequence), record);
  }

  /** Does away with a message that is not to be received; false when it is. */
  #drop(turn: Turn, message: Message): boolean {
    if (this.#isExpired(message, turn.now)) {
      this.#remove(turn, message);
      return true;
    }
    return this.#isUnreadable(message) || this.#giveUp(turn, message);
  }

  /** Sets a message aside whose record is damaged or gone: it would fail every receive, and those beside it. */
  #isUnreadable(message: Message): boolean {
    if (message.body !== undefined) return false;
    try {
      this.content(message);
      return false;
    } catch (error) {
      const { id } = message.head;
      this.#host.loop.quarantine.add('message', `${id} of ${this.arn}`, errorMessage(error));
      this.#letGo(message, this.#position);
      return true;
    }
  }

  /** Moves a message that was received too often to the dead-letter queue; false when it is to be received. */
  #giveUp(turn: Turn, message: Message): boolean {
    const policy = this.config.redrivePolicy;
    if (policy === undefined || message.receiveCount < policy.maxReceiveCount) return false;
    const deadLetters = this.#host.find(policy.deadLetterTargetArn);
    if (deadLetters === undefined) return false;
    deadLetters.#takeOver(turn, this.content(message), this.arn);
    this.#remove(turn, message);
    return true;
  }

  /** A dead letter keeps its id, its attributes and the time at which it was first sent. */
  #takeOver(turn: Turn, { head: given, body }: MessageContent, source: string): void {
    const head: MessageHead = { ...given, visibleAtMs: turn.now, deadLetterSource: source };
    const sequence = this.#nextSequence;
    const record = encodeMessage(head, body);
    turn.put(messageKey(this.#record, sequence), record);
    const sizeBytes = record.length;
    this.#makeReady(this.#admit({ sequence, head, body, sizeBytes, position: turn.position }));
    turn.afterCommit(() => this.#consumers.announce());
  }

  #remove(turn: Turn, message: Message): void {
    turn.delete(messageKey(this.#record, message.sequence));
    if (message.receiveCount > 0) turn.delete(visibilityKey(this.#record, message.sequence));
    this.#letGo(message, turn.position);
  }

  #letGo(message: Message, position: Position): void {
    this.#bySequence.delete(message.sequence);
    this.#forget(message);
    this.#order.remove(message, position);
  }

  #forget(message: Message): void {
    this.#leaveState(message);
    this.#host.releaseMemory(message.heldSizeBytes);
    message.body = undefined;
  }

  #isExpired(message: Message, now: number): boolean {
    return message.head.sentAtMs + this.config.retentionSeconds * 1000 <= now;
  }

  #promote(now: number): void {
    for (;;) {
      const next = this.#waiting.peek();
      if (next === undefined || next.atMs > now) return;
      this.#waiting.pop();
      if (!isWaiting(next)) continue;
      this.#leaveState(next.message);
      this.#makeReady(next.message);
    }
  }
}

/** Whether an entry still stands for its message. */
function isWaiting({ message, atMs }: Waiting): boolean {
  return message.visibleAtMs === atMs && (message.state === 'delayed' || message.state === 'in-flight');
}
