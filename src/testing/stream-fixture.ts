/** Regions that have a loop, a store and the streams between them, and no more: what tests of streams stand on. */
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { Loop } from '../engine/loop.ts';
import type { Parcel, Refusal, Returned } from '../engine/region/parcel.ts';
import { RegionRecords } from '../engine/region/replicated-records.ts';
import { decodeRecord, encodeRecord } from '../storage/codec.ts';
import { key } from '../storage/keys.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../storage/memory/store.ts';
import type { Key, Value } from '../storage/store.ts';
import { ProcessClock } from './process-clock.ts';
import { SimClock } from './sim-clock.ts';
import { SimNetwork, type NetworkFaults } from './sim-network.ts';

export const EAST = 'us-east-1';
export const WEST = 'us-west-2';
/** What the records of these tests are filed under. */
export const HELD = 'held';

/** A region's process. What it was sent is in its store, as records of its own, and in memory. */
export class StreamRegion {
  readonly region: string;
  readonly disk: MemoryDisk;
  readonly #network: SimNetwork;
  readonly #clock: SimClock;
  readonly #seed: number;
  #process;
  #processes = 0;
  /** What the peer is to refuse. */
  refuse: (parcel: Parcel) => Refusal | undefined = () => undefined;
  readonly returned: { readonly parcel: Parcel; readonly why: Returned }[] = [];
  /** What the follower holds in memory. */
  held = new Map<Key, Value>();
  /** Group commits that have not reached the disk. With `isHeldBack`, only `write` brings them there. */
  writes: (() => void)[] = [];
  isHeldBack = false;

  constructor(options: {
    region: string;
    network: SimNetwork;
    clock: SimClock;
    seed: number;
    disk?: MemoryDisk;
  }) {
    this.region = options.region;
    this.#network = options.network;
    this.#clock = options.clock;
    this.#seed = options.seed;
    this.disk = options.disk ?? createMemoryDisk();
    this.#process = this.#open();
  }

  #open() {
    this.#processes += 1;
    const clock = new ProcessClock(this.#clock);
    const writes: (() => void)[] = [];
    this.writes = writes;
    const flush = (write: () => void): void => {
      if (this.isHeldBack) writes.push(write);
      else queueMicrotask(() => this.writes === writes && write());
    };
    const store = createMemoryStore({ disk: this.disk, clock, flush });
    const onFatal = (error: Error): never => {
      throw error;
    };
    const random = seededRandom(this.#seed * 100 + this.#processes);
    const loop = new Loop({ store, clock, random, log: silentLogger, onFatal });
    const records = new RegionRecords(loop, this.#network.join(this.region));
    this.held = new Map(store.range(HELD, `${HELD}\u00ff`).map((entry) => [entry.key, entry.value]));
    records.follow(HELD, {
      apply: (recordKey, value) => {
        if (value === undefined) this.held.delete(recordKey);
        else this.held.set(recordKey, value);
      },
    });
    records.streams.register('text', {
      apply: (turn, parcel) => {
        const refusal = this.refuse(parcel);
        if (refusal === undefined) {
          turn.put(
            key('taken', loop.store.range('taken', 'taken\u00ff').length + this.#takenBy(turn)),
            encodeRecord({}, ...parcel.texts),
          );
        }
        return refusal;
      },
      takeBack: (_, parcel, why) => void this.returned.push({ parcel, why }),
    });
    records.start();
    return { clock, loop, records };
  }

  #turn: object | undefined;
  #inTurn = -1;

  /** How many the turn has taken before: its own puts are not in the store yet. */
  #takenBy(turn: object): number {
    if (this.#turn !== turn) this.#inTurn = -1;
    this.#turn = turn;
    this.#inTurn += 1;
    return this.#inTurn;
  }

  get loop(): Loop {
    return this.#process.loop;
  }

  get records(): RegionRecords {
    return this.#process.records;
  }

  /** What the peer has sent and this region has on its disk, in order. */
  get taken(): string[] {
    const texts: string[] = [];
    for (const recordKey of this.disk.records.keys('taken', 'taken\u00ff')) {
      texts.push(...decodeRecord(this.disk.records.get(recordKey) as Value).texts);
    }
    return texts;
  }

  /** Sends texts to a peer, in one turn. */
  send(to: string, ...texts: readonly string[]): void {
    this.loop.turn((turn) => {
      for (const text of texts)
        this.records.streams.offer(turn, to, { kind: 'text', head: {}, texts: [text] });
    });
  }

  put(name: string, value: string): void {
    this.loop.turn((turn) => this.records.put(turn, key(HELD, name), encodeRecord({ value })));
  }

  delete(name: string): void {
    this.loop.turn((turn) => this.records.delete(turn, key(HELD, name)));
  }

  /** Stops at once: what is not on the disk is lost. */
  kill(): void {
    this.#process.clock.kill();
    this.writes = [];
    this.#network.leave(this.region);
  }

  restart(): void {
    this.kill();
    this.#process = this.#open();
  }
}

export interface StreamFixtureOptions {
  readonly seed?: number;
  readonly faults?: NetworkFaults;
  readonly regions?: readonly string[];
}

export function createStreamFixture({
  seed = 1,
  faults = {},
  regions = [EAST, WEST],
}: StreamFixtureOptions = {}) {
  const clock = new SimClock();
  const network = new SimNetwork({ regions, clock, seed, faults });
  const open = (region: string, disk?: MemoryDisk): StreamRegion =>
    new StreamRegion({ region, network, clock, seed, ...(disk === undefined ? {} : { disk }) });
  const opened = new Map(regions.map((region) => [region, open(region)]));
  const region = (name: string): StreamRegion => {
    const found = opened.get(name);
    if (found === undefined) throw new Error(`no region ${name}`);
    return found;
  };
  return {
    clock,
    network,
    open,
    region,
    get east() {
      return region(EAST);
    },
    get west() {
      return region(WEST);
    },
  };
}
