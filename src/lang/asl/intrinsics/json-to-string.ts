import type { Intrinsic } from './intrinsic.ts';

/** `States.JsonToString(value)`: its JSON text. */
export const jsonToString: Intrinsic = {
  argumentCountMin: 1,
  argumentCountMax: 1,
  apply: ([value]) => JSON.stringify(value),
};
