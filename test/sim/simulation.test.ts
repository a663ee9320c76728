/**
 * Seeds from 1 on, MILLRACE_SIM_SEEDS of them (default 50); MILLRACE_SIM_SEED runs that one alone, and with
 * MILLRACE_SIM_TRACE=1 tells what happens in it.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { KEYSPACE } from '../../src/engine/keyspace.ts';
import { key } from '../../src/storage/keys.ts';
import type { FindingKind } from '../../src/testing/checkers.ts';
import {
  withoutAtomicity,
  withoutRecords,
  withoutWaiting,
  withRecordsAhead,
} from '../../src/testing/broken-store.ts';
import { simulate, type SimulationOptions } from './simulation.ts';

const ONE_SEED = Number(process.env['MILLRACE_SIM_SEED'] ?? 0);
const SEED_COUNT = Number(process.env['MILLRACE_SIM_SEEDS'] ?? 50);
const SEEDS = ONE_SEED > 0 ? [ONE_SEED] : Array.from({ length: SEED_COUNT }, (_, index) => index + 1);
const TRACE = process.env['MILLRACE_SIM_TRACE'] === '1' ? printLine : undefined;

function printLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

const title = `${SEEDS.length} simulated regions keep their promises through crashes and failing disks`;

test(title, { timeout: 60_000 + SEEDS.length * 1000 }, async (context) => {
  const total = { acknowledged: 0, unknown: 0, crashes: 0, executions: 0, deadLetters: 0, fifo: 0 };
  for (const seed of SEEDS) {
    const { findings, recorder, crashCount, executionCount, fifoCount } = await simulate({
      seed,
      ...(TRACE === undefined ? {} : { trace: TRACE }),
    });
    const again = `again with: MILLRACE_SIM_SEED=${seed} MILLRACE_SIM_TRACE=1 npm test -- test/sim`;
    assert.deepEqual(findings, [], `seed ${seed}; ${again}`);
    total.acknowledged += recorder.acknowledgedCount;
    total.unknown += recorder.unknownCount;
    total.crashes += crashCount;
    total.executions += executionCount;
    total.fifo += fifoCount;
    total.deadLetters += recorder.deadLetterCount;
  }
  context.diagnostic(JSON.stringify({ seeds: SEEDS.length, ...total }));
  // A workload that nobody answers would find nothing, too.
  assert.ok(total.acknowledged > SEEDS.length * 200, `${total.acknowledged} operations were acknowledged`);
  assert.ok(total.crashes >= SEEDS.length * 4 && total.executions > SEEDS.length * 30, JSON.stringify(total));
  assert.ok(total.fifo > SEEDS.length * 20, `${total.fifo} messages of FIFO queues were shown`);
  assert.ok(SEEDS.length < 10 || total.deadLetters > 0, 'no message was given up');
});

test('a seed is the whole world: the same one gives the same trace, line by line, and another one another', async () => {
  const traceOf = async (seed: number): Promise<string[]> => {
    const lines: string[] = [];
    await simulate({ seed, trace: (line) => lines.push(line) });
    return lines;
  };
  const first = await traceOf(7);
  assert.ok(first.length > 500, `${first.length} lines`);
  assert.deepEqual(await traceOf(7), first);
  assert.notDeepEqual(await traceOf(8), first);
});

suite('the simulator finds out', () => {
  /** Seeds in which a broken region may hide before the simulator is called blind. */
  const SEEDS_MAX = 20;

  const finds = async (broken: Omit<SimulationOptions, 'seed'>, expected: FindingKind): Promise<void> => {
    for (let seed = 1; seed <= SEEDS_MAX; seed += 1) {
      const { findings } = await simulate({ seed, ...broken });
      if (findings.some(({ kind }) => kind === expected)) return;
    }
    assert.fail(`nothing was ${expected} in ${SEEDS_MAX} seeds`);
  };
  const without = (keyspace: string): Omit<SimulationOptions, 'seed'> => ({
    break: (store) => withoutRecords(store, key(keyspace)),
  });

  test('a region whose timers do not fire', () => finds({ hasNoTimers: true }, 'stuck'));
  test('a region that answers before its commit is on disk', () => finds({ break: withoutWaiting }, 'lost'));
  test('a region that shows what is not on disk yet', () => finds({ hasHastyReads: true }, 'vanished'));
  test('a region that lets deleted messages come back', () => finds({ break: withoutWaiting }, 'returned'));
  test('a region whose commits are not all or nothing', () => finds({ break: withoutAtomicity }, 'torn'));
  test('a region that commits what a task sends before the step of the task', () =>
    finds(
      {
        break: (store) =>
          withRecordsAhead(store, { ahead: key(KEYSPACE.message), behind: key(KEYSPACE.execution) }),
      },
      'doubled',
    ));
  test('a region that forgets which messages are hidden', () =>
    finds(without(KEYSPACE.messageVisibility), 'early'));
  test('a region that does not go on with the executions that ran', () =>
    finds(without(KEYSPACE.execution), 'torn'));
  test('a region that forgets what executions did', () =>
    finds(without(KEYSPACE.executionHistory), 'malformed'));
  test('a region that forgets which messages it took', () =>
    finds(without(KEYSPACE.messageDeduplication), 'doubled'));
  test('a region that shows a group further while one of it is hidden', () =>
    finds({ hasNoGroups: true }, 'reordered'));
  test('a region that shows what stood behind a message whose deletion is not on disk', () =>
    finds({ hasHastyReads: true }, 'reordered'));
  test('a region that forgets its messages', () => finds(without(KEYSPACE.message), 'lost'));
  test('a region that forgets its items', () => finds(without(KEYSPACE.item), 'lost'));
});
