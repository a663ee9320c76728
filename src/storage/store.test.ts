import { createMemoryDisk, createMemoryStore } from './memory/store.ts';
import { storeContract } from './contract.ts';

storeContract('memory', () => {
  const disk = createMemoryDisk();
  return { open: async () => createMemoryStore({ disk }) };
});
