import type { Intrinsic } from './intrinsic.ts';
import { requireShortText } from './intrinsic.ts';

/** `States.Base64Encode(text)` */
export const base64Encode: Intrinsic = {
  argumentCountMin: 1,
  argumentCountMax: 1,
  apply: ([text]) => Buffer.from(requireShortText(text)).toString('base64'),
};
