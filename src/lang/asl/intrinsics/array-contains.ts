import { jsonEquals } from '../../../base/json.ts';
import type { Intrinsic } from './intrinsic.ts';
import { requireArray } from './intrinsic.ts';

/** `States.ArrayContains(array, value)`: whether an item equals the value, deeply. */
export const arrayContains: Intrinsic = {
  argumentCountMin: 2,
  argumentCountMax: 2,
  apply: ([list, value]) => value !== undefined && requireArray(list).some((item) => jsonEquals(item, value)),
};
