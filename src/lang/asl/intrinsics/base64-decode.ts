import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError, requireShortText } from './intrinsic.ts';

/** `States.Base64Decode(text)` */
export const base64Decode: Intrinsic = {
  argumentCountMin: 1,
  argumentCountMax: 1,
  apply: ([text]) => {
    const encoded = requireShortText(text);
    // Buffer skips what is not Base64, where AWS refuses it.
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) throw new IntrinsicError('The argument is not Base64');
    return Buffer.from(encoded, 'base64').toString('utf8');
  },
};
