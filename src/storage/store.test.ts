import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { storeContract } from './contract.ts';
import { createMemoryDisk, createMemoryStore } from './memory/store.ts';
import { openSqliteStore } from './sqlite/store.ts';
import type { SqliteStore } from './sqlite/store.ts';

storeContract('memory', () => {
  const disk = createMemoryDisk();
  return { open: async () => createMemoryStore({ disk }) };
});

storeContract('sqlite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-store-'));
  return {
    open: () => openSqliteStore({ directory, clock: systemClock, log: silentLogger }),
    settle: (store) => (store as SqliteStore).settle(),
    remove: () => rm(directory, { recursive: true }),
  };
});
