/**
 * Commits enough for a checkpoint, waits until that has been, and says what the store thinks of it.
 *
 *   node checkpoint-child.ts DIRECTORY
 */
import { writeSync } from 'node:fs';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { openSqliteStore } from '../../src/storage/sqlite/store.ts';

const [directory = ''] = process.argv.slice(2);
const store = await openSqliteStore({ directory, clock: systemClock, log: silentLogger });
store.onFailure(({ message }) => {
  writeSync(1, `${message}\n`);
  process.exit(1);
});
// It syncs the database when it gets to the end of the WAL, so when nothing is written meanwhile.
for (let attempt = 0; attempt < 20; attempt += 1) {
  await store.whenDurable(
    store.commit({ puts: [{ key: 'z', value: Buffer.alloc(5 * 2 ** 20) }], deletes: [] }),
  );
  await sleep(systemClock, 400);
}
writeSync(1, 'nothing was noticed\n');
process.exit(0);
