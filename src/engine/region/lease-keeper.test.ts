import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock, Timer } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { randomFloat, type Random, seededRandom } from '../../base/random.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { LeaseKeeper, type WitnessPort } from './lease-keeper.ts';
import { type GroupRecord, Witness, type WitnessAnswer } from './witness.ts';

/** The clock of one process, which can be stopped as by SIGSTOP: nothing fires, and time goes on all the same. */
class ProcessClock implements Clock {
  readonly #clock: Clock;
  #held: (() => void)[] | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  callAt(atMs: number, callback: () => void): Timer {
    return this.#clock.callAt(atMs, () =>
      this.#held === undefined ? callback() : this.#held.push(callback),
    );
  }

  /** What the process would do next, were it not stopped. */
  whenRunning(): Promise<void> {
    return new Promise((resolve) => (this.#held === undefined ? resolve() : this.#held.push(resolve)));
  }

  stop(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const callback of held) callback();
  }
}

interface Weather {
  /** Of a question or an answer to be lost. */
  lost: number;
  delayMsMax: number;
}

interface Asker {
  readonly network: Clock;
  readonly process: ProcessClock;
  readonly random: Random;
  readonly weather: Weather;
}

/**
 * The way to the witness: what is sent arrives late, or not at all, and then the asker waits in vain for a second. An
 * answer that comes while the asker's process is stopped is read when it goes on.
 */
function createWitnessPort(
  { network, process, random, weather }: Asker,
  witness: () => Witness,
): WitnessPort {
  const pass = (): Promise<boolean> =>
    new Promise((resolve) => {
      const isLost = randomFloat(random) < weather.lost;
      const delayMs = Math.floor(randomFloat(random) * weather.delayMsMax);
      network.callAt(network.now() + delayMs, () => resolve(!isLost));
    });
  const ask = async (question: () => WitnessAnswer): Promise<WitnessAnswer> => {
    const timeout = new Promise<never>((_resolve, reject) => {
      network.callAt(network.now() + 1000, () => reject(new Error('timed out')));
    });
    const answer = (async () => {
      if (!(await pass())) return await timeout;
      const given = question();
      return (await pass()) ? given : await timeout;
    })();
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      await process.whenRunning();
    }
  };
  return {
    acquire: (asked) => ask(() => witness().acquire(asked)),
    setDegraded: (claim, isDegraded) => ask(() => witness().setDegraded(claim, isDegraded)),
    release: (claim) => ask(() => witness().release(claim)),
  };
}

/** Two regions and a witness. */
class Fixture {
  readonly clock = new SimClock();
  readonly random: Random;
  readonly weather: Record<string, Weather> = {};
  readonly clocks: Record<string, ProcessClock> = {};
  isCaughtUp = true;
  #saved: readonly GroupRecord[] = [];
  witness = this.openWitness();

  constructor(seed = 1) {
    this.random = seededRandom(seed);
  }

