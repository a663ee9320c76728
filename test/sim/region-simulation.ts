/**
 * One seed, one installation: two regions and a witness, over disks in memory and a network that loses, doubles, delays
 * and cuts, on a clock that only moves when there is nothing left to do. Both regions have a `sync` bus whose events go
 * to the other; clients put numbered events and keep what was acknowledged. Processes die and come back; in every
 * second seed one region is gone for good, with its disk.
 *
 * What has to hold, whatever happens: what was acknowledged is on the buses of both regions in the end, once; where a
 * region was lost with its disk, what it had acknowledged is in the other one, but for what it acknowledged alone,
 * which the witness knew before; no two regions ever hold the lease; and the one that is left goes on by itself exactly
 * when nothing that was acknowledged is missing in it.
 */
import { sleep } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { type Random, randomBelow, randomFloat, seededRandom } from '../../src/base/random.ts';
import type { BusLease } from '../../src/engine/bus/buses.ts';
import { LeaseKeeper, type WitnessPort } from '../../src/engine/region/lease-keeper.ts';
import { type GroupRecord, Witness, type WitnessAnswer } from '../../src/engine/region/witness.ts';
import type { Store } from '../../src/storage/store.ts';
import { ProcessClock } from '../../src/testing/process-clock.ts';
import { busArn, EAST, putEventsInput, SimRegions, WEST } from '../../src/testing/region-fixture.ts';

export interface RegionSimulationOptions {
  readonly seed: number;
  /** A region that cannot reach the other goes on without a word to the witness. */
  readonly isHasty?: boolean;
  /** Answers do not wait for the other region. */
  readonly isAsync?: boolean;
  /** Takes a protection out of the store of each region. */
  readonly break?: (store: Store) => Store;
}

export interface RegionSimulationResult {
  /** What did not hold; empty when everything did. */
  readonly findings: readonly string[];
  readonly acknowledged: number;
  /** Acknowledged by a region alone, as the witness knew. */
  readonly alone: number;
  readonly unknown: number;
  readonly kills: number;
  readonly cuts: number;
  readonly isLost: boolean;
}

const REGIONS = [EAST, WEST] as const;
type RegionName = (typeof REGIONS)[number];

const QUEUE = 'kept';
const DURATION_MS = 60_000;
const PAUSE_MS_MAX = 400;
const CLIENTS = 4;
const FAULT_INTERVAL_MS_MAX = 6000;
/** Enough for every retry, lease and restart once nothing is in the way any more. */
const CALM_MS = 120_000;
const WITNESS_TIMEOUT_MS = 1000;

interface Acknowledged {
  readonly number: number;
  readonly region: RegionName;
  /** By a region alone that had told the witness. */
  readonly isAlone: boolean;
}

export async function simulateRegions(options: RegionSimulationOptions): Promise<RegionSimulationResult> {
  return new RegionSimulation(options).run();
}

class RegionSimulation {
  readonly #options: RegionSimulationOptions;
  readonly #random: Random;
  readonly #regions: SimRegions;
  readonly #keepers = new Map<RegionName, { keeper: LeaseKeeper; clock: ProcessClock }>();
  readonly #cutFromWitness = new Set<RegionName>();
  readonly #acknowledged: Acknowledged[] = [];
  readonly #findings: string[] = [];
  #saved: readonly GroupRecord[] = [];
  #witness: Witness;
  #started = 0;
  #number = 0;
  #unknown = 0;
  #kills = 0;
  #cuts = 0;
  #isFaulty = true;
  #lost: RegionName | undefined;

