/** Records of a region that is alone: it has nobody to tell of them. */
import type { ReplicatedRecords } from './ports.ts';

export const localRecords: ReplicatedRecords = {
  put: (turn, key, value) => turn.put(key, value),
  delete: (turn, key) => turn.delete(key),
  follow: () => undefined,
};
