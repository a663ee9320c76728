/**
 * The process that `store.test.ts` kills: 16 entities write and wait, and note in a file what they were told is
 * durable. Once they are at work it prints a line.
 *
 *   node store-child.ts DIRECTORY NOTES honest|early
 *
 * Each step of an entity is one batch: a new record, the removal of the one ten steps before, and the number of the
 * step. `early` notes it first and commits a few milliseconds later: the liar that the test must catch.
 */
import { openSync, writeSync } from 'node:fs';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { key } from '../../src/storage/keys.ts';
import { openSqliteStore } from '../../src/storage/sqlite/store.ts';

const [directory = '', notesPath = '', mode] = process.argv.slice(2);
const notes = openSync(notesPath, 'a');
const store = await openSqliteStore({ directory, clock: systemClock, log: silentLogger });
/** What stores that flush now and then call their interval. */
const FLUSH_INTERVAL_MS = 5;
const value = Buffer.alloc(300, 'v');

async function run(entity: number): Promise<void> {
  const first = Number(Buffer.from(store.get(key('step', entity)) ?? '0').toString());
  for (let step = first + 1; ; step += 1) {
    if (mode === 'early') {
      writeSync(notes, `${entity} ${step}\n`);
      await sleep(systemClock, FLUSH_INTERVAL_MS);
    }
    const position = store.commit({
      puts: [
        { key: key('record', entity, step), value },
        { key: key('step', entity), value: Buffer.from(String(step)) },
      ],
      deletes: step % 50 === 0 ? [] : [key('record', entity, Math.max(0, step - 10))],
      // Every so often a range takes away what the deletes have left.
      deleteRanges: step % 50 === 0 ? [[key('record', entity, 0), key('record', entity, step - 9)]] : [],
    });
    await store.whenDurable(position);
    if (mode === 'honest') writeSync(notes, `${entity} ${step}\n`);
  }
}

writeSync(1, 'at work\n');
await Promise.all(Array.from({ length: 16 }, (_, entity) => run(entity)));
