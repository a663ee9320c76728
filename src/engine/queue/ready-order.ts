/**
 * The order in which a queue hands out messages that are ready. It is memory alone: the queue says what becomes of its
 * messages, and after a crash says it again. Standard queues hand out as messages became ready (`ArrivalOrder`), FIFO
 * queues by group (`group-order.ts`).
 */
import type { Position } from '../../storage/store.ts';
import type { Message } from './message.ts';

export interface ReadyOrder {
  /** Entries that stand in it, those of messages that are gone among them. */
  readonly entryCount: number;
  /** Whether a receive would find anything; `readyCount` is how many messages are ready. */
  hasNext(readyCount: number): boolean;
  /** A message belongs to the queue from now on. They come in the order of their sequence. */
  admit(message: Message): void;
  /** It is ready. */
  makeReady(message: Message): void;
  /** It was handed out. */
  hide(message: Message): void;
  /** It is not hidden any more; what it is instead is said next. */
  unhide(message: Message): void;
  /** It is gone for good, with the commit at `position`. */
  remove(message: Message, position: Position): void;
  /**
   * The next message of a receive; the queue then hides or removes it. A receive of one group alone may find nothing
   * more although other groups have something.
   */
  take(isOneGroup: boolean): Message | undefined;
  /** The receive is over. */
  taken(): void;
  /** Lets go of entries of messages that are gone, once they are many. */
  forgetGone(readyCount: number): void;
  /** Every message is gone. */
  clear(): void;
}

/**
 * Entries of messages that are gone stay in the orders until they come up, or until they are this many and more than
 * half of all: a message that was deleted at once must not cost memory for a visibility timeout of twelve hours.
 */
const GONE_ENTRIES_MAX = 1000;

export function isMostlyGone(entryCount: number, liveCount: number): boolean {
  return entryCount - liveCount > GONE_ENTRIES_MAX && entryCount > 2 * liveCount;
}

/** Of a standard queue: what became ready first is handed out first. */
export class ArrivalOrder implements ReadyOrder {
  #ready: Message[] = [];
  #start = 0;

  get entryCount(): number {
    return this.#ready.length - this.#start;
  }

  hasNext(readyCount: number): boolean {
    return readyCount > 0;
  }

  admit(): void {}

  makeReady(message: Message): void {
    this.#ready.push(message);
  }

  hide(): void {}

  unhide(): void {}

  remove(): void {}

  take(): Message | undefined {
    while (this.#start < this.#ready.length) {
      const message = this.#ready[this.#start] as Message;
      this.#start += 1;
      // Half of the array is behind us: let go of it, at a cost that spreads over the takes before.
      if (this.#start > 1024 && this.#start * 2 > this.#ready.length) this.#dropTaken();
      if (message.state === 'ready') return message;
    }
    return undefined;
  }

  taken(): void {}

  forgetGone(readyCount: number): void {
    if (!isMostlyGone(this.entryCount, readyCount)) return;
    this.#dropTaken();
    this.#ready = this.#ready.filter(({ state }) => state === 'ready');
  }

  clear(): void {
    this.#ready = [];
    this.#start = 0;
  }

  #dropTaken(): void {
    this.#ready = this.#ready.slice(this.#start);
    this.#start = 0;
  }
}
