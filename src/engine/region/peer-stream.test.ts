import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { randomBelow, seededRandom } from '../../base/random.ts';
import { createMemoryDisk, type MemoryDisk } from '../../storage/memory/store.ts';
import { encodeRecord } from '../../storage/codec.ts';
import type { Value } from '../../storage/store.ts';
import { createStreamFixture, EAST, HELD, WEST } from '../../testing/stream-fixture.ts';
import { key } from '../../storage/keys.ts';
import { WAITING_PARCELS_MAX } from './outbox.ts';
import { encodeParcel } from './parcel.ts';

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index));

function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = createMemoryDisk();
  for (const recordKey of disk.records.keys('', '\u0100')) {
    copy.records.set(recordKey, disk.records.get(recordKey) as Value);
  }
  copy.position = disk.position;
  return copy;
}

suite('a stream to a peer', () => {
  test('brings parcels in their order, and empties its outbox', async () => {
    const { clock, east, west } = createStreamFixture();
    await clock.advance(100);
    east.send(WEST, '0', '1');
    east.send(WEST, '2');
    await clock.advance(100);
    assert.deepEqual(west.taken, ['0', '1', '2']);
    assert.equal(east.records.streams.lags().get(WEST)?.waiting, 0);
    assert.equal([...east.disk.records.keys(key('peer.outbox'), 'peer.outbox\u00ff')].length, 0);
  });

  test('takes as many parcels along as came while the batch before was under way', async () => {
    const { clock, east, west, network } = createStreamFixture();
    await clock.advance(100);
    network.arrivals.length = 0;
    east.send(WEST, 'first');
    await clock.advance(0);
    for (const text of numbers(0, 300)) east.send(WEST, text);
    await clock.advance(100);
    assert.equal(west.taken.length, 301);
    assert.equal(network.arrivals.length, 2);
  });

  test('cuts what waits into batches that fit a call', async () => {
    const { clock, east, west, network } = createStreamFixture();
    network.cut(EAST, WEST);
    const large = 'x'.repeat(300_000);
    for (let count = 0; count < 10; count += 1) east.send(WEST, large);
    for (const text of numbers(0, 1200)) east.send(WEST, text);
    await clock.advance(60_000);
    network.arrivals.length = 0;
    network.heal(EAST, WEST);
    await clock.advance(1000);
    assert.equal(west.taken.length, 1210);
    // A greeting, four of large ones with the small ones that fit, and the rest by 500.
    const lengths = network.arrivals.filter(({ from }) => from === EAST).map(({ length }) => length);
    assert.equal(lengths.length, 7, `${lengths}`);
    assert.ok(Math.max(...lengths) < 1_100_000, `${lengths}`);
  });

  test('brings each parcel once, in order, over a network that loses, doubles and delays calls', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const faults = { lost: 0.2, unanswered: 0.2, doubled: 0.3, delayMsMax: 200 };
      const { clock, east, west } = createStreamFixture({ seed, faults });
      for (const text of numbers(0, 60)) {
        east.send(WEST, text);
        if (Number(text) % 3 === 0) await clock.advance(150);
      }
      await clock.advance(120_000);
      assert.deepEqual(west.taken, numbers(0, 60), `seed ${seed}`);
    }
  });

  test('tells a region that asks what each peer has still to get', async () => {
    const { clock, east, network } = createStreamFixture();
    await clock.advance(100);
    network.cut(EAST, WEST);
    east.send(WEST, '0');
    east.send(WEST, '1');
    await clock.advance(7000);
    const lag = east.records.streams.lags().get(WEST);
    assert.equal(lag?.waiting, 2);
    assert.ok(lag.ageMs >= 7000 && lag.ageMs < 7100);
    network.heal(EAST, WEST);
    await clock.advance(100);
    const caughtUp = east.records.streams.lags().get(WEST);
    assert.equal(caughtUp?.waiting, 0);
    assert.equal(caughtUp.ageMs, 0);
    assert.ok(caughtUp.perSecond > 0);
    assert.ok(clock.now() - (caughtUp.acknowledgedAtMs ?? 0) < 1000);
  });

  test('tries at once when the peer is up again, however long it has been away', async () => {
    const { clock, east, west } = createStreamFixture();
    await clock.advance(100);
    west.kill();
    east.send(WEST, '0');
    await clock.advance(3_600_000);
    west.restart();
    await clock.advance(10);
    assert.deepEqual(west.taken, ['0']);
  });

  test('sends nothing that a crash could take back', async () => {
    const { clock, network, east, west } = createStreamFixture();
    await clock.advance(100);
    east.isHeldBack = true;
    east.send(WEST, 'lost');
    network.arrivals.length = 0;
    await clock.advance(1000);
    assert.deepEqual(west.taken, []);
    assert.equal(network.arrivals.length, 0);
    east.isHeldBack = false;
    east.restart();
    east.send(WEST, 'kept');
    await clock.advance(1000);
    assert.deepEqual(west.taken, ['kept']);
  });

  test('is answered by the peer only once what it has taken is on its disk', async () => {
    const { clock, east, west } = createStreamFixture();
    await clock.advance(100);
    west.isHeldBack = true;
    east.send(WEST, '0');
    await clock.advance(1000);
    assert.equal(east.records.streams.lags().get(WEST)?.waiting, 1);
    west.isHeldBack = false;
    west.restart();
    assert.deepEqual(west.taken, []);
    await clock.advance(10_000);
    assert.deepEqual(west.taken, ['0']);
    assert.equal(east.records.streams.lags().get(WEST)?.waiting, 0);
  });

  test('tells its sender what the peer refused, also when the answer was lost', async () => {
    const { clock, east, west, network } = createStreamFixture();
    await clock.advance(100);
    west.refuse = ({ texts }) =>
      texts[0] === 'bad' ? { code: 'NO', message: 'Not here.', isRetryable: false } : undefined;
    network.faults = { unanswered: 1 };
    east.send(WEST, 'good', 'bad');
    await clock.advance(5000);
    assert.equal(east.returned.length, 0);
    network.faults = {};
    west.restart();
    east.send(WEST, 'late');
    await clock.advance(10_000);
    assert.deepEqual(west.taken, ['good', 'late']);
    assert.equal(east.returned.length, 1);
    assert.deepEqual(east.returned[0]?.parcel.texts, ['bad']);
    assert.deepEqual(east.returned[0]?.why.kind === 'refused' && east.returned[0].why.refusal.code, 'NO');
  });

  test('goes on past a parcel that the peer cannot work on', async () => {
    const { clock, east, west } = createStreamFixture();
    await clock.advance(100);
    west.refuse = ({ texts }) => {
      if (texts[0] === 'poison') throw new TypeError('a bug');
      return undefined;
    };
    east.send(WEST, 'before', 'poison', 'after');
    await clock.advance(1000);
    assert.deepEqual(west.taken, ['before', 'after']);
    assert.equal(west.loop.quarantine.count, 1);
    assert.equal(east.returned.length, 1);
  });

  test('gives back what has waited past its deadline, in its place alone', async () => {
    const { clock, east, west, network } = createStreamFixture();
    await clock.advance(100);
    network.cut(EAST, WEST);
    east.loop.turn((turn) => {
      const { streams } = east.records;
      streams.offer(turn, WEST, { kind: 'text', head: {}, texts: ['a'], deadlineMs: turn.now + 3_600_000 });
      streams.offer(turn, WEST, { kind: 'text', head: {}, texts: ['b'], deadlineMs: turn.now + 90_000 });
      streams.offer(turn, WEST, { kind: 'text', head: {}, texts: ['c'] });
    });
    await clock.advance(200_000);
    assert.deepEqual(
      east.returned.map(({ parcel, why }) => [parcel.texts[0], why.kind]),
      [['b', 'expired']],
    );
    network.heal(EAST, WEST);
    await clock.advance(1000);
    assert.deepEqual(west.taken, ['a', 'c']);
    assert.equal(east.records.streams.lags().get(WEST)?.waiting, 0);
  });

  test('gives back all that has waited too long, not only what would be sent next', async () => {
    const { clock, east, network } = createStreamFixture();
    await clock.advance(100);
    network.cut(EAST, WEST);
    east.send(WEST, ...numbers(0, 600));
    for (const text of numbers(600, 900)) {
      east.loop.turn((turn) => {
        const deadlineMs = turn.now + 60_000;
        east.records.streams.offer(turn, WEST, { kind: 'text', head: {}, texts: [text], deadlineMs });
      });
    }
    await clock.advance(200_000);
    assert.equal(east.returned.length, 300);
  });

  test('takes nothing more than a million parcels for a peer that is away', () => {
    const disk = createMemoryDisk();
    const last = encodeParcel({ kind: 'text', head: {} }, 0);
    const stream = { incarnation: 1, base: 0, acknowledged: 0 };
    disk.records.set(key('peer.stream', WEST), encodeRecord(stream));
    disk.records.set(key('peer.outbox', WEST, WAITING_PARCELS_MAX - 1), last);
    const { network, open } = createStreamFixture();
    network.leave(EAST);
    network.leave(WEST);
    const east = open(EAST, disk);
    const offer = (): boolean =>
      east.loop.turn((turn) => east.records.streams.offer(turn, WEST, { kind: 'text', head: {} }));
    assert.deepEqual([offer(), offer()], [true, false]);
  });

  test('does not send what is past its deadline, whenever it was last looked over', async () => {
    const { clock, east, west, network } = createStreamFixture();
    await clock.advance(100);
    network.cut(EAST, WEST);
    east.loop.turn((turn) => {
      const parcel = { kind: 'text', head: {}, texts: ['old'], deadlineMs: turn.now + 1000 };
      east.records.streams.offer(turn, WEST, parcel);
    });
    await clock.advance(2000);
    network.heal(EAST, WEST);
    await clock.advance(1000);
    assert.deepEqual(west.taken, []);
    assert.equal(east.returned[0]?.why.kind, 'expired');
  });

  test('survives crashes of both regions at any point: nothing is lost, doubled or out of order', async () => {
    let crashes = 0;
    for (let seed = 1; seed <= 12; seed += 1) {
      const random = seededRandom(seed);
      const faults = { lost: 0.1, unanswered: 0.1, doubled: 0.1, delayMsMax: 50 };
      const { clock, east, west } = createStreamFixture({ seed, faults });
      const durable: string[] = [];
      for (let number = 0; number < 60; number += 1) {
        for (const region of [east, west]) {
          region.isHeldBack = randomBelow(random, 3) > 0;
          if (!region.isHeldBack) for (const write of region.writes.splice(0)) write();
        }
        const position = east.loop.turn((turn) => {
          east.records.streams.offer(turn, WEST, { kind: 'text', head: {}, texts: [String(number)] });
          return turn.position;
        });
        const { loop } = east;
        void loop.store.whenDurable(position).then(() => east.loop === loop && durable.push(String(number)));
        await clock.advance(randomBelow(random, 80));
        if (randomBelow(random, 6) === 0) {
          crashes += 1;
          (randomBelow(random, 2) === 0 ? east : west).restart();
        }
      }
      for (const region of [east, west]) {
        region.isHeldBack = false;
        for (const write of region.writes.splice(0)) write();
      }
      await clock.advance(120_000);
      const { taken } = west;
      assert.deepEqual(
        taken,
        taken.toSorted((a, b) => Number(a) - Number(b)),
        `seed ${seed}: out of order`,
      );
      assert.equal(new Set(taken).size, taken.length, `seed ${seed}: doubled`);
      for (const text of durable) assert.ok(taken.includes(text), `seed ${seed}: ${text} was lost`);
    }
    assert.ok(crashes > 50, `${crashes} crashes`);
  });
});

