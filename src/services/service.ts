/**
 * What a service is, and what each handler gets besides its input. The wire decodes a request, calls the handler
 * of its operation and encodes the answer; it knows nothing else of the services.
 *
 * Durability is kept here, once: the answer to a call waits until every position that the call wrote or read is
 * on disk (`answer`). A handler that says nothing waits for all that was committed before it answered, which is
 * always right; one on the data plane says with `readAt` what it really read.
 */
import type { Scope } from '../base/arn.ts';
import type { Loop, Turn } from '../engine/loop.ts';
import type { Position } from '../storage/store.ts';
import { Admission } from './admission.ts';
import { diskIsFull } from './errors.ts';

/** One request, as its handler sees it. */
export interface Call {
  readonly requestId: string;
  readonly scope: Scope;
  readonly accessKeyId: string | undefined;
  /** The Host header: URLs in answers echo what the caller used. */
  readonly host: string;
  /** Of the connection that the caller used, for the same. */
  readonly scheme: Scheme;
  /** Aborts when the client has gone away. */
  readonly signal: AbortSignal;
  /** Runs a turn and makes the answer wait for its commit. */
  turn<T>(decide: (turn: Turn) => T): T;
  /** Makes the answer wait for `position`, and for nothing but what was named so. */
  readAt(position: Position): void;
  /** Makes the answer wait for more than this region's disk; when it fails, so does the call. */
  waitFor(done: Promise<void>): void;
  /**
   * Throws `ServiceUnavailable` while the disk is nearly full. Whatever adds something asks first: reads, receives and
   * deletions go on, and so does the work that was admitted before, with what is left.
   */
  admit(): void;
}

export type Scheme = 'http' | 'https';

/** The request's facts that the wire knows. The scheme is `http` where it is not said. */
export type CallFacts = Pick<Call, 'requestId' | 'scope' | 'accessKeyId' | 'host' | 'signal'> &
  Partial<Pick<Call, 'scheme'>>;

// The input and output of a handler are checked against the generated types where a service builds its table; the
// table's readers (the wire) know them by name only.
export type Handler<Input = never, Output = unknown> = (input: Input, call: Call) => Output | Promise<Output>;

/** In the place of a handler: the operation exists in AWS's model and answers 501 until it is built. */
export const notImplemented = Symbol('notImplemented');

/** One entry for each operation of the generated interface, so that a forgotten one does not compile. */
export type HandlerTable<Operations extends Record<string, { input: unknown; output: unknown }>> = {
  readonly [Name in keyof Operations]:
    | Handler<Operations[Name]['input'], Operations[Name]['output']>
    | typeof notImplemented;
};

export interface Service {
  /** The name of the service's file in `src/api`. */
  readonly id: string;
  readonly handlers: Readonly<Record<string, Handler | typeof notImplemented>>;
}

class LoopCall implements Call {
  readonly requestId: string;
  readonly scope: Scope;
  readonly accessKeyId: string | undefined;
  readonly host: string;
  readonly scheme: Scheme;
  readonly #facts: CallFacts;
  readonly #loop: Loop;
  #waitFor: Position | undefined;
  #alsoWaitFor: Promise<void> | undefined;

  constructor(loop: Loop, facts: CallFacts) {
    this.#loop = loop;
    this.requestId = facts.requestId;
    this.scope = facts.scope;
    this.accessKeyId = facts.accessKeyId;
    this.host = facts.host;
    this.scheme = facts.scheme ?? 'http';
    this.#facts = facts;
  }

  /** Made by the wire when it is first asked for: an AbortController for each request would cost a microsecond. */
  get signal(): AbortSignal {
    return this.#facts.signal;
  }

  turn<T>(decide: (turn: Turn) => T): T {
    const { store } = this.#loop;
    const position = store.nextPosition;
    const waitedForBefore = this.#waitFor;
    try {
      const result = this.#loop.turn(decide);
      // A turn that changed nothing has read what was committed before it.
      this.readAt(Math.min(position, store.lastPosition));
      return result;
    } catch (error) {
      // A refusal that does not say what it has read may have read all that was committed.
      if (this.#waitFor === waitedForBefore) this.readAt(store.lastPosition);
      throw error;
    }
  }

  readAt(position: Position): void {
    this.#waitFor = Math.max(this.#waitFor ?? 0, position);
  }

  waitFor(done: Promise<void>): void {
    // Whoever gave it has no use for it; the answer hears of its failure, which may come before that is waited for.
    done.catch(() => undefined);
    const before = this.#alsoWaitFor;
    this.#alsoWaitFor = before === undefined ? done : Promise.all([before, done]).then(() => undefined);
  }

  admit(): void {
    if (!this.#loop.store.acceptsWrites) throw diskIsFull();
  }

  /** Undefined when the answer may leave at once. */
  settled(): Promise<void> | undefined {
    const { store } = this.#loop;
    const waitFor = this.#waitFor ?? store.lastPosition;
    const durable = waitFor <= store.durablePosition ? undefined : store.whenDurable(waitFor);
    const also = this.#alsoWaitFor;
    return also === undefined ? durable : Promise.resolve(durable).then(() => also);
  }
}

/**
 * Calls a handler, as soon as the disk can take what it may bring, and answers once all that it wrote or read is on
 * disk. The wire is given this by `server.ts`.
 */
export type Answer = (handler: Handler, input: unknown, facts: CallFacts) => Promise<unknown>;

export function answerWith(loop: Loop): Answer {
  const admission = new Admission(loop);
  return (handler, input, facts) =>
    admission.isOpen
      ? perform(loop, handler, input, facts)
      : admission.wait(facts.signal, () => perform(loop, handler, input, facts));
}

async function perform(loop: Loop, handler: Handler, input: unknown, facts: CallFacts): Promise<unknown> {
  // Also for what only reads: another node may have taken over, and answered differently.
  loop.assertOwned();
  const call = new LoopCall(loop, facts);
  let output: unknown;
  try {
    output = await handler(input as never, call);
  } catch (error) {
    // A refusal tells what it saw, too: "already exists" must not be taken back by a crash.
    await call.settled();
    throw error;
  }
  await call.settled();
  return output;
}