  constructor(options: RegionSimulationOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#regions = new SimRegions({
      seed: options.seed,
      ...(options.break === undefined ? {} : { break: options.break }),
      settings: (name) => ({
        replication: options.isAsync === true ? 'async' : 'sync',
        lease: this.#leaseOf(name as RegionName),
      }),
    });
    this.#witness = this.#openWitness();
    for (const region of REGIONS) this.#openKeeper(region);
  }

  async run(): Promise<RegionSimulationResult> {
    const { clock } = this.#regions;
    for (const region of REGIONS) {
      const queue = await this.#regions.createQueue(region, QUEUE);
      await this.#regions.createRule(region, 'keep', [queue]);
      await this.#regions.createRule(region, 'to-other', [busArn(otherOf(region))]);
    }
    await clock.advance(5000);
    const endMs = clock.now() + DURATION_MS;
    for (let client = 0; client < CLIENTS; client += 1) this.#client(endMs);
    this.#fault(endMs);
    if (this.#options.seed % 2 === 0) {
      const atMs = clock.now() + this.#below(DURATION_MS);
      clock.callAt(atMs, () => this.#lose(this.#one()));
    }
    while (clock.now() < endMs) {
      await clock.advance(50);
      this.#checkLease();
    }
    await this.#calm();
    await this.#check();
    return {
      findings: this.#findings,
      acknowledged: this.#acknowledged.length,
      alone: this.#acknowledged.filter(({ isAlone }) => isAlone).length,
      unknown: this.#unknown,
      kills: this.#kills,
      cuts: this.#cuts,
      isLost: this.#lost !== undefined,
    };
  }

  /** Puts an event now and then, until the end. */
  #client(endMs: number): void {
    const { clock } = this.#regions;
    if (clock.now() >= endMs) return;
    const region = this.#one();
    if (this.#regions.isRunning(region)) this.#put(region);
    clock.callAt(clock.now() + 1 + this.#below(PAUSE_MS_MAX), () => this.#client(endMs));
  }

  #put(region: RegionName): void {
    this.#number += 1;
    const number = this.#number;
    const answer = this.#regions.ask(region, 'events:PutEvents', putEventsInput([number]));
    answer.then(
      () => {
        const isAlone =
          this.#options.isHasty !== true && (this.#keepers.get(region)?.keeper.isDegraded ?? false);
        this.#acknowledged.push({ number, region, isAlone });
      },
      () => (this.#unknown += 1),
    );
  }

  #fault(endMs: number): void {
    const { clock, network } = this.#regions;
    if (clock.now() >= endMs || !this.#isFaulty) return;
    const region = this.#one();
    const what = this.#below(8);
    if (what < 2) this.#kill(region, this.#below(8000));
    else if (what < 4) this.#cut(1000 + this.#below(15_000));
    else if (what === 4) this.#cutWitness(region, 1000 + this.#below(10_000));
    else if (what === 5) this.#witness = this.#openWitness();
    else if (what === 6) this.#slowDisk(region, this.#below(3000));
    else network.faults = { lost: 0.1, unanswered: 0.1, doubled: 0.1, delayMsMax: 1 + this.#below(300) };
    clock.callAt(clock.now() + 1 + this.#below(FAULT_INTERVAL_MS_MAX), () => this.#fault(endMs));
  }

  #kill(region: RegionName, downMs: number): void {
    if (!this.#regions.isRunning(region)) return;
    this.#kills += 1;
    this.#keepers.get(region)?.clock.kill();
    this.#regions.kill(region);
    this.#later(downMs, () => this.#restart(region));
  }

  #restart(region: RegionName): void {
    if (region === this.#lost || this.#regions.isRunning(region)) return;
    this.#regions.start(region);
    this.#openKeeper(region);
  }

  /** A region that is lost takes its disk with it. */
  #lose(region: RegionName): void {
    this.#lost = region;
    this.#keepers.get(region)?.clock.kill();
    this.#regions.kill(region);
  }

  #cut(forMs: number): void {
    this.#cuts += 1;
    this.#regions.network.cut(EAST, WEST);
    this.#later(forMs, () => this.#regions.network.heal(EAST, WEST));
  }

  #cutWitness(region: RegionName, forMs: number): void {
    this.#cutFromWitness.add(region);
    this.#later(forMs, () => this.#cutFromWitness.delete(region));
  }

  #slowDisk(region: RegionName, forMs: number): void {
    this.#regions.holdBack(region, true);
    this.#later(forMs, () => this.#regions.holdBack(region, false));
  }

  #later(afterMs: number, then: () => void): void {
    const { clock } = this.#regions;
    clock.callAt(clock.now() + afterMs, then);
  }

  /** Nothing is in the way any more: everybody who is not lost comes back, and what was under way arrives. */
  async #calm(): Promise<void> {
    const { clock, network } = this.#regions;
    this.#isFaulty = false;
    await clock.advance(15_000);
    network.faults = {};
    network.heal(EAST, WEST);
    this.#cutFromWitness.clear();
    for (const region of REGIONS) {
      this.#regions.holdBack(region, false);
      this.#restart(region);
    }
    for (let waitedMs = 0; waitedMs < CALM_MS; waitedMs += 1000) {
      await clock.advance(1000);
      this.#checkLease();
    }
  }

  #checkLease(): void {
    const held = [...this.#keepers].filter(
      ([name, { keeper }]) => this.#regions.isRunning(name) && keeper.isHeld,
    );
    if (held.length > 1) this.#find('two regions hold the lease');
  }

  async #check(): Promise<void> {
    for (const region of REGIONS) {
      if (region === this.#lost) continue;
      const numbers = await this.#regions.drainNumbers(region, QUEUE);
      const kept = new Set(numbers);
      if (kept.size !== numbers.length) this.#find(`${region} has taken an event twice`);
      if (numbers.some((number) => number > this.#number))
        this.#find(`${region} has an event that nobody put`);
      for (const acknowledged of this.#acknowledged) {
        // What the lost region acknowledged alone is lost with it: that is what the witness was told.
        const isExcused = acknowledged.region === this.#lost && acknowledged.isAlone;
        if (!kept.has(acknowledged.number) && !isExcused) {
          this.#find(
            `${region} has no event ${acknowledged.number}, which ${acknowledged.region} acknowledged`,
          );
        }
      }
    }
    if (this.#lost !== undefined) await this.#checkSurvivor(otherOf(this.#lost), this.#lost);
  }

  /** It takes over by itself if and only if the lost region did not say that it acknowledged alone. */
  async #checkSurvivor(survivor: RegionName, lost: RegionName): Promise<void> {
    const [group] = this.#witness.list();
    const isMissing = group?.holder === lost && group.isDegraded;
    const keeper = this.#keepers.get(survivor)?.keeper;
    if (keeper?.isHeld !== !isMissing)
      this.#find(`${survivor} ${isMissing ? 'took over' : 'did not take over'}`);
    if (isMissing || this.#options.isHasty === true) return;
    try {
      await this.#regions.put(survivor, [0]);
    } catch (error) {
      this.#find(`${survivor} does not go on alone: ${String(error)}`);
    }
  }

  #find(finding: string): void {
    if (!this.#findings.includes(finding)) this.#findings.push(finding);
  }

  #openWitness(): Witness {
    return new Witness({
      records: this.#saved,
      save: (records) => (this.#saved = records),
      monotonicMs: () => this.#regions.clock.monotonicMs(),
    });
  }

  /** What the region's buses ask: the keeper of its present process. */
  #leaseOf(region: RegionName): BusLease {
    const keeper = (): LeaseKeeper | undefined => this.#keepers.get(region)?.keeper;
    const isHasty = this.#options.isHasty === true;
    return {
      get epoch() {
        return keeper()?.epoch ?? 0;
      },
      get isDegraded() {
        return !isHasty && (keeper()?.isDegraded ?? false);
      },
      mayGoOnAlone: async () => isHasty || ((await keeper()?.mayGoOnAlone()) ?? false),
    };
  }

  #openKeeper(region: RegionName): void {
    const clock = new ProcessClock(this.#regions.clock);
    this.#started += 1;
    const keeper = new LeaseKeeper({
      witness: this.#portOf(region, clock),
      region,
      incarnation: `${region}-${this.#started}`,
      home: () => EAST,
      others: () => [otherOf(region)],
      isCaughtUp: (other) => this.#isCaughtUp(region, other),
      clock,
      log: silentLogger,
    });
    this.#keepers.set(region, { keeper, clock });
    keeper.start();
  }

  #isCaughtUp(region: RegionName, other: string): boolean {
    if (!this.#regions.isRunning(region)) return false;
    const { streams } = this.#regions.region(region).records;
    return this.#regions.isRunning(other) && streams.isCaughtUp(other);
  }

  /** The way to the witness takes a while both ways, and can be cut. */
  #portOf(region: RegionName, clock: ProcessClock): WitnessPort {
    const pass = async (): Promise<void> => {
      await sleep(clock, 1 + this.#below(50));
      if (!this.#cutFromWitness.has(region)) return;
      await sleep(clock, WITNESS_TIMEOUT_MS);
      throw new Error('lost on its way');
    };
    const ask = async (question: () => WitnessAnswer): Promise<WitnessAnswer> => {
      await pass();
      const answer = question();
      await pass();
      return answer;
    };
    return {
      acquire: (asked) => ask(() => this.#witness.acquire(asked)),
      setDegraded: (claim, isDegraded) => ask(() => this.#witness.setDegraded(claim, isDegraded)),
      release: (claim) => ask(() => this.#witness.release(claim)),
    };
  }

  #one(): RegionName {
    return randomFloat(this.#random) < 0.5 ? EAST : WEST;
  }

  #below(limit: number): number {
    return randomBelow(this.#random, limit);
  }
}

function otherOf(region: RegionName): RegionName {
  return region === EAST ? WEST : EAST;
}