suite('a peer that does not know a stream', () => {
  test('is sent the records that the region writes, and then their changes', async () => {
    const { clock, network, east, west } = createStreamFixture();
    network.cut(EAST, WEST);
    for (const name of numbers(0, 250)) east.put(name, 'old');
    await clock.advance(1000);
    east.put('7', 'new');
    east.delete('8');
    network.heal(EAST, WEST);
    await clock.advance(1000);
    assert.equal(west.held.size, 249);
    assert.deepEqual(west.held.get(key(HELD, '7')), east.loop.store.get(key(HELD, '7')));
    west.restart();
    assert.equal(west.held.size, 249);
  });

  test('gets what was written before there were any peers', async () => {
    const alone = createStreamFixture({ regions: [EAST] });
    for (const name of numbers(0, 150)) alone.east.put(name, 'old');
    await alone.clock.advance(100);
    const { clock, network, open } = createStreamFixture({ regions: [EAST, WEST] });
    for (const region of [EAST, WEST]) network.leave(region);
    open(EAST, copyOf(alone.east.disk));
    const west = open(WEST);
    await clock.advance(1000);
    assert.equal(west.held.size, 150);
  });

  test('starts empty: it gets a snapshot, and all that still waits for it', async () => {
    const { clock, network, open, east, west } = createStreamFixture();
    for (const name of numbers(0, 250)) east.put(name, 'old');
    await clock.advance(1000);
    west.kill();
    east.send(WEST, 'waiting');
    const empty = open(WEST);
    await clock.advance(10_000);
    assert.equal(empty.held.size, 250);
    assert.deepEqual(empty.taken, ['waiting']);
    network.leave(WEST);
  });

  test('goes on from an older copy of its store: what is gone since is gone there, too', async () => {
    const { clock, open, east, west } = createStreamFixture();
    for (const name of ['a', 'b', 'c']) east.put(name, 'old');
    await clock.advance(1000);
    const older = copyOf(west.disk);
    east.delete('b');
    east.put('c', 'new');
    east.send(WEST, 'seen before');
    await clock.advance(1000);
    west.kill();
    const restored = open(WEST, older);
    assert.equal(restored.held.size, 3);
    await clock.advance(10_000);
    assert.deepEqual([...restored.held.keys()], [key(HELD, 'a'), key(HELD, 'c')]);
    assert.deepEqual(
      restored.held.get(key(HELD, 'c')),
      east.held.get(key(HELD, 'c')) ?? east.loop.store.get(key(HELD, 'c')),
    );
  });
});

