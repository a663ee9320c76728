/** Loads the real server, kills it, starts it again on the same directory and audits what it has; over and over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBelow, seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import type { Finding } from '../../src/testing/checkers.ts';
import { Auditor } from '../workload/audit.ts';
import { Workload } from '../workload/workload.ts';
import { callRegion, RegionProcess } from './region-process.ts';

const CLIENTS = 12;
const LOAD_MS_MIN = 200;
const LOAD_MS_MAX = 900;
/** How long one is left alone that is to end by itself. */
const PATIENCE_MS = 20_000;
/** The longest wait of an execution and the longest that a message is hidden are two seconds; the rest is patience. */
const DRAIN_MS = 30_000;

export interface CrashOptions {
  readonly seed: number;
  readonly mode: 'honest' | 'early';
  /** What runs the server of a round and ends it by itself; without, it is killed after a moment. */
  readonly command?: (random: Random) => readonly string[];
}

export interface RoundsResult {
  readonly findings: readonly Finding[];
  readonly remains: readonly string[];
  readonly acknowledged: number;
  readonly unknown: number;
  readonly executions: number;
  readonly recoveryMs: readonly number[];
}

/** Loads, kills, restarts and audits, as often as asked or until something is found. */
export class CrashRun {
  readonly #options: CrashOptions;
  readonly #directory: string;
  readonly #random: Random;
  readonly #workload: Workload;
  readonly #clients: readonly { readonly name: string; readonly random: Random }[];
  #region: RegionProcess | undefined;

  constructor(directory: string, options: CrashOptions) {
    this.#options = options;
    this.#directory = directory;
    this.#random = seededRandom(options.seed);
    this.#clients = Array.from({ length: CLIENTS }, (_, index) => ({
      name: `client-${index}`,
      random: seededRandom(this.#random.uint32()),
    }));
    this.#workload = new Workload({
      call: (service, operation, input) => callRegion(this.#region?.endpoint, { service, operation, input }),
      now: () => Date.now(),
      sleep: (durationMs) => sleep(durationMs),
    });
  }

  async rounds(count: number): Promise<RoundsResult> {
    const { recorder } = this.#workload;
    const auditor = new Auditor(this.#workload, { drainMs: DRAIN_MS, timestampUnitMs: 1000 });
    const remains: string[] = [];
    const recoveryMs: number[] = [];
    let findings: Finding[] = [];
    try {
      await this.#start();
      await this.#workload.setUp();
      for (let round = 0; round < count && findings.length + remains.length === 0; round += 1) {
        remains.push(...(await this.#loadAndKill()));
        recoveryMs.push(await this.#start());
        findings = await auditor.findings();
      }
    } finally {
      await this.#region?.kill();
    }
    const { acknowledgedCount: acknowledged, unknownCount: unknown } = recorder;
    return { findings, remains, acknowledged, unknown, executions: auditor.executionCount, recoveryMs };
  }

  /** Starts the region and answers how long that took. */
  async #start(command: readonly string[] = []): Promise<number> {
    const startedAt = performance.now();
    this.#region = await RegionProcess.start(this.#directory, this.#options.mode, command);
    return performance.now() - startedAt;
  }

  async #loadAndKill(): Promise<string[]> {
    const { command } = this.#options;
    if (command !== undefined) await this.#restartBelow(command(this.#random));
    let isUp = true;
    const load = this.#clients.map(async (client) => {
      while (isUp) await this.#workload.step(client);
    });
    if (command === undefined)
      await sleep(LOAD_MS_MIN + randomBelow(this.#random, LOAD_MS_MAX - LOAD_MS_MIN));
    else await this.#region?.ended(PATIENCE_MS);
    this.#workload.recorder.crashed();
    const killed = this.#region?.kill();
    isUp = false;
    await Promise.all(load);
    return (await killed) ?? [];
  }

  async #restartBelow(command: readonly string[]): Promise<void> {
    this.#workload.recorder.crashed();
    await this.#region?.kill();
    // It may be ended while it starts.
    await this.#start(command).catch(() => undefined);
  }
}
