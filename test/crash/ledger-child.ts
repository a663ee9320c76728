/**
 * Commits the batches of `ledger.ts`, from where the store has come to, and says on its standard output what it has
 * found, what it sends and what it was told is durable. Tests kill it, fail its disk and write down what it writes.
 *
 *   node ledger-child.ts '{"directory": ..., "batches": ..., ...}'
 */
import { writeSync } from 'node:fs';
import { errorMessage } from '../../src/base/errors.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { openSqliteStore } from '../../src/storage/sqlite/store.ts';
import type { SqliteStore } from '../../src/storage/sqlite/store.ts';
import { batchOf, lastNumber } from './ledger.ts';
import type { LedgerOptions } from './ledger-process.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as LedgerOptions;
/** So that groups of several batches come about. */
const WORKERS = 3;
/** Brings the journal to the table, in the middle of the work of the others. */
const SETTLE_EVERY = 60;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function work(store: SqliteStore): Promise<void> {
  let last = lastNumber(store);
  say(`seen ${last}`);
  const end = last + options.batches;
  const worker = async (): Promise<void> => {
    while (last < end) {
      last += 1;
      const number = last;
      say(`sent ${number}`);
      const position = store.commit(batchOf(number));
      if (options.isEarly === true) say(`acked ${number}`);
      await store.whenDurable(position);
      if (options.isEarly !== true) say(`acked ${number}`);
      if (number % SETTLE_EVERY === 0) await store.settle();
    }
  };
  // All of them: after one was told of a failure the others still try, and may not be told otherwise.
  const ends = await Promise.allSettled(Array.from({ length: WORKERS }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

try {
  const store = await openSqliteStore({
    directory: options.directory,
    clock: systemClock,
    log: silentLogger,
    synchronous: options.synchronous ?? 'FULL',
  });
  store.onFailure(() => say('failed'));
  await work(store);
  if (options.end === 'kill') process.kill(process.pid, 'SIGKILL');
  await store.close();
  say('closed');
} catch (error) {
  say(`refused ${errorMessage(error).replaceAll('\n', ' ')}`);
  process.exit(1);
}
