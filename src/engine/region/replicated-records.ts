/** Records that every region holds. With nobody to tell, they are records like any other. */
import type { ReplicatedRecords } from './ports.ts';

/** For a region that is alone. */
export function localRecords(): ReplicatedRecords {
  return {
    put: (turn, key, value) => turn.put(key, value),
    delete: (turn, key) => turn.delete(key),
    follow: () => undefined,
  };
}
