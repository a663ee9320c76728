import { uuid as randomUuid } from '../../../base/ids.ts';
import type { Intrinsic } from './intrinsic.ts';

/** `States.UUID()`: a version 4 UUID. */
export const uuid: Intrinsic = {
  argumentCountMin: 0,
  argumentCountMax: 0,
  apply: (_values, random) => randomUuid(random),
};
