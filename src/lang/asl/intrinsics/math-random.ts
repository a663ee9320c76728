import { randomFloat } from '../../../base/random.ts';
import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError, requireNumber, roundHalfUp } from './intrinsic.ts';
import { javaRandomFloat } from './java-random.ts';

/** `States.MathRandom(from, to[, seed])`: a whole number from `from` up to but not including `to`. */
export const mathRandom: Intrinsic = {
  argumentCountMin: 2,
  argumentCountMax: 3,
  apply: ([first, last, seed], random) => {
    const from = roundHalfUp(requireNumber(first));
    const to = roundHalfUp(requireNumber(last));
    if (from >= to) throw new IntrinsicError('The start of the range must be less than its end');
    const fraction =
      seed === undefined ? randomFloat(random) : javaRandomFloat(roundHalfUp(requireNumber(seed)));
    return from + Math.floor(fraction * (to - from));
  },
};
