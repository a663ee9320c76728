/**
 * Receives that can be repeated: a receiver that got no answer asks again with the same ReceiveRequestAttemptId, and
 * gets the same messages with the same handles, as long as nothing became of them since. What they belong to is in
 * the record of each message's visibility, so it comes back after a crash.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
import type { AttemptId, Message } from './message.ts';

const REPEATABLE_MS = 300_000;

export interface Attempt extends AttemptId {
  /** In the order in which they were handed out. */
  readonly messages: Message[];
}

export class ReceiveAttempts {
  /** Those of which all messages are still hidden: no more than there are messages in flight. */
  readonly #byId = new Map<string, Attempt>();

  find(id: string, now: number): Attempt | undefined {
    const attempt = this.#byId.get(id);
    return attempt === undefined || attempt.atMs + REPEATABLE_MS <= now ? undefined : attempt;
  }

  /** The attempt that a message is handed out for: known from its first message on. */
  add({ id, atMs }: AttemptId, message: Message): void {
    let attempt = this.#byId.get(id);
    if (attempt?.atMs !== atMs) {
      attempt = { id, atMs, messages: [] };
      this.#byId.set(id, attempt);
    }
    attempt.messages.push(message);
    message.attempt = attempt;
  }

  /** Something became of one of its messages. */
  end({ id, atMs }: AttemptId): void {
    if (this.#byId.get(id)?.atMs === atMs) this.#byId.delete(id);
  }
}
