import { AwsError } from '../../../base/errors.ts';
import { parseExactJson } from '../../../base/exact-json.ts';
import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError, requireString } from './intrinsic.ts';

/** `States.StringToJson(text)`. A blank text yields null (recorded). */
export const stringToJson: Intrinsic = {
  argumentCountMin: 1,
  argumentCountMax: 1,
  apply: ([value]) => {
    const text = requireString(value);
    if (text.trim() === '') return null;
    try {
      return parseExactJson(text);
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof AwsError)) throw error;
      throw new IntrinsicError(`The argument is not valid JSON: ${error.message}`);
    }
  },
};
