/** The contract, over every backend and over each of them behind the fault injector. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { createFaultyStore } from '../testing/faulty-store.ts';
import { storeContract } from './contract.ts';
import type { CreateSite } from './contract.ts';
import { createMemoryDisk, createMemoryStore } from './memory/store.ts';
import { openSqliteStore } from './sqlite/store.ts';
import type { SqliteStore } from './sqlite/store.ts';

const memory: CreateSite = () => {
  const disk = createMemoryDisk();
  return { open: async () => createMemoryStore({ disk }) };
};

const sqlite: CreateSite = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-store-'));
  let opened: SqliteStore | undefined;
  return {
    open: async () => {
      opened = await openSqliteStore({ directory, clock: systemClock, log: silentLogger });
      return opened;
    },
    settle: async () => opened?.settle(),
    remove: () => rm(directory, { recursive: true }),
  };
};

/** The same place, with a store in which every other commit is reported late. */
function slow(createSite: CreateSite): CreateSite {
  return async () => {
    const site = await createSite();
    const random = seededRandom(1);
    const open = async () => createFaultyStore(await site.open(), random, { slow: 0.5 });
    return { ...site, open };
  };
}

for (const [name, createSite] of Object.entries({ memory, sqlite })) {
  storeContract(name, createSite);
  storeContract(`${name}, slow`, slow(createSite));
}
