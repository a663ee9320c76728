/**
 * How busy the machine's cores are, from the system's own counters. The pool asks before it starts a further
 * process: where the cores are busy already, one more makes every invocation slower and none sooner.
 */
import { cpus } from 'node:os';
import type { Clock } from '../../base/clock.ts';

/** Milliseconds of all cores since the system started. */
export interface CpuTimes {
  readonly idleMs: number;
  readonly totalMs: number;
}

/** A share over less than this says nothing: the system counts in steps of 10 ms. */
const WINDOW_MS_MIN = 100;

export class CpuGauge {
  readonly #clock: Clock;
  readonly #read: () => CpuTimes;
  #before: CpuTimes & { readonly atMs: number };
  #busyShare = 0;

  constructor(clock: Clock, read: () => CpuTimes = readCpuTimes) {
    this.#clock = clock;
    this.#read = read;
    this.#before = { ...read(), atMs: clock.monotonicMs() };
  }

  /** Of the time since the last look that was long enough ago, from 0 to 1. */
  get busyShare(): number {
    const atMs = this.#clock.monotonicMs();
    if (atMs - this.#before.atMs < WINDOW_MS_MIN) return this.#busyShare;
    const now = this.#read();
    const totalMs = now.totalMs - this.#before.totalMs;
    if (totalMs > 0) this.#busyShare = 1 - (now.idleMs - this.#before.idleMs) / totalMs;
    this.#before = { ...now, atMs };
    return this.#busyShare;
  }
}

function readCpuTimes(): CpuTimes {
  let idleMs = 0;
  let totalMs = 0;
  for (const { times } of cpus()) {
    idleMs += times.idle;
    totalMs += times.idle + times.user + times.sys + times.nice + times.irq;
  }
  return { idleMs, totalMs };
}
