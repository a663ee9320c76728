import type { Json } from '../../../base/json.ts';
import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError, requireArray, requireNumber, roundHalfUp } from './intrinsic.ts';

/** `States.ArrayPartition(array, size)`: the array in pieces of `size`, the last one maybe shorter. */
export const arrayPartition: Intrinsic = {
  argumentCountMin: 2,
  argumentCountMax: 2,
  apply: ([list, chunk]) => {
    const items = requireArray(list);
    const size = roundHalfUp(requireNumber(chunk));
    if (size <= 0) throw new IntrinsicError('The chunk size must be a positive integer');
    const parts: Json[] = [];
    for (let start = 0; start < items.length; start += size) parts.push(items.slice(start, start + size));
    return parts;
  },
};
