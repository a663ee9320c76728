/** Reads the text of a definition. Malformed JSON is reported as AWS's parser (Jackson) would. */
import { AwsError, errorMessage } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { parseJson } from '../../base/json.ts';
import type { Findings } from './diagnostics.ts';

/** `undefined`, with a finding added, when the text is not JSON or nested too deep. */
export function parseDefinitionJson(text: string, findings: Findings): Json | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof AwsError)) throw error;
    const token = /^\s*([\p{L}\p{N}_$]+)/u.exec(text);
    const offset = token?.[0].length ?? 0;
    const location = `[Source: (String)"${text}"; ${lineAndColumn(text, offset)}]`;
    const problem =
      token === null || /^\s*(?:true|false|null|-?\d)/.test(text)
        ? errorMessage(error)
        : `Unrecognized token '${token[1]}': was expecting (JSON String, Number, Array, Object or token ` +
          `'null', 'true' or 'false')`;
    findings.add('INVALID_JSON_DESCRIPTION', `${problem}\n at ${location}`, location);
    return undefined;
  }
}

/** Jackson counts both from 1 and names the place after the bad token. */
function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `line: ${line}, column: ${offset - before.lastIndexOf('\n')}`;
}
