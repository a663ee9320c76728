/**
 * The order of a FIFO queue: within a group messages are handed out by their sequence, and while one of a group is
 * hidden, nothing else of that group is. Groups do not wait for each other.
 *
 * A group keeps all its messages, whatever their state, by sequence: one that comes back stands where it stood. A
 * group that can be handed out is listed once; an entry that no longer holds is passed over when it comes up. As at
 * AWS a receive takes as many of one group as it may before it goes on to the next.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
import { invariant } from '../../base/assert.ts';
import { Fifo } from '../../base/fifo.ts';
import type { Position } from '../../storage/store.ts';
import type { Message } from './message.ts';
import type { ReadyOrder } from './ready-order.ts';

/** Messages of a group that are gone behind one that is not; more than this and half of all are let go. */
const GONE_BEHIND_MAX = 64;

class Group {
  readonly id: string;
  #messages: Message[] = [];
  /** Where the oldest that is not gone stands. */
  #start = 0;
  /** What the receive that has the group takes next. */
  #cursor = 0;
  liveCount = 0;
  hiddenCount = 0;
  isListed = false;
  /** The last commit that removed one of its messages: what stood behind that one is seen only after it. */
  removedAt: Position = 0;

  constructor(id: string) {
    this.id = id;
  }

  get entryCount(): number {
    return this.#messages.length - this.#start;
  }

  /** Nothing of it is hidden, and the oldest is neither delayed nor gone. */
  get canBeTaken(): boolean {
    return this.hiddenCount === 0 && this.#messages[this.#start]?.state === 'ready';
  }

  admit(message: Message): void {
    this.#messages.push(message);
    this.liveCount += 1;
  }

  /** Takes note that one of its messages is gone. */
  remove(): void {
    this.liveCount -= 1;
    while (this.#messages[this.#start]?.state === 'gone') this.#start += 1;
  }

  /** A receive begins to take from it. Indices change here alone. */
  open(): void {
    const { entryCount, liveCount } = this;
    if (this.#start > GONE_BEHIND_MAX && this.#start > entryCount) this.#dropBefore();
    if (entryCount - liveCount > GONE_BEHIND_MAX && entryCount > 2 * liveCount) {
      this.#messages = this.#messages.filter(({ state }) => state !== 'gone');
      this.#start = 0;
    }
    this.#cursor = this.#start;
  }

  /** The next in order, as long as none that is not ready stands before it. */
  take(): Message | undefined {
    while (this.#messages[this.#cursor]?.state === 'gone') this.#cursor += 1;
    const message = this.#messages[this.#cursor];
    if (message?.state !== 'ready') return undefined;
    this.#cursor += 1;
    return message;
  }

  #dropBefore(): void {
    this.#messages = this.#messages.slice(this.#start);
    this.#start = 0;
  }
}

export class GroupOrder implements ReadyOrder {
  readonly #groups = new Map<string, Group>();
  #listed = new Fifo<Group>();
  /** The group that the current receive takes from. */
  #open: Group | undefined;

  get entryCount(): number {
    let count = this.#listed.size;
    for (const group of this.#groups.values()) count += group.entryCount;
    return count;
  }

  hasNext(): boolean {
    for (let group = this.#listed.first; group !== undefined; group = this.#listed.first) {
      if (group.canBeTaken) return true;
      this.#unlist();
    }
    return false;
  }

  admit(message: Message): void {
    const id = groupIdOf(message);
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = new Group(id);
      this.#groups.set(id, group);
    }
    group.admit(message);
  }

  makeReady(message: Message): void {
    this.#list(this.#groupOf(message));
  }

  hide(message: Message): void {
    this.#groupOf(message).hiddenCount += 1;
  }

  unhide(message: Message): void {
    this.#groupOf(message).hiddenCount -= 1;
  }

  remove(message: Message, position: Position): void {
    const group = this.#groupOf(message);
    group.removedAt = position;
    group.remove();
    // What is sent to it later is committed after what removed this one: nothing needs to be remembered.
    if (group.liveCount === 0) this.#groups.delete(group.id);
    else this.#list(group);
  }

  take(isOneGroup: boolean): Message | undefined {
    for (let group = this.#open ?? this.#openNext(); group !== undefined; group = this.#openNext()) {
      const message = group.take();
      if (message !== undefined) {
        message.position = Math.max(message.position, group.removedAt);
        return message;
      }
      if (isOneGroup && group.hiddenCount > 0) return undefined;
      this.taken();
    }
    return undefined;
  }

  taken(): void {
    const group = this.#open;
    this.#open = undefined;
    // Nothing of it was handed out, or the receive stopped short.
    if (group !== undefined) this.#list(group);
  }

  forgetGone(): void {}

  clear(): void {
    this.#groups.clear();
    this.#listed = new Fifo();
    this.#open = undefined;
  }

  #groupOf(message: Message): Group {
    const group = this.#groups.get(groupIdOf(message));
    invariant(group !== undefined, 'a message of a FIFO queue stands in its group');
    return group;
  }

  #openNext(): Group | undefined {
    if (!this.hasNext()) return undefined;
    this.#open = this.#unlist();
    this.#open?.open();
    return this.#open;
  }

  /** The group that a receive has is listed again when the receive is over. */
  #list(group: Group): void {
    if (group.isListed || group === this.#open || !group.canBeTaken) return;
    group.isListed = true;
    this.#listed.push(group);
  }

  #unlist(): Group | undefined {
    const group = this.#listed.take();
    if (group !== undefined) group.isListed = false;
    return group;
  }
}

function groupIdOf({ head: { groupId } }: Message): string {
  invariant(groupId !== undefined, 'a message of a FIFO queue has a group');
  return groupId;
}
