/**
 * The line in front of all handlers while the store is behind (`storage/backlog.ts`). A disk that is slow or stalls
 * must not fill memory with what waits for it, so calls wait here, before they have changed anything. What they hold
 * meanwhile is bounded by the wire, in bytes of bodies and in number, and what comes on top is throttled there.
 *
 * Reads wait, too: nearly all of them would have to wait for the same commits before they may tell what they read.
 */
import { Fifo } from '../base/fifo.ts';
import type { Loop } from '../engine/loop.ts';
import { clientIsGone } from './errors.ts';

interface Waiting {
  readonly signal: AbortSignal;
  readonly begin: () => void;
  readonly refuse: (error: Error) => void;
}

/** Calls let in at one go: about 3 ms of small ones, so that what came in meanwhile is read. */
const ADMITTED_AT_ONCE_MAX = 100;

export class Admission {
  readonly #loop: Loop;
  readonly #line = new Fifo<Waiting>();
  #isAdmitting = false;

  constructor(loop: Loop) {
    this.#loop = loop;
    const unsubscribe = loop.store.onCommit(() => this.#admit());
    loop.onClose(() => {
      unsubscribe();
      this.#admit();
    });
  }

  /** True when whoever comes now goes in at once. */
  get isOpen(): boolean {
    return this.#line.size === 0 && !this.#isShut;
  }

  /** Calls `begin` when its turn has come; rejects without having done so when its client has gone by then. */
  wait<T>(signal: AbortSignal, begin: () => T | Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const start = (): void => {
      try {
        resolve(begin());
      } catch (error) {
        reject(error);
      }
    };
    this.#line.push({ signal, begin: start, refuse: reject });
    return promise;
  }

  /** A loop that is closed refuses by itself. */
  get #isShut(): boolean {
    return this.#loop.store.isBehind && !this.#loop.isClosed;
  }

  /** One after the other, each looked at anew: the first ones may bring as much as the disk can take. */
  #admit(): void {
    if (this.#isAdmitting) return;
    for (let count = 0; count < ADMITTED_AT_ONCE_MAX && !this.#isShut; count += 1) {
      const next = this.#line.take();
      if (next === undefined) return;
      if (next.signal.aborted) next.refuse(clientIsGone());
      else next.begin();
    }
    if (this.#line.size === 0 || this.#isShut) return;
    this.#isAdmitting = true;
    setImmediate(() => {
      this.#isAdmitting = false;
      this.#admit();
    });
  }
}
