/** Starting a store's threads, and asking them something and waiting for the answer. */
import { Worker } from 'node:worker_threads';
import { StoreFailedError } from '../store.ts';

/** A thread that runs a file of this folder: `.ts` in development, `.js` where it is built. */
export function startThread(name: 'writer' | 'helper', workerData: unknown): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./${name}.${extension}`, import.meta.url), {
    workerData,
    name: `store-${name}`,
  });
}

/** Resolves once the thread has ended. */
export function threadEnd(worker: Worker): Promise<void> {
  return new Promise((resolve) => worker.once('exit', () => resolve()));
}

/** Requests under way, by their ids. */
export class Requests {
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  /** Sends a request with an id of its own; resolves with the answer to it. */
  ask(send: (id: number) => void): Promise<unknown> {
    this.#lastId += 1;
    const request = Promise.withResolvers<unknown>();
    this.#open.set(this.#lastId, request);
    send(this.#lastId);
    return request.promise;
  }

  answer(id: number, result?: unknown): void {
    this.#open.get(id)?.resolve(result);
    this.#open.delete(id);
  }

  refuse(id: number, message: string): void {
    this.#open.get(id)?.reject(new StoreFailedError(message));
    this.#open.delete(id);
  }

  /** Resolves once none of the requests under way is open any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(Array.from(this.#open.values(), (request) => request.promise));
  }

  /** The other side is gone. */
  refuseAll(error: Error): void {
    for (const request of this.#open.values()) request.reject(error);
    this.#open.clear();
  }
}
