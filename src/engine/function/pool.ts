/**
 * Warm processes, a group for each version of a function, one invocation at a time in each.
 *
 * An invocation goes to the idle process that was used last, else it waits its turn. A second process is started
 * only when somebody has waited longer than half a cold start takes and the processes that run have no time left:
 * handlers of a millisecond are served by a few processes however many invocations wait, slow ones get as many as
 * they need. Functions own the pool and limit what a
 * function may have in flight; the pool limits what the machine can hold.
 */
import { availableParallelism, totalmem } from 'node:os';
import type { Clock, Timer } from '../../base/clock.ts';
import { AwsError, errorMessage } from '../../base/errors.ts';
import { CpuGauge, type CpuTimes } from './cpu-gauge.ts';
import type { Environment, EnvironmentEvents, Invocation, Outcome, Settle } from './environment.ts';
import { LaunchError, type Launcher } from './launcher.ts';
import { Occupancy } from './occupancy.ts';
import type { FunctionSpec } from './spec.ts';

export interface PoolOptions {
  readonly launcher: Launcher;
  /** Steers how long idle processes are kept. */
  readonly clock: Clock;
  /** Real time, for how long invocations have waited. */
  readonly processClock: Clock;
  /** Processes of all functions together. Default: what half of the memory holds, at most AWS's 1,000. */
  readonly processCountMax?: number;
  /**
   * Processes that a function gets without anybody having waited. Default: 2 a core, at least 4. While the server's
   * thread goes round once, through all requests that have come, each of them has done one invocation.
   */
  readonly eagerCount?: number;
  /** Default: 10 minutes. */
  readonly idleMsMax?: number;
  /** For tests that need busy or idle cores. Default: asks the system. */
  readonly cpuTimes?: () => CpuTimes;
}

/** Half of a cold start (31 ms for Node, 101 ms for Python, measured). */
const SCALE_UP_DELAY_MS = 25;

/** Cores this busy have no room for a further process: one more makes every invocation slower and none sooner. */
const BUSY_SHARE_MAX = 0.9;

/** Whoever has waited this long gets a further process even so: those that run may all wait for something else. */
const BUSY_WAIT_MS_MAX = 3000;

/**
 * Of the time of the processes that run. Below it they are not what invocations wait for: with a backlog of handlers
 * of 0.1 ms each look found somebody who had waited for 25 ms, and cold starts took two thirds of a core.
 */
const OCCUPIED_SHARE_MIN = 0.5;

/** Cold starts of one function at a time: each takes a core for its whole length. */
const STARTS_AT_ONCE_MAX = 2;

/** Invocations that may wait for a process of one function. */
const WAITING_COUNT_MAX = 10_000;

/** An invocation that has found no process by then never will: everything is busy with longer ones. */
const WAITING_MS_MAX = 60_000;

/** A process is replaced before the credentials that it was started with can end (`role-credentials.ts`). */
const PROCESS_AGE_MS_MAX = 5 * 3_600_000;

/** A Node process measured 62 MB at rest. */
const PROCESS_SIZE_BYTES = 100 * 1024 * 1024;

/** Processes that end before they see their invocation, one after the other, before it is given up. */
const ATTEMPTS_MAX = 3;

interface Waiting {
  readonly invocation: Invocation;
  readonly settle: (outcome: Outcome) => void;
  readonly refuse: (error: AwsError) => void;
  readonly sinceMs: number;
  attempts: number;
}

interface Idle {
  readonly environment: Environment;
  readonly sinceMs: number;
}

interface Group {
  readonly spec: FunctionSpec;
  readonly environments: Set<Environment>;
  /** The one used last is at the end and is used first. */
  readonly idle: Idle[];
  readonly waiting: Waiting[];
  readonly occupancy: Occupancy;
  /** Started and not dead, ready or not. */
  liveCount: number;
  startingCount: number;
  /** When the last process was started, by the monotonic clock. */
  startedAtMs: number;
  scaleUp: Timer | undefined;
}

export interface PoolCounts {
  readonly idle: number;
  readonly busy: number;
  readonly starting: number;
  readonly waiting: number;
}

