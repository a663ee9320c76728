/** Crashes at random points: what was acknowledged is there, and every event is in all of its places or in none. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { silentLogger } from '../../base/log.ts';
import { randomBelow, seededRandom } from '../../base/random.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../../storage/memory/store.ts';
import type { Value } from '../../storage/store.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { Loop } from '../loop.ts';
import type { Queue } from '../queue/queue.ts';
import { Queues } from '../queue/queues.ts';
import { Trace } from '../trace/trace.ts';
import { busLogSource } from './bus-log.ts';
import { Buses } from './buses.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const CONFIG = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  messageSizeBytesMax: 1_048_576,
  retentionSeconds: 345_600,
  receiveWaitSeconds: 0,
  stored: {},
};

function open(disk: MemoryDisk, clock: SimClock, seed: number) {
  const store = createMemoryStore({ disk, clock });
  const onFatal = (error: Error): never => {
    throw error;
  };
  const loop = new Loop({ store, clock, random: seededRandom(seed), log: silentLogger, onFatal });
  const trace = new Trace(loop, { sources: [busLogSource] });
  const queues = new Queues(loop);
  const buses = new Buses({ loop, trace, queues });
  trace.start();
  queues.start();
  buses.start();
  return { loop, store, queues, buses };
}

type World = ReturnType<typeof open>;

/** What is on the disk at this moment; what a dead process's store still writes goes nowhere. */
function crashed(disk: MemoryDisk): MemoryDisk {
  const copy = createMemoryDisk();
  for (const key of disk.records.keys('', '\u0100')) copy.records.set(key, disk.records.get(key) as Value);
  copy.position = disk.position;
  return copy;
}

/** Two queues on the default bus, and one behind a second bus. */
async function build({ loop, queues, buses }: World, clock: SimClock): Promise<void> {
  loop.turn((turn) => {
    const second = buses.create(turn, { ...SCOPE, name: 'second', tags: {} });
    const first = buses.get(SCOPE, 'default');
    assert.ok(first);
    const [a, b, c] = ['a', 'b', 'c'].map((name) =>
      queues.create(turn, { ...SCOPE, name, config: CONFIG, tags: {} }),
    );
    const definition = { state: 'ENABLED' as const, eventPattern: '{"source":["shop"]}' };
    const all = buses.putRule(turn, first, { name: 'all', definition, tags: {} });
    const arns = [a?.arn, b?.arn, second.arn];
    buses.updateRule(turn, first, all, {
      targets: arns.map((Arn = '', index) => ({ Id: `t${index}`, Arn })),
    });
    const on = buses.putRule(turn, second, { name: 'on', definition, tags: {} });
    buses.updateRule(turn, second, on, { targets: [{ Id: 't', Arn: c?.arn ?? '' }] });
  });
  await clock.advance(0);
}

function numbersIn({ loop, queues }: World, name: string): number[] {
  const queue = queues.get(SCOPE, name) as Queue;
  const numbers: number[] = [];
  while (queue.hasReady()) {
    loop.turn((turn) => {
      for (const message of queue.receive(turn, { countMax: 10 })) {
        numbers.push(JSON.parse(queue.content(message).body).detail.number);
      }
    });
  }
  return numbers.toSorted((x, y) => x - y);
}

async function crashOnce(seed: number): Promise<{ acknowledged: number; present: number }> {
  const random = seededRandom(seed);
  const clock = new SimClock();
  let disk = createMemoryDisk();
  let world = open(disk, clock, seed);
  await build(world, clock);
  const acknowledged: number[] = [];
  for (let number = 0; number < 40; number += 1) {
    const { loop, store, buses } = world;
    const detailText = JSON.stringify({ number });
    const event = {
      scope: SCOPE,
      busName: 'default',
      source: 'shop',
      detailType: 'x',
      resources: [],
      detailText,
    };
    const position = loop.turn((turn) => {
      buses.put(turn, [event], { kind: 'request', id: `r${number}` });
      return turn.position;
    });
    const isAlive = (): boolean => world.store === store;
    void store.whenDurable(position).then(() => isAlive() && acknowledged.push(number));
    if (randomBelow(random, 3) === 0) await clock.advance(0);
    if (randomBelow(random, 8) === 0) {
      disk = crashed(disk);
      world = open(disk, clock, seed + number + 1);
    }
  }
  world = open(crashed(disk), clock, seed + 1000);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => numbersIn(world, name));
  assert.deepEqual(a, b, `seed ${seed}`);
  assert.deepEqual(a, c, `seed ${seed}`);
  assert.equal(new Set(a).size, a?.length, `seed ${seed}: doubled`);
  const logged = world.buses.log.recent({ scope: SCOPE, busName: 'default', countMax: 100 });
  const loggedNumbers = logged.map(({ text }) => JSON.parse(text).detail.number as number);
  assert.deepEqual(loggedNumbers.toReversed(), a, `seed ${seed}: log and queues differ`);
  for (const number of acknowledged) assert.ok(a?.includes(number), `seed ${seed}: ${number} was lost`);
  return { acknowledged: acknowledged.length, present: a?.length ?? 0 };
}

suite('a crash', () => {
  test('takes back no acknowledged event, and leaves none half delivered or delivered twice', async () => {
    let acknowledged = 0;
    let lost = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const run = await crashOnce(seed);
      acknowledged += run.acknowledged;
      lost += 40 - run.present;
    }
    // The crashes did hit work under way, and not everything.
    assert.ok(acknowledged > 100 && lost > 20, `${acknowledged} acknowledged, ${lost} lost`);
  });
});
