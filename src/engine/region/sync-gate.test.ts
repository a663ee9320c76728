import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { BusLease } from '../bus/buses.ts';
import {
  busArn,
  EAST,
  putEventsInput,
  SimRegions,
  type SimRegionsOptions,
  WEST,
} from '../../testing/region-fixture.ts';

const SECOND = 1000;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A lease that is held, or not, and that counts how often it was asked. */
class StubLease implements BusLease {
  readonly epoch = 1;
  isHeld = true;
  isDegraded = false;
  askedCount = 0;

  mayGoOnAlone(): Promise<boolean> {
    this.askedCount += 1;
    this.isDegraded = this.isHeld;
    return Promise.resolve(this.isHeld);
  }
}

async function syncRegions(options: SimRegionsOptions = {}) {
  const regions = new SimRegions({ settings: () => ({ replication: 'sync' }), ...options });
  await regions.createRule(EAST, 'to-west', [busArn(WEST)]);
  await regions.createRule(WEST, 'keep', [await regions.createQueue(WEST, 'kept')]);
  await regions.clock.advance(SECOND);
  return regions;
}

/** What a promise has come to, without waiting for it. */
function watch(promise: Promise<unknown>): { outcome: string } {
  const watched = { outcome: 'waiting' };
  promise.then(
    () => (watched.outcome = 'answered'),
    (error: { code?: string }) => (watched.outcome = error.code ?? 'failed'),
  );
  return watched;
}

suite('a request on a sync bus', () => {
  test('is answered once its events are on the disk of the peer, not before', async () => {
    const regions = await syncRegions();
    regions.holdBack(WEST, true);
    const watched = watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([1])));
    await regions.clock.advance(2 * SECOND);
    assert.equal(watched.outcome, 'waiting');
    regions.holdBack(WEST, false);
    await regions.clock.advance(10);
    assert.equal(watched.outcome, 'answered');
  });

  test('is answered at once on a bus that says async', async () => {
    const regions = await syncRegions();
    const Tags = [{ Key: 'millrace:replication', Value: 'async' }];
    await regions.call(EAST, 'events:TagResource', { ResourceARN: busArn(EAST), Tags });
    regions.holdBack(WEST, true);
    const watched = watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([1])));
    await regions.clock.advance(10);
    assert.equal(watched.outcome, 'answered');
  });

  test('is answered at once when none of its events goes anywhere', async () => {
    const regions = await syncRegions();
    regions.kill(WEST);
    await regions.call(EAST, 'events:CreateEventBus', { Name: 'local' });
    const watched = watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([1], 'local')));
    await regions.clock.advance(10);
    assert.equal(watched.outcome, 'answered');
  });

  test('shares the commits of the peer with all that came at the same time', async () => {
    const regions = await syncRegions();
    regions.network.arrivals.length = 0;
    const watched = range(200).map((number) =>
      watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([number]))),
    );
    await regions.clock.advance(50);
    assert.ok(watched.every(({ outcome }) => outcome === 'answered'));
    assert.ok(regions.network.arrivals.length <= 3, `${regions.network.arrivals.length} calls`);
  });

  test('fails after five seconds without the peer when nobody may go on alone, and its event still gets there', async () => {
    const regions = await syncRegions();
    regions.kill(WEST);
    const watched = watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([7])));
    await regions.clock.advance(4990);
    assert.equal(watched.outcome, 'waiting');
    await regions.clock.advance(20);
    assert.equal(watched.outcome, 'ServiceUnavailable');
    regions.start(WEST);
    await regions.clock.advance(SECOND);
    assert.deepEqual(await regions.drainNumbers(WEST, 'kept'), [7]);
  });

  test('goes on without the peer where the lease is held, and from then on at once', async () => {
    const lease = new StubLease();
    const settings = (region: string) =>
      region === EAST ? { replication: 'sync' as const, lease } : { replication: 'sync' as const };
    const regions = await syncRegions({ settings });
    regions.kill(WEST);
    const first = watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([1])));
    await regions.clock.advance(4990);
    assert.equal(first.outcome, 'waiting');
    assert.equal(lease.askedCount, 0);
    await regions.clock.advance(20);
    assert.equal(first.outcome, 'answered');
    const second = watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([2])));
    await regions.clock.advance(10);
    assert.equal(second.outcome, 'answered');
    // It counts again as soon as the witness knows that nobody acknowledges alone.
    lease.isDegraded = false;
    lease.isHeld = false;
    const third = watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([3])));
    await regions.clock.advance(5010);
    assert.equal(third.outcome, 'ServiceUnavailable');
  });

  test('leaves nothing behind in memory when it has given up', async () => {
    const regions = await syncRegions();
    regions.kill(WEST);
    for (const number of range(100)) {
      watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([number])));
      await regions.clock.advance(100);
    }
    const { streams } = regions.region(EAST).records;
    assert.ok(streams.waiterCount > 40 && streams.waiterCount <= 51, `${streams.waiterCount}`);
    await regions.clock.advance(5 * SECOND);
    assert.equal(streams.waiterCount, 0);
  });

  test('of a region that ends is not left without an answer', async () => {
    const regions = await syncRegions();
    regions.holdBack(WEST, true);
    const watched = watch(regions.ask(EAST, 'events:PutEvents', putEventsInput([1])));
    await regions.clock.advance(10);
    await regions.region(EAST).close();
    await regions.clock.advance(10);
    assert.equal(watched.outcome, 'ServiceUnavailable');
  });
});

suite('what was acknowledged on a sync bus', () => {
  test('is in the other region when this one is lost, whenever that is', async () => {
    let acknowledgedCount = 0;
    let unfinishedCount = 0;
    for (let seed = 1; seed <= 10; seed += 1) {
      const faults = { lost: 0.1, unanswered: 0.1, doubled: 0.1, delayMsMax: 30 };
      const regions = await syncRegions({ seed, faults, settings: () => ({ replication: 'sync' }) });
      const acknowledged: number[] = [];
      for (const number of range(50)) {
        void regions.ask(EAST, 'events:PutEvents', putEventsInput([number])).then(
          () => acknowledged.push(number),
          () => undefined,
        );
        await regions.clock.advance(10);
      }
      regions.kill(EAST);
      const kept = await regions.drainNumbers(WEST, 'kept');
      for (const number of acknowledged) assert.ok(kept.includes(number), `seed ${seed}: ${number} was lost`);
      acknowledgedCount += acknowledged.length;
      unfinishedCount += 50 - kept.length;
    }
    assert.ok(acknowledgedCount > 30 && unfinishedCount > 50, `${acknowledgedCount}, ${unfinishedCount}`);
  });

  test('may be lost with the region where the bus is async', async () => {
    const regions = await syncRegions({ settings: () => ({ replication: 'async' }) });
    regions.network.faults = { delayMsMax: 30 };
    const acknowledged: number[] = [];
    for (const number of range(50)) {
      void regions
        .ask(EAST, 'events:PutEvents', putEventsInput([number]))
        .then(() => acknowledged.push(number));
      await regions.clock.advance(5);
    }
    regions.kill(EAST);
    const kept = await regions.drainNumbers(WEST, 'kept');
    assert.ok(acknowledged.some((number) => !kept.includes(number)));
  });
});
