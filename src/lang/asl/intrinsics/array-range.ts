import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError, requireNumber, roundHalfUp } from './intrinsic.ts';

/** "The array can contain up to 1000 elements." */
const ITEMS_MAX = 1000;

/** `States.ArrayRange(first, last, step)`: first, first + step, ... up to and including last. */
export const arrayRange: Intrinsic = {
  argumentCountMin: 3,
  argumentCountMax: 3,
  apply: (values) => {
    const [first = 0, last = 0, step = 0] = values.map((value) => roundHalfUp(requireNumber(value)));
    if (step === 0) throw new IntrinsicError('The step must not be zero');
    const count = Math.max(0, Math.floor((last - first) / step) + 1);
    if (count > ITEMS_MAX) throw new IntrinsicError(`The array must have no more than ${ITEMS_MAX} items`);
    return Array.from({ length: count }, (_, index) => first + index * step);
  },
};
