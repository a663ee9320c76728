import type { Json } from '../../../base/json.ts';
import { isExactNumber, isPlainObject } from '../../../base/exact-json.ts';
import type { Intrinsic } from './intrinsic.ts';
import { IntrinsicError, requireString } from './intrinsic.ts';

/** No payload may hold a longer text, and a template with many place holders could multiply one without end. */
const RESULT_LENGTH_MAX = 262_144;

/** `States.Format(template, a, b, ...)`: the template with each `{}` replaced; `\{` and `\}` are plain braces. */
export const format: Intrinsic = {
  argumentCountMin: 1,
  argumentCountMax: Infinity,
  apply: ([first, ...values]) => {
    const template = requireString(first);
    let text = '';
    let used = 0;
    for (let index = 0; index < template.length; index += 1) {
      const character = template.charAt(index);
      const next = template.charAt(index + 1);
      if (character === '\\' && (next === '{' || next === '}')) {
        text += next;
        index += 1;
      } else if (character === '{' && next === '}') {
        if (used === values.length) throw mismatch();
        text += formatted(values[used] as Json);
        if (text.length > RESULT_LENGTH_MAX) throw new IntrinsicError('The result is too long');
        used += 1;
        index += 1;
      } else {
        text += character;
      }
    }
    if (used !== values.length) throw mismatch();
    return text;
  },
};

function mismatch(): IntrinsicError {
  return new IntrinsicError('The number of {} in the template must match the number of arguments');
}

/** As Java prints the value: texts bare, objects as `{Arg1=1, Arg2=[]}` (recorded). */
function formatted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(formatted).join(', ')}]`;
  if (isPlainObject(value)) {
    const members = Object.entries(value).map(([key, member]) => `${key}=${formatted(member)}`);
    return `{${members.join(', ')}}`;
  }
  if (isExactNumber(value)) return JSON.stringify(value);
  return String(value as string | number | boolean | null);
}
