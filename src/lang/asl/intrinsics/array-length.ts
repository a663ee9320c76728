import type { Intrinsic } from './intrinsic.ts';
import { requireArray } from './intrinsic.ts';

/** `States.ArrayLength(array)` */
export const arrayLength: Intrinsic = {
  argumentCountMin: 1,
  argumentCountMax: 1,
  apply: ([list]) => requireArray(list).length,
};
