/** What goes into a queue and comes out of it. */
import type { MessageHead } from './message.ts';

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
  /** Of a FIFO queue: messages of one group alone. */
  readonly isOneGroup?: boolean;
  /** Of a FIFO queue: the same receive again when it was given before. */
  readonly attemptId?: string | undefined;
}

/** What a sender is told. */
export interface Sent {
  readonly id: string;
  /** Of a FIFO queue, as the API shows it. */
  readonly sequenceNumber: string | undefined;
}

export interface QueueCounts {
  readonly ready: number;
  readonly delayed: number;
  readonly inFlight: number;
}
