/**
 * One standard queue: the order, visibility and counts of its messages in memory, their records in the turn.
 *
 * A message is *delayed* or *in-flight* until its instant comes and then *ready* again:
 *
 *     send -> (delayed ->) ready -> receive -> in-flight -> delete
 *                            ^                    |
 *                            +--- visible again --+--- received too often: moved to the dead-letter queue
 *
 * Ready messages stand in one list in the order in which they became ready. Those that wait for an instant stand
 * in a heap; entries of the heap are never searched: one that no longer fits its message is passed over when it
 * comes up. `queues.ts` owns the queues and is the way in for services and engines.
 */
import { Heap } from '../../base/heap.ts';
import type { Timer } from '../../base/clock.ts';
import { errorMessage, InvariantError } from '../../base/errors.ts';
import { uuid } from '../../base/ids.ts';
import { prefixRange } from '../../storage/keys.ts';
import type { Position } from '../../storage/store.ts';
import type { Loop, Turn } from '../loop.ts';
import {
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

export interface OutgoingMessage extends Omit<MessageHead, 'id' | 'sentAtMs' | 'visibleAtMs'> {
  readonly body: string;
  /** Default: the queue's own delay. */
  readonly delaySeconds?: number;
}

export interface ReceiveOptions {
  readonly countMax: number;
  /** Default: the queue's own timeout. */
  readonly visibilityTimeoutSeconds?: number;
  /** The receiver lives in this process (a pipe): what it took is ready again after a crash, not at its timeout. */
  readonly isHeld?: boolean;
}

export interface QueueCounts {
  readonly ready: number;
  readonly delayed: number;
  readonly inFlight: number;
}

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

/**
 * Entries of messages that are gone stay in the orders until they come up, or until they are this many and more than
 * half of all: a message that was deleted at once must not cost memory for a visibility timeout of twelve hours.
 */
const GONE_ENTRIES_MAX = 1000;

/** Messages that one turn drops or gives up at most: a commit of a few milliseconds. */
const DROPPED_PER_TURN_MAX = 1000;

interface Waiting {
  readonly atMs: number;
  readonly message: Message;
}

export class Queue {
  readonly #host: QueueHost;
  #record: QueueRecord;
  #position: Position;
  readonly #bySequence = new Map<number, Message>();
  #ready: Message[] = [];
  #readyStart = 0;
  readonly #waiting = new Heap<Waiting>((a, b) => a.atMs - b.atMs || a.message.sequence - b.message.sequence);
  readonly #counts = { ready: 0, delayed: 0, inFlight: 0 };
  readonly #consumers = new Set<() => void>();
  #wakeUp: { readonly atMs: number; readonly timer: Timer } | undefined;
  #nextSequence: number;

  constructor(host: QueueHost, record: QueueRecord, position: Position) {
    this.#host = host;
    this.#record = record;
    this.#position = position;
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
    if (this.#consumers.size > 0) turn.afterCommit(() => this.#announce());
    return message;
  }

  /**
   * Takes up to `countMax` ready messages out of sight. Messages past their retention are dropped, those received
   * too often go to the dead-letter queue; neither counts. The caller's answer waits for `message.position`,
   * the position of the send: the receive itself adds no wait.
   */
  receive(turn: Turn, options: ReceiveOptions): Message[] {
    this.#promote(turn.now);
    const timeoutSeconds = options.visibilityTimeoutSeconds ?? this.config.visibilityTimeoutSeconds;
    const received: Message[] = [];
    let droppedCount = 0;
    while (received.length < options.countMax && droppedCount < DROPPED_PER_TURN_MAX) {
      const message = this.#takeReady();
      if (message === undefined) break;
      if (this.#drop(turn, message)) {
        droppedCount += 1;
      } else {
        message.isHeld = options.isHeld ?? false;
        this.#hide(turn, message, turn.now + timeoutSeconds * 1000);
        received.push(message);
      }
    }
    // Whoever waits for a message comes back for what may stand behind those that were dropped.
    if (droppedCount === DROPPED_PER_TURN_MAX) turn.afterCommit(() => this.#announce());
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
    if (message.state !== 'gone') this.#remove(turn, message);
  }

  /** Moves the instant at which an in-flight message becomes visible; 0 seconds makes it ready at once. */
  changeVisibility(turn: Turn, message: Message, timeoutSeconds: number): void {
    this.#leaveState(message);
    message.visibleAtMs = turn.now + timeoutSeconds * 1000;
    this.#putVisibility(turn, message);
    if (timeoutSeconds > 0) this.#wait(message, 'in-flight');
    else this.#makeReady(message);
    turn.afterCommit(() => this.#announce());
  }

  /** Removes every message. */
  purge(turn: Turn): void {
    const { messages, visibilities } = messagePrefixes(this.#record);
    turn.deleteRange(...prefixRange(messages));
    turn.deleteRange(...prefixRange(visibilities));
    for (const message of this.#bySequence.values()) this.#forget(message);
    this.#bySequence.clear();
    this.#ready = [];
    this.#readyStart = 0;
    this.#waiting.retain(() => false);
    this.#position = turn.position;
  }

  /** Drops the oldest messages as far as they are past their retention; as many as one turn may. */
  expire(turn: Turn): void {
    let count = 0;
    for (const message of this.#bySequence.values()) {
      if (count === DROPPED_PER_TURN_MAX || !this.#isExpired(message, turn.now)) break;
      this.#remove(turn, message);
      count += 1;
    }
  }

  get hasExpired(): boolean {
    const oldest = this.#bySequence.values().next().value;
    return oldest !== undefined && this.#isExpired(oldest, this.#host.loop.clock.now());
  }

  /** Entries in the orders of messages, those of messages that are gone among them. */
  get entryCount(): number {
    return this.#ready.length - this.#readyStart + this.#waiting.size;
  }

  /**
   * Calls back whenever messages may be there to receive: at once (in a microtask) if there are any now, and after
   * each commit or instant that makes one ready, until the answered function is called.
   */
  subscribe(consumer: () => void): () => void {
    this.#consumers.add(consumer);
    queueMicrotask(() => {
      if (this.#consumers.has(consumer) && this.hasReady()) consumer();
    });
    this.#armWakeUp();
    return () => this.#consumers.delete(consumer);
  }

  hasReady(): boolean {
    this.#promote(this.#host.loop.clock.now());
    return this.#counts.ready > 0;
  }

  /** Takes a recovered message in, without a record. Messages come in the order of their sequence. */
  restore(sequence: number, record: { head: MessageHead; body: string; sizeBytes: number }): Message {
    const message = this.#admit({ sequence, ...record, position: 0 });
    message.state = 'delayed';
    return message;
  }

  /** Puts the recovered messages into their order, once their visibility is known too. */
  restored(now: number): void {
    this.#nextSequence = Math.max(this.#nextSequence, firstSequence(now));
    for (const message of this.#bySequence.values()) {
      if (message.visibleAtMs <= now || message.isHeld) this.#makeReady(message);
      else this.#wait(message, message.receiveCount > 0 ? 'in-flight' : 'delayed');
    }
  }

  close(): void {
    this.#wakeUp?.timer.cancel();
    this.#consumers.clear();
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
      state: 'ready',
      position: sent.position,
    };
    this.#bySequence.set(sent.sequence, message);
    this.#nextSequence = sent.sequence + 1;
    return message;
  }

  #makeReady(message: Message): void {
    message.state = 'ready';
    this.#counts.ready += 1;
    this.#ready.push(message);
  }

  #wait(message: Message, state: 'delayed' | 'in-flight'): void {
    message.state = state;
    this.#counts[state === 'delayed' ? 'delayed' : 'inFlight'] += 1;
    this.#waiting.push({ atMs: message.visibleAtMs, message });
    this.#armWakeUp();
  }

  #leaveState(message: Message): void {
    if (message.state === 'ready') this.#counts.ready -= 1;
    else if (message.state === 'delayed') this.#counts.delayed -= 1;
    else if (message.state === 'in-flight') this.#counts.inFlight -= 1;
    message.state = 'gone';
    this.#forgetGone();
  }

  /** Lets go of the entries of messages that are gone, once they are many, at a cost that spreads over their goings. */
  #forgetGone(): void {
    const { ready, delayed, inFlight } = this.#counts;
    if (isMostlyGone(this.#ready.length - this.#readyStart, ready)) {
      this.#ready = this.#ready.slice(this.#readyStart).filter(({ state }) => state === 'ready');
      this.#readyStart = 0;
    }
    if (isMostlyGone(this.#waiting.size, delayed + inFlight)) this.#waiting.retain(isWaiting);
  }

  #takeReady(): Message | undefined {
    while (this.#readyStart < this.#ready.length) {
      const message = this.#ready[this.#readyStart] as Message;
      this.#readyStart += 1;
      // Half of the array is behind us: let go of it, at a cost that spreads over the takes before.
      if (this.#readyStart > 1024 && this.#readyStart * 2 > this.#ready.length) {
        this.#ready = this.#ready.slice(this.#readyStart);
        this.#readyStart = 0;
      }
      if (message.state === 'ready') return message;
    }
    return undefined;
  }

  #hide(turn: Turn, message: Message, visibleAtMs: number): void {
    this.#leaveState(message);
    message.receiveCount += 1;
    message.firstReceivedAtMs ??= turn.now;
    message.visibleAtMs = visibleAtMs;
    this.#putVisibility(turn, message);
    // Even with a timeout of zero it passes through the heap, so that one receive cannot take it twice.
    this.#wait(message, 'in-flight');
  }

  #putVisibility(turn: Turn, message: Message): void {
    const { visibleAtMs, receiveCount, firstReceivedAtMs = turn.now } = message;
    const held = message.isHeld ? { isHeld: true as const } : {};
    const record = encodeVisibility({ visibleAtMs, receiveCount, firstReceivedAtMs, ...held });
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
      this.#bySequence.delete(message.sequence);
      this.#forget(message);
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
    turn.afterCommit(() => this.#announce());
  }

  #remove(turn: Turn, message: Message): void {
    turn.delete(messageKey(this.#record, message.sequence));
    if (message.receiveCount > 0) turn.delete(visibilityKey(this.#record, message.sequence));
    this.#bySequence.delete(message.sequence);
    this.#forget(message);
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

  #announce(): void {
    for (const consumer of this.#consumers) {
      // Most often the first takes all there is, and a thousand may be waiting.
      if (!this.hasReady()) return;
      consumer();
    }
  }

  #armWakeUp(): void {
    const next = this.#waiting.peek();
    if (this.#consumers.size === 0 || next === undefined) return;
    if (this.#wakeUp !== undefined && this.#wakeUp.atMs <= next.atMs) return;
    this.#wakeUp?.timer.cancel();
    const timer = this.#host.loop.timers.at(next.atMs, () => {
      this.#wakeUp = undefined;
      this.#announce();
      this.#armWakeUp();
    });
    this.#wakeUp = { atMs: next.atMs, timer };
  }
}

/** Whether an entry still stands for its message. */
function isWaiting({ message, atMs }: Waiting): boolean {
  return message.visibleAtMs === atMs && (message.state === 'delayed' || message.state === 'in-flight');
}

function isMostlyGone(entryCount: number, liveCount: number): boolean {
  return entryCount - liveCount > GONE_ENTRIES_MAX && entryCount > 2 * liveCount;
}