export class FunctionPool {
  readonly #options: PoolOptions;
  readonly #groups = new Map<string, Group>();
  readonly #processCountMax: number;
  readonly #eagerCount: number;
  readonly #idleMsMax: number;
  readonly #cpu: CpuGauge;
  #processCount = 0;
  #reaper: Timer | undefined;
  #closed: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    const affordable = Math.floor(totalmem() / 2 / PROCESS_SIZE_BYTES);
    this.#processCountMax = options.processCountMax ?? Math.min(1000, Math.max(16, affordable));
    this.#eagerCount = options.eagerCount ?? Math.max(4, 2 * availableParallelism());
    this.#idleMsMax = options.idleMsMax ?? 10 * 60_000;
    this.#cpu = new CpuGauge(options.processClock, options.cpuTimes);
  }

  /** Rejects with `TooManyRequestsException` when no process could be had. */
  invoke(spec: FunctionSpec, invocation: Invocation): Promise<Outcome> {
    return new Promise((settle, refuse) => {
      if (this.#closed !== undefined) return refuse(serviceStopping());
      const group = this.#group(spec);
      const sinceMs = this.#options.processClock.monotonicMs();
      const waiting: Waiting = { invocation, settle, refuse, sinceMs, attempts: 0 };
      const idle = this.#takeIdle(group);
      if (idle !== undefined) return this.#dispatch(group, idle, waiting);
      if (group.waiting.length >= WAITING_COUNT_MAX) return refuse(tooManyRequests());
      group.waiting.push(waiting);
      if (group.liveCount < this.#eagerCount) this.#startOne(group);
      this.#watchWaiting(group);
    });
  }

  /** The spec of this key is out of date: its processes end once they are idle. */
  retire(key: string): void {
    const group = this.#groups.get(key);
    for (const environment of group?.environments ?? []) environment.retire();
  }

  counts(key: string): PoolCounts {
    const group = this.#groups.get(key);
    const environments = [...(group?.environments ?? [])];
    return {
      idle: environments.filter(({ isIdle }) => isIdle).length,
      busy: environments.filter(({ isBusy }) => isBusy).length,
      starting: environments.filter(({ isIdle, isBusy }) => !isIdle && !isBusy).length,
      waiting: group?.waiting.length ?? 0,
    };
  }

  /** Ends every process; invocations in hand fail. Resolves once they are gone. */
  async close(): Promise<void> {
    const gone = new Promise<void>((resolve) => (this.#closed = resolve));
    this.#reaper?.cancel();
    for (const group of this.#groups.values()) {
      group.scaleUp?.cancel();
      for (const { refuse } of group.waiting.splice(0)) refuse(serviceStopping());
      for (const environment of group.environments) environment.kill();
    }
    if (this.#processCount > 0) await gone;
  }

  #group(spec: FunctionSpec): Group {
    let group = this.#groups.get(spec.key);
    if (group === undefined) {
      group = {
        spec,
        environments: new Set(),
        idle: [],
        waiting: [],
        occupancy: new Occupancy(this.#options.processClock),
        liveCount: 0,
        startingCount: 0,
        startedAtMs: -Infinity,
        scaleUp: undefined,
      };
      this.#groups.set(spec.key, group);
    }
    return group;
  }

  #takeIdle(group: Group): Environment | undefined {
    for (;;) {
      const environment = group.idle.pop()?.environment;
      if (environment === undefined || (environment.isIdle && environment.isAlive)) return environment;
    }
  }

  #dispatch(group: Group, environment: Environment, waiting: Waiting): void {
    const settle: Settle = (outcome) => {
      if (outcome !== 'unreached') return waiting.settle(outcome);
      waiting.attempts += 1;
      if (this.#closed !== undefined) return waiting.refuse(serviceStopping());
      if (waiting.attempts >= ATTEMPTS_MAX) return waiting.refuse(serviceFailed('the process ended early'));
      group.waiting.unshift(waiting);
      this.#startOne(group);
      this.#watchWaiting(group);
    };
    environment.invoke(waiting.invocation, settle);
  }

  #startOne(group: Group): void {
    if (this.#closed !== undefined) return;
    // One that is starting already is for somebody who waits.
    if (group.startingCount >= Math.min(STARTS_AT_ONCE_MAX, group.waiting.length)) return;
    if (this.#processCount >= this.#processCountMax && !this.#endIdleOfOthers(group)) return;
    group.liveCount += 1;
    group.startingCount += 1;
    group.startedAtMs = this.#options.processClock.monotonicMs();
    this.#processCount += 1;
    this.#options.launcher.start(group.spec, this.#events(group)).then(
      (environment) => {
        // It may have ended before anybody could be told of it.
        if (environment.isAlive) group.environments.add(environment);
        if (this.#closed !== undefined) environment.kill();
      },
      (error: unknown) => {
        group.liveCount -= 1;
        group.startingCount -= 1;
        this.#countDown();
        this.#refuseStart(group, error);
      },
    );
  }

  #refuseStart(group: Group, error: unknown): void {
    const waiting = group.waiting.shift();
    if (error instanceof LaunchError) {
      const { errorType } = error;
      const message = `RequestId: ${waiting?.invocation.requestId} ${error.message}`;
      waiting?.settle({ payloadText: JSON.stringify({ errorType, errorMessage: message }), isError: true });
    } else {
      waiting?.refuse(serviceFailed(errorMessage(error)));
    }
    this.#startForWaiting(group);
  }

  #events(group: Group): EnvironmentEvents {
    let isStarting = true;
    const started = (): void => {
      if (isStarting) group.startingCount -= 1;
      isStarting = false;
    };
    return {
      free: (environment) => {
        started();
        this.#serve(group, environment);
      },
      answered: (handlerMs) => group.occupancy.add(handlerMs),
      dead: (environment, initError) => {
        started();
        group.liveCount -= 1;
        group.environments.delete(environment);
        if (initError !== undefined) group.waiting.shift()?.settle({ payloadText: initError, isError: true });
        this.#startForWaiting(group);
      },
      ended: () => this.#countDown(),
    };
  }

  #serve(group: Group, environment: Environment): void {
    if (environment.ageMs > PROCESS_AGE_MS_MAX) return environment.kill();
    const waiting = group.waiting.shift();
    if (waiting !== undefined) {
      this.#dispatch(group, environment, waiting);
    } else {
      group.idle.push({ environment, sinceMs: this.#options.clock.now() });
      this.#watchIdle();
    }
  }

  /** Nobody would start a process for those who wait when the last one of their group has died. */
  #startForWaiting(group: Group): void {
    if (group.waiting.length > 0 && group.liveCount === 0) this.#startOne(group);
    if (group.waiting.length > 0) this.#watchWaiting(group);
  }

  #countDown(): void {
    this.#processCount -= 1;
    if (this.#processCount === 0) this.#closed?.();
  }

  #watchWaiting(group: Group): void {
    if (group.scaleUp !== undefined || this.#closed !== undefined) return;
    const { processClock } = this.#options;
    group.scaleUp = processClock.callAt(processClock.now() + SCALE_UP_DELAY_MS, () => {
      group.scaleUp = undefined;
      const now = processClock.monotonicMs();
      refuseOverdue(group, now);
      const oldest = group.waiting[0];
      if (oldest === undefined) return;
      if (this.#isOccupied(group)) {
        if (now - oldest.sinceMs >= this.#patienceMs) this.#startOne(group);
      } else if (now - Math.max(oldest.sinceMs, group.startedAtMs) >= BUSY_WAIT_MS_MAX) {
        // One now and then, in case what the processes tell of themselves is not true.
        this.#startOne(group);
      }
      this.#watchWaiting(group);
    });
  }

  /** How long an invocation waits for a process that runs before one more is started for it. */
  get #patienceMs(): number {
    return this.#cpu.busyShare > BUSY_SHARE_MAX ? BUSY_WAIT_MS_MAX : SCALE_UP_DELAY_MS;
  }

  /** Whether the processes of a function are what those who wait are waiting for. */
  #isOccupied(group: Group): boolean {
    const inHandMs: number[] = [];
    for (const environment of group.environments) {
      if (environment.isIdle || environment.isBusy) inHandMs.push(environment.inHandMs);
    }
    return group.occupancy.look(inHandMs) >= OCCUPIED_SHARE_MIN;
  }

  /** Makes room by ending the process of another function that has been idle for longest. */
  #endIdleOfOthers(group: Group): boolean {
    let holder: Group | undefined;
    for (const other of this.#groups.values()) {
      const [candidate] = other.idle;
      if (other === group || candidate === undefined) continue;
      const [oldest] = holder?.idle ?? [];
      if (oldest === undefined || candidate.sinceMs < oldest.sinceMs) holder = other;
    }
    holder?.idle.shift()?.environment.kill();
    return holder !== undefined;
  }

  #watchIdle(): void {
    if (this.#reaper !== undefined || this.#closed !== undefined) return;
    const { clock } = this.#options;
    this.#reaper = clock.callAt(clock.now() + this.#idleMsMax, () => {
      this.#reaper = undefined;
      this.#reapIdle(clock.now() - this.#idleMsMax);
    });
  }

  #reapIdle(idleSinceMsMax: number): void {
    let isAnyLeft = false;
    for (const { idle } of this.#groups.values()) {
      const firstKept = idle.findIndex(({ sinceMs }) => sinceMs > idleSinceMsMax);
      const reaped = idle.splice(0, firstKept === -1 ? idle.length : firstKept);
      for (const { environment } of reaped) environment.kill();
      isAnyLeft ||= idle.length > 0;
    }
    // Groups go only here, where nothing of theirs can be in hand: a group that came back would be lost to close().
    for (const [key, group] of this.#groups) {
      if (group.liveCount + group.waiting.length === 0) this.#groups.delete(key);
    }
    if (isAnyLeft) this.#watchIdle();
  }
}

/** They stand in the order in which they came: thousands can have come at once. */
function refuseOverdue({ waiting }: Group, now: number): void {
  const firstInTime = waiting.findIndex(({ sinceMs }) => now - sinceMs < WAITING_MS_MAX);
  const overdue = waiting.splice(0, firstInTime === -1 ? waiting.length : firstInTime);
  for (const { refuse } of overdue) refuse(tooManyRequests());
}

function tooManyRequests(): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    httpStatus: 429,
    members: { Reason: 'ConcurrentInvocationLimitExceeded' },
  });
}

function serviceStopping(): AwsError {
  return serviceFailed('the server is stopping');
}

function serviceFailed(reason: string): AwsError {
  return new AwsError('ServiceException', `The function could not be run: ${reason}.`, { fault: 'server' });
}
