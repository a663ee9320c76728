import type { Intrinsic } from './intrinsic.ts';
import { requireNumber, roundHalfUp } from './intrinsic.ts';

/** `States.MathAdd(a, b)`: the sum of both, each rounded first (recorded: 1.49 + 1.5 = 3). */
export const mathAdd: Intrinsic = {
  argumentCountMin: 2,
  argumentCountMax: 2,
  apply: ([a, b]) => roundHalfUp(requireNumber(a)) + roundHalfUp(requireNumber(b)),
};
