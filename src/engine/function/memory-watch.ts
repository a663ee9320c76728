/**
 * Where there is no cgroup: looks once a second at what each process uses, with the children it has, and kills one
 * that uses more than its function has.
 */
import { readFileSync } from 'node:fs';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Environment } from './environment.ts';

const INTERVAL_MS = 1000;

/** bubblewrap starts a child that starts the runtime; what a handler starts itself is counted a level deep. */
const DEPTH_MAX = 3;

const PAGE_SIZE_BYTES = 4096;
const MEBIBYTE = 1024 * 1024;

/** An idle Node is past the smallest function, 128 MB, once it has loaded an SDK, where AWS counts less for it. */
const ALLOWANCE_MB = 64;

export class MemoryWatch {
  readonly #clock: Clock;
  readonly #watched = new Set<Environment>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers the function that ends the watch. */
  watch(environment: Environment): () => void {
    this.#watched.add(environment);
    this.#arm();
    return () => {
      this.#watched.delete(environment);
      if (this.#watched.size > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
    };
  }

  #arm(): void {
    this.#timer ??= this.#clock.callAt(this.#clock.now() + INTERVAL_MS, () => {
      this.#timer = undefined;
      for (const environment of this.#watched) {
        const limitBytes = (environment.spec.memorySizeMb + ALLOWANCE_MB) * MEBIBYTE;
        if (residentBytes(environment.pid, DEPTH_MAX) > limitBytes) environment.killForMemory();
      }
      if (this.#watched.size > 0) this.#arm();
    });
  }
}

/** 0 for a process that is gone, and on machines without /proc. */
function residentBytes(pid: number | undefined, depthMax: number): number {
  if (pid === undefined || depthMax === 0) return 0;
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const own = Number(pages) * PAGE_SIZE_BYTES;
    return children.reduce((sum, child) => sum + residentBytes(Number(child), depthMax - 1), own);
  } catch {
    return 0;
  }
}
