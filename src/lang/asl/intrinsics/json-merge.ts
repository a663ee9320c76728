import { isPlainObject } from '../../../base/exact-json.ts';
import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError } from './intrinsic.ts';

/** `States.JsonMerge(first, second, false)`: members of both, the second's where both have one. */
export const jsonMerge: Intrinsic = {
  argumentCountMin: 3,
  argumentCountMax: 3,
  apply: ([first, second, isDeep]) => {
    if (!isPlainObject(first) || !isPlainObject(second)) {
      throw new IntrinsicError('Both arguments must be objects');
    }
    // AWS: "Step Functions currently only supports shallow merging mode."
    if (isDeep !== false) throw new IntrinsicError('Only the shallow merging mode (false) is supported');
    return { ...first, ...second };
  },
};
