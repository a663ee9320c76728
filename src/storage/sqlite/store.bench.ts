/**
 * Measures the SQLite store alone: `npx node src/storage/sqlite/store.bench.ts [directory]`. Prints one line a
 * figure; `docs/adr/0001-one-journal-row-per-commit.md` keeps the last ones with the machine they come from.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { key } from '../keys.ts';
import type { Batch, Key } from '../store.ts';
import { openSqliteStore } from './store.ts';
import type { SqliteStore } from './store.ts';

const MEASURE_MS = 2000;
const RECORD = Buffer.alloc(300, 'r');
const RECORDS_STORED = 1_000_000;

const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'millrace-bench-'));
const open = (): Promise<SqliteStore> =>
  openSqliteStore({ directory, clock: systemClock, log: silentLogger });

function print(name: string, figure: string): void {
  process.stdout.write(`${name.padEnd(52)} ${figure}\n`);
}

/** A key as the engine makes them: many entities, each with a growing number. */
function recordKey(index: number): Key {
  return key('000000000000', 'us-east-1', 'history', `execution-${index % 1000}`, Math.floor(index / 1000));
}

const putOf = (index: number): Batch => ({ puts: [{ key: recordKey(index), value: RECORD }], deletes: [] });

/** `waiters` loops that each commit a batch and wait for it. Prints batches/s, main-thread and all CPU per batch. */
async function commitLoops(name: string, waiters: number, batchOf: (index: number) => Batch): Promise<void> {
  await using store = await open();
  let count = 0;
  const latenciesMs: number[] = [];
  const untilMs = performance.now() + MEASURE_MS;
  const loop = async (): Promise<void> => {
    for (let nowMs = performance.now(); nowMs < untilMs;) {
      count += 1;
      await store.whenDurable(store.commit(batchOf(count)));
      const doneMs = performance.now();
      latenciesMs.push(doneMs - nowMs);
      nowMs = doneMs;
    }
  };
  const cpu = process.cpuUsage();
  const mainCpu = process.threadCpuUsage();
  const startMs = performance.now();
  await Promise.all(Array.from({ length: waiters }, loop));
  const seconds = (performance.now() - startMs) / 1000;
  const main = process.threadCpuUsage(mainCpu);
  const all = process.cpuUsage(cpu);
  latenciesMs.sort((a, b) => a - b);
  const quantile = (part: number): string => (latenciesMs[Math.floor(count * part)] ?? 0).toFixed(2);
  print(
    name,
    `${Math.round(count / seconds)}/s, p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, ` +
      `${((main.user + main.system) / count).toFixed(2)} us main, ${((all.user + all.system) / count).toFixed(2)} us all`,
  );
}

/** Messages that live for 5,000 commits: each batch puts one and deletes an old one. */
function queueTraffic(index: number): Batch {
  const deletes = index > 5000 ? [recordKey(index - 5000)] : [];
  return { ...putOf(index), deletes };
}

/** Prints what a busy machine allows, and what it costs in CPU, which others on the machine change less. */
function rate(name: string, read: (index: number) => void): void {
  let count = 0;
  const cpu = process.threadCpuUsage();
  const startMs = performance.now();
  while (performance.now() - startMs < MEASURE_MS) {
    for (let turn = 0; turn < 100; turn += 1, count += 1) read(count);
  }
  const perSecond = (count / (performance.now() - startMs)) * 1000;
  const { user, system } = process.threadCpuUsage(cpu);
  print(name, `${Math.round(perSecond)}/s, ${((user + system) / count).toFixed(2)} us CPU`);
}

async function fill(): Promise<void> {
  await using store = await open();
  for (let start = 0; start < RECORDS_STORED; start += 1000) {
    const puts = Array.from({ length: 1000 }, (_, index) => ({
      key: recordKey(start + index),
      value: RECORD,
    }));
    await store.whenDurable(store.commit({ puts, deletes: [] }));
  }
  await store.settle();
}

async function reads(): Promise<void> {
  const openMs = performance.now();
  await using store = await open();
  print('open with 1 M records', `${Math.round(performance.now() - openMs)} ms`);
  const pick = (index: number): number => (index * 7919) % RECORDS_STORED;
  rate('get', (index) => store.get(recordKey(pick(index))));
  const range = (index: number): void => {
    const from = recordKey(pick(index));
    if (store.range(from, '\u00ff', { limit: 100 }).length === 0) throw new Error('nothing there');
  };
  rate('range of 100', range);
  // Beside the stored ones, so that ranges meet both.
  const pending = Array.from({ length: 50_000 }, (_, index) => ({
    key: `${recordKey(index * 20)}+`,
    value: RECORD,
  }));
  store.commit({ puts: pending, deletes: [] });
  rate('range of 100 with 50,000 pending records', range);
}

async function recovery(): Promise<void> {
  const store = await open();
  for (let start = 0; start < 50_000; start += 500) {
    const puts = Array.from({ length: 500 }, (_, index) => ({
      key: recordKey(start + index),
      value: RECORD,
    }));
    store.commit({ puts, deletes: [] });
  }
  await store.close();
  const startMs = performance.now();
  await using reopened = await open();
  print('open with 1 M records and 50,000 in the journal', `${Math.round(performance.now() - startMs)} ms`);
  await reopened.settle();
}

try {
  for (const waiters of [1, 32, 256]) await commitLoops(`put, ${waiters} waiters`, waiters, putOf);
  await commitLoops('put one and delete one, 256 waiters', 256, queueTraffic);
  await fill();
  await reads();
  await recovery();
} finally {
  rmSync(directory, { recursive: true });
}
