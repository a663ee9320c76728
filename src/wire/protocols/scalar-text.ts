/** Scalars that are written as text: in path labels, query parameters, headers, forms and XML. */
import type { Shape } from '../../api/model.ts';
import type { AwsError } from '../../base/errors.ts';
import { decodeTimestamp } from './json-decode.ts';

/** `refuse` makes the protocol's error of a text that says what is wrong. */
export function scalarFromText(shape: Shape, text: string, refuse: (message: string) => AwsError): unknown {
  const shown = `'${text.slice(0, 100)}'`;
  switch (shape.type) {
    case 'boolean':
      if (!/^(true|false)$/i.test(text)) throw refuse(`${shown} is no Boolean`);
      return text.toLowerCase() === 'true';
    case 'integer':
    case 'long':
      if (!/^[+-]?\d{1,19}$/.test(text)) throw refuse(`${shown} is no ${shape.type}`);
      return Number(text);
    case 'float':
    case 'double': {
      const value = Number(text);
      if (text.trim() === '' || Number.isNaN(value)) throw refuse(`${shown} is no ${shape.type}`);
      return value;
    }
    case 'timestamp':
      return decodeTimestamp(text);
    case 'blob':
      return Buffer.from(text, 'base64');
    default:
      return text;
  }
}
