import type { Intrinsic } from './intrinsic.ts';

/** `States.Array(a, b, ...)`: an array of its arguments. */
export const array: Intrinsic = {
  argumentCountMin: 0,
  argumentCountMax: Infinity,
  apply: (values) => values,
};
