/** The dynamic parameters of pipes: a string of an enrichment's or target's parameters may be one whole JSON path. */
import { AwsError } from '../../base/errors.ts';
import { compilePath, selectText } from './path.ts';
import { toPlainText } from './template-text.ts';

/** A string parameter of a pipe's enrichment or target: a constant, or one whole path such as `$.body.id`. */
export interface PipeParameter {
  readonly dynamic: boolean;
  /** The value for one record (JSON text); `undefined` when the path leads nowhere. */
  render(recordText: string): string | undefined;
}

/** Compiles a parameter. Throws `ValidationException` for a malformed path. */
export function compilePipeParameter(text: string): PipeParameter {
  if (!text.startsWith('$.') && !text.startsWith('$[')) return { dynamic: false, render: () => text };
  const path = compilePath(text);
  if (path === undefined) throw new AwsError('ValidationException', `Invalid JSON path ${text}.`);
  return {
    dynamic: true,
    render(recordText) {
      const value = selectText(path, recordText);
      if (value === undefined || value === 'null') return undefined;
      // Objects are handed over as JSON; only strings lose their quotes.
      return value.startsWith('"') ? toPlainText(value) : value;
    },
  };
}
