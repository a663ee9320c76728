/**
 * One seed, one world: a region in this process over a disk in memory, clients that use it, and a clock that only
 * moves when there is nothing left to do. Everything that could differ between two runs (time, ids, what clients do,
 * how long the disk takes, which commits fail, when the process dies) is drawn from the seed, so that a seed that
 * finds something finds it again, line by line: run it with MILLRACE_SIM_TRACE=1.
 *
 * A crash drops the region as it stands: its timers never fire, what its disk was writing is not written, and calls
 * that wait for an answer get none. The next process opens the same disk. A process also dies when its store fails,
 * as the real one does.
 */
import { registry } from '../../src/api/registry.ts';
import { errorMessage, AwsError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/log.ts';
import { type Random, randomBelow, seededRandom } from '../../src/base/random.ts';
import { type Clock, sleep } from '../../src/base/clock.ts';
import { uuid } from '../../src/base/ids.ts';
import { takeOwnership } from '../../src/engine/partition/ownership.ts';
import { openRegion, type Region } from '../../src/region.ts';
import type { Call, Handler } from '../../src/services/service.ts';
import { createMemoryDisk, createMemoryStore } from '../../src/storage/memory/store.ts';
import type { Store } from '../../src/storage/store.ts';
import type { Finding } from '../../src/testing/checkers.ts';
import { createFaultyStore, type Faults } from '../../src/testing/faulty-store.ts';
import { SimClock } from '../../src/testing/sim-clock.ts';
import { Auditor } from '../workload/audit.ts';
import type { Recorder, Reply } from '../workload/recorder.ts';
import { ACCOUNT, REGION } from '../workload/names.ts';
import { Workload } from '../workload/workload.ts';
import { ProcessClock } from '../../src/testing/process-clock.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Takes a protection out of the store of every process. */
  readonly break?: (store: Store) => Store;
  /** The region's own timers never fire. */
  readonly hasNoTimers?: boolean;
  /** Answers that only tell what was read do not wait until it is on disk. */
  readonly hasHastyReads?: boolean;
  /** Each message of a FIFO queue is a group of its own. */
  readonly hasNoGroups?: boolean;
  /** Called for each line of the trace. */
  readonly trace?: (line: string) => void;
}

export interface SimulationResult {
  readonly findings: readonly Finding[];
  readonly recorder: Recorder;
  readonly crashCount: number;
  readonly executionCount: number;
  /** Messages of FIFO queues that were shown. */
  readonly fifoCount: number;
  /** How long the simulated region was in use, by its own clock. */
  readonly simulatedMs: number;
}

const CLIENTS = 5;
const STEPS_PER_CLIENT = 80;
const PAUSE_MS_MAX = 120;
/** Between two crashes, from 1 ms (a crash while the region recovers) up to this. */
const CRASH_INTERVAL_MS_MAX = 2500;
/** A restart takes as long as this at the most. */
const RESTART_MS_MAX = 300;
const FAULTS: Faults = { slow: 0.1, lost: 0.004, doneButFailed: 0.004 };
/** Longer than any write to the disk takes. */
const CONFIGURED_MS = 1000;
/** Without faults everything has to come to its end within this. */
const DRAIN_MS = 60_000;

// Loaded when a task first calls the service, which takes as long as the machine likes: not so in here.
await registry.sqs.load();

