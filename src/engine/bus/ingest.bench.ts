/**
 * What one entry of PutEvents costs the engine in CPU of the main thread: `npx node src/engine/bus/ingest.bench.ts`.
 * The goal is 15 us for an event of 300 bytes that one rule gives to a queue. The store only counts what it is given;
 * writing it is `storage/sqlite/store.bench.ts`.
 */
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { createMemoryStore } from '../../storage/memory/store.ts';
import type { Batch, Store } from '../../storage/store.ts';
import { Loop } from '../loop.ts';
import { Queues } from '../queue/queues.ts';
import { Trace } from '../trace/trace.ts';
import { busLogSource } from './bus-log.ts';
import { Buses } from './buses.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const EVENTS_PER_ROUND = 20_000;
const ROUNDS = 7;
const DETAIL = JSON.stringify({
  orderId: 'o-123456',
  orderAmount: 199.5,
  customer: { id: 'c-9876', name: 'x'.repeat(20) },
  lines: [1, 2, 3].map((line) => ({ sku: `sku-${line}`, quantity: line, price: 9.99 })),
  note: 'y'.repeat(60),
});

interface Written {
  records: number;
  bytes: number;
}

/** A store that counts what it is given and forgets it, so that the figures are the engine's alone. */
function createForgetfulStore(written: Written): Store {
  const store = createMemoryStore();
  store.commit = (batch: Batch) => {
    for (const { key, value } of batch.puts) {
      written.records += 1;
      written.bytes += key.length + value.length;
    }
    return store.durablePosition;
  };
  return store;
}

function openWorld(ruleCount: number, targetCount: number) {
  const written: Written = { records: 0, bytes: 0 };
  const loop = new Loop({
    store: createForgetfulStore(written),
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    onFatal: (error) => {
      throw error;
    },
  });
  const trace = new Trace(loop, { sources: [busLogSource] });
  const queues = new Queues(loop);
  const buses = new Buses({ loop, trace, queues });
  const config = {
    visibilityTimeoutSeconds: 30,
    delaySeconds: 0,
    messageSizeBytesMax: 1_048_576,
    retentionSeconds: 345_600,
    receiveWaitSeconds: 0,
    stored: {},
  };
  const targets = Array.from({ length: targetCount }, (_, index) => {
    const queue = loop.turn((turn) => queues.create(turn, { ...SCOPE, name: `q${index}`, config, tags: {} }));
    return { Id: `t${index}`, Arn: queue.arn };
  });
  const bus = loop.turn((turn) => buses.create(turn, { ...SCOPE, name: 'orders', tags: {} }));
  for (let index = 0; index < ruleCount; index += 1) {
    const eventPattern = JSON.stringify({ source: [index === 0 ? 'shop' : `other-${index}`] });
    loop.turn((turn) => {
      const definition = { state: 'ENABLED' as const, eventPattern };
      const rule = buses.putRule(turn, bus, { name: `r${index}`, definition, tags: {} });
      buses.updateRule(turn, bus, rule, { targets });
    });
  }
  return { loop, buses, queues, written };
}

function measure(name: string, options: { rules: number; targets: number; entries: number }): void {
  const { loop, buses, queues, written } = openWorld(options.rules, options.targets);
  const event = {
    scope: SCOPE,
    busName: 'orders',
    source: 'shop',
    detailType: 'OrderCreated',
    detailText: DETAIL,
    resources: [],
  };
  const events = Array.from({ length: options.entries }, () => event);
  const figures: number[] = [];
  const before = { ...written };
  let count = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const cpu = process.threadCpuUsage();
    for (let done = 0; done < EVENTS_PER_ROUND; done += options.entries) {
      JSON.parse(DETAIL);
      loop.turn((turn) => buses.put(turn, events, { kind: 'request', id: `request-${done}` }));
      count += options.entries;
    }
    const { user, system } = process.threadCpuUsage(cpu);
    figures.push((user + system) / EVENTS_PER_ROUND);
    for (const queue of queues.list(SCOPE)) loop.turn((turn) => queue.purge(turn));
  }
  queues.close();
  buses.close();
  const [median = 0] = figures.toSorted((a, b) => a - b).slice(Math.floor(ROUNDS / 2));
  const records = ((written.records - before.records) / count).toFixed(2);
  const bytes = ((written.bytes - before.bytes) / count).toFixed(0);
  process.stdout.write(`${name.padEnd(44)} ${median.toFixed(2)} us, ${records} records of ${bytes} bytes\n`);
}

measure('no rule matches', { rules: 0, targets: 1, entries: 1 });
measure('1 rule -> 1 queue', { rules: 1, targets: 1, entries: 1 });
measure('1 rule -> 1 queue, 10 entries a request', { rules: 1, targets: 1, entries: 10 });
measure('1 of 300 rules -> 1 queue', { rules: 300, targets: 1, entries: 1 });
measure('1 rule -> 5 queues', { rules: 1, targets: 5, entries: 1 });
