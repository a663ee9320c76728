/**
 * Asynchronous invocations: each is a record from the commit that asked for it until it has succeeded or is given up.
 *
 *     waiting -> active -> gone
 *        ^          |
 *        +-- due ---+   the function failed: again after 1 and after 2 minutes, then given up
 *                       no room, or the platform failed: again with backoff, until it is 6 hours old
 *
 * A crash while one is active makes it again, with the same request id.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import type { Timer } from '../../base/clock.ts';
import { AwsError, errorMessage } from '../../base/errors.ts';
import { Fifo } from '../../base/fifo.ts';
import { decodeHead, decodeRecord, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import { scan } from '../../storage/scan.ts';
import type { Key } from '../../storage/store.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { FunctionAnswer, SyncFunctionCall } from './ports.ts';

const RETRY_DELAYS_MS: readonly number[] = [60_000, 120_000];
const AGE_MS_MAX = 6 * 3_600_000;
const BACKOFF_MS_MIN = 1000;
const BACKOFF_MS_MAX = 300_000;

/** Of one function at a time; the others keep their order in memory, without their payloads. */
const ACTIVE_COUNT_MAX = 64;

interface InvocationHead {
  readonly requestId: string;
  /** As the caller named it, with its qualifier. */
  readonly functionArn: string;
  readonly cause: Cause;
  readonly enqueuedAtMs: number;
  readonly dueAtMs: number;
  /** How often the function has failed it. */
  readonly failures: number;
  /** How often it could not even be made. */
  readonly refusals: number;
}

interface Pending {
  readonly key: Key;
  head: InvocationHead;
}

/** The invocations of one function. */
interface Line {
  readonly ready: Fifo<Pending>;
  activeCount: number;
}

export interface AsyncInvocationsOptions {
  readonly loop: Loop;
  readonly invoke: (call: SyncFunctionCall) => Promise<FunctionAnswer>;
}

export class AsyncInvocations {
  readonly #loop: Loop;
  readonly #invoke: AsyncInvocationsOptions['invoke'];
  readonly #lines = new Map<string, Line>();
  readonly #timers = new Set<Timer>();
  #nextSequence = 0;
  #isClosed = false;

  constructor({ loop, invoke }: AsyncInvocationsOptions) {
    this.#loop = loop;
    this.#invoke = invoke;
  }

  /** Takes up what a crash or a shutdown left. */
  start(): void {
    for (const entry of scan(this.#loop.store, prefixRange(key(KEYSPACE.invocation)))) {
      const [, sequence] = keyParts(entry.key, ['text', 'number']);
      this.#nextSequence = Math.max(this.#nextSequence, Number(sequence) + 1);
      this.#loop.quarantine.guard('invocation', entry.key, () =>
        this.#schedule({ key: entry.key, head: decodeHead<InvocationHead>(entry.value) }),
      );
    }
  }

  /** Nothing that ends from now on counts: it will be made again after the next start. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) timer.cancel();
  }

  enqueue(
    turn: Turn,
    call: { requestId: string; functionArn: string; payloadText: string; cause: Cause },
  ): void {
    const { payloadText, ...named } = call;
    const head: InvocationHead = {
      ...named,
      enqueuedAtMs: turn.now,
      dueAtMs: turn.now,
      failures: 0,
      refusals: 0,
    };
    const pending: Pending = { key: key(KEYSPACE.invocation, this.#nextSequence), head };
    this.#nextSequence += 1;
    turn.put(pending.key, encodeRecord(head, payloadText));
    turn.afterCommit(() => this.#ready(pending));
  }

  #schedule(pending: Pending): void {
    if (pending.head.dueAtMs <= this.#loop.clock.now()) {
      this.#ready(pending);
      return;
    }
    const timer = this.#loop.timers.at(pending.head.dueAtMs, () => {
      this.#timers.delete(timer);
      this.#ready(pending);
    });
    this.#timers.add(timer);
  }

  #ready(pending: Pending): void {
    const { functionArn } = pending.head;
    const line = this.#lines.get(functionArn) ?? { ready: new Fifo(), activeCount: 0 };
    this.#lines.set(functionArn, line);
    line.ready.push(pending);
    this.#work(line);
  }

  #work(line: Line): void {
    while (line.activeCount < ACTIVE_COUNT_MAX && !this.#isClosed) {
      const pending = line.ready.take();
      if (pending === undefined) return;
      line.activeCount += 1;
      void this.#perform(pending).finally(() => {
        line.activeCount -= 1;
        this.#work(line);
        if (line.activeCount === 0) this.#lines.delete(pending.head.functionArn);
      });
    }
  }

  async #perform(pending: Pending): Promise<void> {
    const { requestId, functionArn, cause } = pending.head;
    let failure: { readonly isFunctions: boolean; readonly text: string } | undefined;
    try {
      const value = this.#loop.store.get(pending.key);
      if (value === undefined) return;
      const [payloadText = 'null'] = decodeRecord(value).texts;
      const answer = await this.#invoke({ requestId, functionArn, payloadText, cause });
      if (answer.functionError !== undefined) failure = { isFunctions: true, text: answer.payloadText };
    } catch (error) {
      const isGone = error instanceof AwsError && error.code === 'ResourceNotFoundException';
      failure = { isFunctions: isGone, text: errorMessage(error) };
      if (isGone) pending.head = { ...pending.head, failures: RETRY_DELAYS_MS.length };
    }
    if (this.#isClosed) return;
    if (failure === undefined) this.#loop.turn((turn) => turn.delete(pending.key));
    else this.#retry(pending, failure);
  }

  #retry(pending: Pending, failure: { readonly isFunctions: boolean; readonly text: string }): void {
    const { head } = pending;
    const now = this.#loop.clock.now();
    const delayMs = failure.isFunctions
      ? RETRY_DELAYS_MS[head.failures]
      : Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** head.refusals);
    if (delayMs === undefined || now + delayMs - head.enqueuedAtMs > AGE_MS_MAX) {
      const { requestId, functionArn } = head;
      this.#loop.log.warn(
        { requestId, functionArn, error: failure.text.slice(0, 1000) },
        'gave up an asynchronous invocation',
      );
      this.#loop.turn((turn) => turn.delete(pending.key));
      return;
    }
    const failures = head.failures + (failure.isFunctions ? 1 : 0);
    const refusals = head.refusals + (failure.isFunctions ? 0 : 1);
    const next = { ...head, failures, refusals, dueAtMs: now + delayMs };
    this.#loop.turn((turn) => {
      const value = this.#loop.store.get(pending.key);
      if (value === undefined) return;
      turn.put(pending.key, encodeRecord(next, ...decodeRecord(value).texts));
      turn.afterCommit(() => this.#schedule({ key: pending.key, head: next }));
    });
  }
}