  openWitness(): Witness {
    this.witness = new Witness({
      records: this.#saved,
      save: (records) => (this.#saved = records),
      monotonicMs: () => this.clock.monotonicMs(),
    });
    return this.witness;
  }

  start(region: string, incarnation = `${region}-1`): LeaseKeeper {
    const weather = (this.weather[region] ??= { lost: 0, delayMsMax: 20 });
    const clock = (this.clocks[region] ??= new ProcessClock(this.clock));
    const keeper = new LeaseKeeper({
      witness: createWitnessPort(
        { network: this.clock, process: clock, random: this.random, weather },
        () => this.witness,
      ),
      region,
      incarnation,
      home: () => 'home',
      others: () => (region === 'home' ? ['other'] : ['home']),
      isCaughtUp: () => this.isCaughtUp,
      clock,
      log: silentLogger,
    });
    keeper.start();
    return keeper;
  }

  cutOff(region: string, isCutOff = true): void {
    const weather = this.weather[region];
    if (weather !== undefined) weather.lost = isCutOff ? 1 : 0;
  }
}

describe('LeaseKeeper', () => {
  it('makes the home region the holder, whichever starts first', async () => {
    const fixture = new Fixture();
    const other = fixture.start('other');
    await fixture.clock.advance(500);
    const home = fixture.start('home');
    await fixture.clock.advance(5000);
    assert.equal(home.isHeld, true);
    assert.equal(other.isHeld, false);
    assert.equal(other.status.holder, 'home');
  });

  it('stops by itself before another region can begin, and follows when it is back', async () => {
    const fixture = new Fixture();
    const [home, other] = [fixture.start('home'), fixture.start('other')];
    await fixture.clock.advance(2000);
    fixture.cutOff('home');
    await fixture.clock.advance(3000);
    assert.equal(home.isHeld, false);
    assert.equal(other.isHeld, false);
    await fixture.clock.advance(4000);
    assert.equal(other.isHeld, true);
    fixture.cutOff('home', false);
    fixture.isCaughtUp = false;
    await fixture.clock.advance(120_000);
    assert.equal(home.isHeld, false);
    assert.equal(home.status.holder, 'other');
  });

  it('gives the home region its place back after a minute in which it was well', async () => {
    const fixture = new Fixture();
    const [home, other] = [fixture.start('home'), fixture.start('other')];
    await fixture.clock.advance(2000);
    fixture.cutOff('home');
    await fixture.clock.advance(20_000);
    fixture.cutOff('home', false);
    await fixture.clock.advance(30_000);
    assert.equal(other.isHeld, true);
    await fixture.clock.advance(60_000);
    assert.equal(home.isHeld, true);
    assert.equal(other.isHeld, false);
  });

  it('is no holder when its process was stopped for longer than the term', async () => {
    const fixture = new Fixture();
    const [home, other] = [fixture.start('home'), fixture.start('other')];
    await fixture.clock.advance(2000);
    fixture.clocks['home']?.stop();
    await fixture.clock.advance(12_000);
    assert.equal(other.isHeld, true);
    // At the very moment of its return, before anything has told it.
    assert.equal(home.isHeld, false);
    assert.equal(await home.mayGoOnAlone(), false);
    fixture.clocks['home']?.resume();
    await fixture.clock.advance(2000);
    assert.equal(home.isHeld, false);
  });

  it('counts its time from the question, however late the answer is read', async () => {
    for (let offsetMs = 0; offsetMs < 2000; offsetMs += 90) {
      const fixture = new Fixture(offsetMs + 1);
      const home = fixture.start('home');
      const other = fixture.start('other');
      if (fixture.weather['home'] !== undefined) fixture.weather['home'].delayMsMax = 500;
      await fixture.clock.advance(3000 + offsetMs);
      fixture.clocks['home']?.stop();
      await fixture.clock.advance(12_000);
      assert.equal(other.isHeld, true);
      fixture.clocks['home']?.resume();
      await fixture.clock.advance(0);
      assert.equal(home.isHeld, false);
    }
  });

  it('ends its being alone by itself, once all others have everything', async () => {
    const fixture = new Fixture();
    fixture.isCaughtUp = false;
    const home = fixture.start('home');
    await fixture.clock.advance(2000);
    void home.mayGoOnAlone();
    await fixture.clock.advance(5000);
    assert.equal(home.isDegraded, true);
    fixture.isCaughtUp = true;
    await fixture.clock.advance(2000);
    assert.equal(home.isDegraded, false);
    assert.equal(fixture.witness.list()[0]?.isDegraded, false);
  });

  it('waits for a holder that is still there, however it is forced', async () => {
    const fixture = new Fixture();
    const [home, other] = [fixture.start('home'), fixture.start('other')];
    fixture.isCaughtUp = false;
    await fixture.clock.advance(2000);
    void home.mayGoOnAlone();
    await fixture.clock.advance(100);
    void other.takeByForce();
    await fixture.clock.advance(1000);
    assert.equal(home.isDegraded, true);
    fixture.cutOff('home');
    await fixture.clock.advance(10_000);
    assert.equal(other.isHeld, true, 'the word of the operator stands for a while');
  });

  it('goes on alone only as the holder and only once the witness knows, which then lets nobody take over', async () => {
    const fixture = new Fixture();
    const [home, other] = [fixture.start('home'), fixture.start('other')];
    fixture.isCaughtUp = false;
    await fixture.clock.advance(2000);
    const answers = Promise.all([home.mayGoOnAlone(), other.mayGoOnAlone()]);
    await fixture.clock.advance(100);
    assert.deepEqual(await answers, [true, false]);
    fixture.cutOff('home');
    await fixture.clock.advance(60_000);
    assert.equal(home.isDegraded, false);
    assert.equal(other.isHeld, false);
    assert.match(other.status.problem ?? '', /acknowledged what is not here/);
    void other.takeByForce();
    await fixture.clock.advance(100);
    assert.equal(other.isHeld, true);
  });

  it('asks the witness again after an end whose answer was lost', async () => {
    const fixture = new Fixture();
    fixture.isCaughtUp = false;
    const home = fixture.start('home');
    await fixture.clock.advance(2000);
    const degraded = home.mayGoOnAlone();
    await fixture.clock.advance(100);
    assert.equal(await degraded, true);
    fixture.cutOff('home');
    const ended = home.endDegraded();
    await fixture.clock.advance(1100);
    await ended;
    assert.equal(home.isDegraded, false, 'whatever the witness has heard');
    fixture.cutOff('home', false);
    await fixture.clock.advance(1500);
    assert.equal(home.isDegraded, false, 'an answer to a renewal may be older than that end');
    const again = home.mayGoOnAlone();
    await fixture.clock.advance(100);
    assert.equal(await again, true);
  });

  const seen = new Set<string>();
  for (let seed = 1; seed <= 20; seed += 1) {
    it(`never has two holders, nor one alone unknown to the witness, in the storm of seed ${seed}`, async () => {
      const fixture = new Fixture(seed);
      const { random } = fixture;
      let generation = 1;
      const keepers = [fixture.start('home'), fixture.start('other')];
      for (let step = 0; step < 400; step += 1) {
        const index = randomFloat(random) < 0.5 ? 0 : 1;
        const region = index === 0 ? 'home' : 'other';
        const weather = fixture.weather[region];
        const what = Math.floor(randomFloat(random) * 40);
        if (what === 0) fixture.clocks[region]?.stop();
        else if (what < 4) fixture.clocks[region]?.resume();
        else if (what < 6 && weather !== undefined) weather.lost = randomFloat(random);
        else if (what < 9 && weather !== undefined) weather.lost = 0;
        else if (what === 9 && weather !== undefined) weather.delayMsMax = randomFloat(random) * 1500;
        else if (what === 10) fixture.openWitness();
        else if (what < 13) void keepers[index]?.mayGoOnAlone();
        else if (what < 15) void keepers[index]?.endDegraded();
        else if (what === 15) {
          keepers[index]?.close();
          fixture.clocks[region]?.resume();
          keepers[index] = fixture.start(region, `${region}-${(generation += 1)}`);
        }
        fixture.isCaughtUp = randomFloat(random) < 0.3;
        for (let slice = 0; slice < 5; slice += 1) {
          await fixture.clock.advance(Math.floor(randomFloat(random) * 200));
          const held = keepers.filter(({ isHeld }) => isHeld);
          assert.ok(held.length <= 1, 'two regions believe to be the holder');
          for (const { isDegraded, epoch } of held) {
            seen.add(isDegraded ? 'degraded' : 'held');
            const known = fixture.witness.list()[0];
            if (isDegraded)
              assert.equal(
                known?.isDegraded,
                true,
                `degraded in epoch ${epoch}, and the witness does not know`,
              );
          }
        }
      }
    });
  }

  it('was a holder and went on alone in those storms', () => {
    assert.deepEqual([...seen].toSorted(), ['degraded', 'held']);
  });
});