/** Runs one seed from an empty disk to the audit. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  return new Simulation(options).run();
}

function withoutTimers(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    callAt: () => ({ cancel: () => undefined }),
  };
}

function withoutWaitingForReads(handler: Handler, { loop }: Region): Handler {
  return async (input, call: Call) => {
    const { requestId, scope, accessKeyId, host, scheme, signal } = call;
    const facts = { requestId, scope, accessKeyId, host, scheme, signal };
    const output = await handler(input, {
      ...facts,
      turn: (decide) => loop.turn(decide),
      readAt: () => undefined,
      waitFor: () => undefined,
      admit: () => call.admit(),
    });
    call.readAt(0);
    return output;
  };
}

/** A region that runs until it is killed. */
interface Process {
  readonly region: Region;
  readonly clock: ProcessClock;
  /** Resolves to `unknown` when the process dies: what calls that wait are told. */
  readonly died: PromiseWithResolvers<Reply>;
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #clock = new SimClock();
  readonly #random: Random;
  readonly #disk = createMemoryDisk();
  readonly #workload: Workload;
  readonly #errors: string[] = [];
  #process: Process | undefined;
  /** Faults and crashes happen while this is set. */
  #isFaulty = false;
  #crashCount = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#workload = new Workload({
      call: (service, operation, input) => this.#call(service, operation, input),
      now: () => this.#clock.now(),
      sleep: (durationMs) => sleep(this.#clock, durationMs),
      trace: (line) => this.#trace(line),
    });
  }

  async run(): Promise<SimulationResult> {
    const startedAtMs = this.#clock.now();
    await this.#start();
    await this.#drive(this.#workload.setUp());
    // The faults begin with a process whose configuration is on disk, even if it lied about that.
    await this.#clock.advance(CONFIGURED_MS);
    this.#isFaulty = true;
    this.#kill('the faults begin');
    this.#scheduleCrash();
    await this.#drive(Promise.all(Array.from({ length: CLIENTS }, (_, index) => this.#client(index))));
    this.#isFaulty = false;
    this.#kill('the faults end');
    await this.#clock.advance(RESTART_MS_MAX);
    const auditor = new Auditor(this.#workload, { drainMs: DRAIN_MS, timestampUnitMs: 1 });
    const found = await this.#drive(auditor.findings());
    const errors = this.#errors.map((text): Finding => ({ kind: 'malformed', subject: 'log', text }));
    return {
      findings: [...found, ...errors],
      recorder: this.#workload.recorder,
      crashCount: this.#crashCount,
      executionCount: auditor.executionCount,
      fifoCount: this.#workload.fifo.receivedCount,
      simulatedMs: this.#clock.now() - startedAtMs,
    };
  }

  #trace(line: string): void {
    this.#options.trace?.(`${this.#clock.now() % 1_000_000} ${line}`);
  }

  /** Moves time on until `work` is done. */
  async #drive<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    while (!isDone) await this.#clock.advance(100);
    return settled;
  }

  async #client(index: number): Promise<void> {
    const client = { name: `client-${index}`, random: seededRandom(this.#random.uint32()) };
    for (let step = 0; step < STEPS_PER_CLIENT; step += 1) {
      await sleep(this.#clock, randomBelow(client.random, PAUSE_MS_MAX));
      await this.#workload.step(client);
    }
  }

  async #start(): Promise<void> {
    const random = seededRandom(this.#random.uint32());
    const clock = new ProcessClock(this.#clock);
    const died = Promise.withResolvers<Reply>();
    const die = (error: Error): void => {
      if (this.#process?.clock === clock) this.#kill(errorMessage(error));
    };
    const store = this.#openStore(clock, random);
    store.onFailure(die);
    const log = { ...silentLogger, error: this.#logged.bind(this) };
    const owner = await takeOwnership({ store, clock, log, owner: `process ${this.#crashCount}` });
    const region = openRegion({
      store,
      clock: this.#options.hasNoTimers ? withoutTimers(clock) : clock,
      random,
      log,
      owner,
      onFatal: die,
      endpoint: 'http://127.0.0.1:4566',
      dataDir: undefined,
      region: REGION,
      auth: 'open',
    });
    this.#process = { region, clock, died };
    this.#trace('started');
  }

  /** A disk that takes one to five milliseconds, sometimes up to 300, in the time of the simulation. */
  #openStore(clock: ProcessClock, random: Random): Store {
    const memory = createMemoryStore({
      clock,
      disk: this.#disk,
      flush: (write) => {
        const delayMs = 1 + randomBelow(random, randomBelow(random, 8) === 0 ? 300 : 5);
        clock.callAt(clock.now() + delayMs, write);
      },
    });
    const faulty = this.#isFaulty ? createFaultyStore(memory, random, FAULTS) : memory;
    return this.#options.break?.(faulty) ?? faulty;
  }

  /** Errors of a process that goes on. One whose store has failed may complain on its way out. */
  #logged(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#trace(`error: ${message} ${JSON.stringify(fields)}`);
    const isDying = /injected|changed something/.test(JSON.stringify(fields));
    if (!isDying) this.#errors.push(`${message} ${JSON.stringify(fields)}`);
  }

  #kill(reason: string): void {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    this.#crashCount += 1;
    this.#workload.recorder.crashed();
    this.#trace(`killed: ${reason}`);
    process.clock.kill();
    process.died.resolve({ kind: 'unknown' });
    const delayMs = randomBelow(this.#random, RESTART_MS_MAX);
    this.#clock.callAt(this.#clock.now() + delayMs, () => void this.#start());
  }

  #scheduleCrash(): void {
    // Every fifth crash comes at once after the one before, while the region recovers.
    const intervalMs = randomBelow(this.#random, 5) === 0 ? RESTART_MS_MAX : CRASH_INTERVAL_MS_MAX;
    this.#clock.callAt(this.#clock.now() + 1 + randomBelow(this.#random, intervalMs), () => {
      if (!this.#isFaulty) return;
      void this.#crash();
      this.#scheduleCrash();
    });
  }

  /** Somewhere among the small steps that are taken at this instant. */
  async #crash(): Promise<void> {
    for (let steps = randomBelow(this.#random, 8); steps > 0; steps -= 1) await Promise.resolve();
    if (this.#isFaulty) this.#kill('crash');
  }

  async #call(service: string, operation: string, input: object): Promise<Reply> {
    const process = this.#process;
    // A client that finds nobody tries again a little later.
    if (process === undefined) return sleep(this.#clock, 20).then(() => ({ kind: 'unknown' }));
    return Promise.race([this.#answer(process.region, { service, operation, input }), process.died.promise]);
  }

  async #answer(
    region: Region,
    { service, operation, input }: { service: string; operation: string; input: object },
  ): Promise<Reply> {
    const built = region.services.get(service)?.handlers[operation];
    if (typeof built !== 'function') throw new Error(`no operation ${service}:${operation}`);
    const isHasty = this.#options.hasHastyReads && /^(?:Receive|Get)/.test(operation);
    const handler = isHasty ? withoutWaitingForReads(built, region) : built;
    const facts = {
      requestId: uuid(this.#random),
      scope: { account: ACCOUNT, region: REGION },
      accessKeyId: 'test',
      host: '127.0.0.1',
      signal: new AbortController().signal,
    };
    try {
      const given = this.#options.hasNoGroups ? this.#withoutGroup(input) : input;
      const output = (await region.answer(handler, given, facts)) as Record<string, unknown> | undefined;
      return { kind: 'acknowledged', output: output ?? {} };
    } catch (error) {
      if (error instanceof AwsError && error.fault === 'client') return { kind: 'refused', code: error.code };
      this.#trace(`${operation}: ${errorMessage(error)}`);
      return { kind: 'unknown' };
    }
  }

  #withoutGroup(input: object): object {
    return 'MessageGroupId' in input ? { ...input, MessageGroupId: uuid(this.#random) } : input;
  }
}
