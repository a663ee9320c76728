/**
 * Deliveries that failed for now and are tried again: each has a record from its first failure on, so a restart goes
 * on where the attempts stood.
 *
 * AWS tries for 24 hours and up to 185 times, with backoff and jitter, and does not say at which intervals: doubling
 * from one second to eight minutes, less a jitter of up to half, makes 185 attempts in about 18 hours.
 */
import type { Target } from '../../api/events.ts';
import type { Scope } from '../../base/arn.ts';
import type { Timer } from '../../base/clock.ts';
import { uuid } from '../../base/ids.ts';
import { randomFloat } from '../../base/random.ts';
import { decodeHead, decodeRecord, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { scan } from '../../storage/scan.ts';
import type { Key, Value } from '../../storage/store.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { TraceEffect } from '../trace/trace-link.ts';
import type { Trace } from '../trace/trace.ts';
import type { BusCounts } from './bus-counts.ts';
import type { DeadLetters, Exhausted } from './dead-letters.ts';
import { findKind, type TargetKinds } from './targets/kinds.ts';
import { type Failure, permanentFailure } from './targets/target.ts';
import { runTimerTurn } from './timer-turn.ts';

const RETRY_ATTEMPTS_DEFAULT = 185;
export const EVENT_AGE_SECONDS_DEFAULT = 86_400;
const BACKOFF_MS_MIN = 1000;
const BACKOFF_MS_MAX = 480_000;
/** Deliveries that may wait at once; what fails beyond is given up, as loudly as any other. */
const WAITING_MAX = 100_000;

/** The record of a delivery; its texts are the event and, where it is not the event itself, the payload. */
interface DeliveryRecord extends Scope {
  readonly id: string;
  readonly ruleArn: string;
  readonly target: Target;
  readonly cause: Cause;
  readonly firstAtMs: number;
  readonly nextAtMs: number;
  /** Retries made so far. */
  readonly attempts: number;
}

export interface FailedDelivery {
  readonly scope: Scope;
  readonly ruleArn: string;
  readonly target: Target;
  readonly cause: Cause;
  readonly payload: string;
  readonly eventText: string;
  readonly failure: Failure;
}

export interface DeliveryHost {
  readonly loop: Loop;
  readonly kinds: TargetKinds;
  readonly deadLetters: DeadLetters;
  readonly trace: Trace;
  readonly counts: BusCounts;
}

function deliveryKey(delivery: Scope & { readonly id: string }): Key {
  return key(KEYSPACE.delivery, delivery.account, delivery.region, delivery.id);
}

function encodeDelivery(
  record: DeliveryRecord,
  { payload, eventText }: { readonly payload: string; readonly eventText: string },
): Value {
  return payload === eventText ? encodeRecord(record, eventText) : encodeRecord(record, eventText, payload);
}

export class Deliveries {
  readonly #host: DeliveryHost;
  readonly #waiting = new Map<Key, Timer>();

  constructor(host: DeliveryHost) {
    this.#host = host;
  }

  /** Takes up the deliveries that a crash or a shutdown left behind. */
  start(): void {
    const { store, quarantine } = this.#host.loop;
    quarantine.each('delivery', scan(store, prefixRange(key(KEYSPACE.delivery))), (entry) =>
      this.#wait(entry.key, decodeHead<DeliveryRecord>(entry.value).nextAtMs),
    );
  }

  close(): void {
    for (const timer of this.#waiting.values()) timer.cancel();
  }

  /** Deliveries that wait for their next attempt. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Keeps a failed delivery for another attempt, or gives it up; answers what to record in the trace. */
  fail(turn: Turn, failed: FailedDelivery): TraceEffect {
    const { scope, ruleArn, target, cause, payload, eventText, failure } = failed;
    this.#host.counts.failed += 1;
    const { account, region } = scope;
    const identity = { account, region, id: '', ruleArn, target, cause };
    const first: DeliveryRecord = { ...identity, firstAtMs: turn.now, nextAtMs: turn.now, attempts: 0 };
    const next = this.#nextAttempt(turn, first, failure);
    if (next.kind === 'give-up') return this.#giveUp(turn, first, { eventText, ...next });
    const record: DeliveryRecord = { ...first, id: uuid(turn.random), nextAtMs: next.atMs };
    turn.put(deliveryKey(record), encodeDelivery(record, { payload, eventText }));
    this.#wait(deliveryKey(record), record.nextAtMs);
    return {
      kind: 'delivery',
      id: record.id,
      detail: { rule: ruleArn, target: target.Arn, error: failure.code, message: failure.message },
    };
  }

  /** Gives up what could not be tried again before its time was over; answers what to record in the trace. */
  expire(turn: Turn, failed: FailedDelivery): TraceEffect {
    this.#host.counts.failed += 1;
    const exhausted = { condition: 'MaximumEventAgeInSeconds', attempts: 0 } as const;
    return this.#host.deadLetters.take(turn, { ...failed, exhausted });
  }

  #wait(recordKey: Key, atMs: number): void {
    const { timers } = this.#host.loop;
    this.#waiting.set(
      recordKey,
      timers.at(atMs, () => {
        this.#waiting.delete(recordKey);
        runTimerTurn(this.#host.loop, `delivery ${recordKey}`, (turn) => this.#attempt(turn, recordKey));
      }),
    );
  }

  #attempt(turn: Turn, recordKey: Key): void {
    const value = this.#host.loop.store.get(recordKey);
    if (value === undefined) return;
    const { head: record, texts } = decodeRecord<DeliveryRecord>(value);
    const [eventText = '', payload = eventText] = texts;
    const { target, cause, ruleArn } = record;
    const kind = findKind(this.#host.kinds, target.Arn);
    const outcome =
      kind?.deliver(turn, { target, scope: record, ruleArn, payload, cause, event: undefined }) ??
      permanentFailure('NO_RESOURCE', `There are no targets such as ${target.Arn} here.`);
    if (outcome.kind === 'delivered') {
      this.#host.counts.delivered += 1;
      turn.delete(recordKey);
      this.#host.trace.effect(turn, cause, {
        ...outcome.effect,
        detail: { rule: record.ruleArn, target: target.Arn, delivery: record.id },
      });
      return;
    }
    this.#host.counts.failed += 1;
    const tried = { ...record, attempts: record.attempts + 1 };
    const next = this.#nextAttempt(turn, tried, outcome);
    if (next.kind === 'retry') {
      turn.put(recordKey, encodeDelivery({ ...tried, nextAtMs: next.atMs }, { payload, eventText }));
      this.#wait(recordKey, next.atMs);
      return;
    }
    turn.delete(recordKey);
    this.#host.trace.effect(turn, cause, this.#giveUp(turn, tried, { eventText, ...next }));
  }

  #nextAttempt(
    turn: Turn,
    record: DeliveryRecord,
    failure: Failure,
  ): { kind: 'retry'; atMs: number } | { kind: 'give-up'; failure: Failure; exhausted?: Exhausted } {
    if (!failure.isRetryable || this.#waiting.size >= WAITING_MAX) return { kind: 'give-up', failure };
    const { attempts, target, firstAtMs } = record;
    const {
      MaximumRetryAttempts: attemptsMax = RETRY_ATTEMPTS_DEFAULT,
      MaximumEventAgeInSeconds: ageSecondsMax = EVENT_AGE_SECONDS_DEFAULT,
    } = target.RetryPolicy ?? {};
    if (attempts >= attemptsMax) {
      return { kind: 'give-up', failure, exhausted: { condition: 'MaximumRetryAttempts', attempts } };
    }
    const backoffMs = Math.min(BACKOFF_MS_MIN * 2 ** attempts, BACKOFF_MS_MAX);
    // Jitter spreads a herd that failed together over the second half of its wait.
    const atMs = turn.now + Math.round(backoffMs * (0.5 + randomFloat(turn.random) / 2));
    if (atMs > firstAtMs + ageSecondsMax * 1000) {
      return { kind: 'give-up', failure, exhausted: { condition: 'MaximumEventAgeInSeconds', attempts } };
    }
    return { kind: 'retry', atMs };
  }

  #giveUp(
    turn: Turn,
    record: DeliveryRecord,
    end: { readonly failure: Failure; readonly exhausted?: Exhausted; readonly eventText: string },
  ): TraceEffect {
    const { ruleArn, target, cause } = record;
    const { failure, exhausted, eventText } = end;
    return this.#host.deadLetters.take(turn, {
      ruleArn,
      target,
      cause,
      eventText,
      failure,
      ...(exhausted === undefined ? {} : { exhausted }),
    });
  }
}
