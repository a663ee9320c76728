import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError, requireArray, requireNumber, roundHalfUp } from './intrinsic.ts';

/** `States.ArrayGetItem(array, index)`: the item at a zero-based index. */
export const arrayGetItem: Intrinsic = {
  argumentCountMin: 2,
  argumentCountMax: 2,
  apply: ([list, position]) => {
    const item = requireArray(list)[roundHalfUp(requireNumber(position))];
    if (item === undefined) throw new IntrinsicError('The index is out of the bounds of the array');
    return item;
  },
};
