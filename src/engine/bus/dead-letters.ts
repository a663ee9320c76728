/**
 * Where an event goes that a target will never get: to the dead-letter queue of the target as a message that says
 * why, or nowhere, and then the trace and a counter say so.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
import { hash } from 'node:crypto';
import type { Target } from '../../api/events.ts';
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';
import type { MessageAttributes } from '../queue/message.ts';
import type { TraceEffect } from '../trace/trace-link.ts';
import type { BusCounts } from './bus-counts.ts';
import { isLongerThan, type QueueLookup, SENDER_ID } from './targets/queue.ts';
import type { Failure } from './targets/target.ts';

/** Why retries came to their end. */
export interface Exhausted {
  readonly condition: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';
  readonly attempts: number;
}

export interface Undeliverable {
  readonly ruleArn: string;
  readonly target: Target;
  readonly cause: Cause;
  /** The original event as JSON text: what the dead letter holds. */
  readonly eventText: string;
  readonly failure: Failure;
  readonly exhausted?: Exhausted;
}

export class DeadLetters {
  readonly #queues: QueueLookup;
  readonly #counts: BusCounts;

  constructor(queues: QueueLookup, counts: BusCounts) {
    this.#queues = queues;
    this.#counts = counts;
  }

  /** Sends the dead letter in the turn; answers what to record in the trace. */
  take(turn: Turn, undeliverable: Undeliverable): TraceEffect {
    const { ruleArn, target, failure, cause, eventText } = undeliverable;
    const detail = { rule: ruleArn, target: target.Arn, error: failure.code, message: failure.message };
    const arn = target.DeadLetterConfig?.Arn;
    const queue = arn === undefined ? undefined : this.#queues.find(arn);
    // A FIFO queue takes no dead letters of rules: they have no group.
    const takesIt = queue !== undefined && !queue.isFifo;
    if (!takesIt || isLongerThan(eventText, queue.config.messageSizeBytesMax)) {
      this.#counts.dropped += 1;
      return { kind: 'dropped', id: cause.id, detail };
    }
    this.#counts.deadLettered += 1;
    const { head } = queue.send(turn, {
      body: eventText,
      senderId: SENDER_ID,
      bodyMd5: hash('md5', eventText),
      attributes: deadLetterAttributes(undeliverable),
      cause,
    });
    return { kind: 'message', id: head.id, detail: { ...detail, deadLetterQueue: queue.arn } };
  }
}

function deadLetterAttributes({ ruleArn, target, failure, exhausted }: Undeliverable): MessageAttributes {
  const texts: Record<string, string> = {
    RULE_ARN: ruleArn,
    TARGET_ARN: target.Arn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    ...(exhausted === undefined
      ? {}
      : { EXHAUSTED_RETRY_CONDITION: exhausted.condition, RETRY_ATTEMPTS: String(exhausted.attempts) }),
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
  );
}