suite('a region whose store', () => {
  test('is an older copy does not take numbers that its peer has had for other parcels', async () => {
    const { clock, open, east, west } = createStreamFixture();
    east.send(WEST, '0');
    await clock.advance(1000);
    const older = copyOf(east.disk);
    east.send(WEST, '1', '2', '3');
    await clock.advance(1000);
    east.kill();
    const restored = open(EAST, older);
    restored.send(WEST, '4', '5');
    await clock.advance(10_000);
    assert.deepEqual(west.taken, ['0', '1', '2', '3', '4', '5']);
  });

  test('was lost takes nothing away from its peers', async () => {
    const { clock, open, east, west } = createStreamFixture();
    east.put('user', 'old');
    await clock.advance(1000);
    east.kill();
    const empty = open(EAST);
    empty.put('other', 'new');
    empty.send(WEST, 'after');
    await clock.advance(10_000);
    assert.deepEqual([...west.held.keys()].toSorted(), [key(HELD, 'other'), key(HELD, 'user')]);
    assert.deepEqual(west.taken, ['after']);
  });
});

suite('three regions', () => {
  test('each get what the others send, whoever of them is away', async () => {
    const third = 'eu-west-1';
    const { clock, network, east, west, region } = createStreamFixture({ regions: [EAST, WEST, third] });
    await clock.advance(100);
    network.cut(EAST, WEST);
    east.put('a', '1');
    west.send(third, 'from west');
    await clock.advance(1000);
    assert.equal(west.held.size, 0);
    assert.equal(region(third).held.size, 1);
    assert.deepEqual(region(third).taken, ['from west']);
    network.heal(EAST, WEST);
    await clock.advance(1000);
    assert.equal(west.held.size, 1);
  });
});
