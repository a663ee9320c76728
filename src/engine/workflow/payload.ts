/**
 * A JSON document on its way through states: text, value, or both. It is parsed when a path first looks into it and
 * printed when it is first stored, so that a document which only passes through costs neither.
 */
import { AwsError, errorMessage } from '../../base/errors.ts';
import { parseExactJson } from '../../base/exact-json.ts';
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { ErrorName, runtimeError, StatesError } from '../../lang/asl/errors.ts';
import { PAYLOAD_SIZE_BYTES_MAX } from './limits.ts';

export class Payload {
  static readonly emptyObject: Payload = Payload.ofText('{}');

  #text: string | undefined;
  #value: Json | undefined;

  private constructor(text: string | undefined, value: Json | undefined) {
    this.#text = text;
    this.#value = value;
  }

  static ofText(text: string): Payload {
    return new Payload(text, undefined);
  }

  static ofValue(value: Json): Payload {
    return new Payload(undefined, value);
  }

  /** Not to be changed. Throws `StatesError` when a task answered something that is no JSON. */
  get value(): Json {
    this.#value ??= parsePayload(this.#text ?? '');
    return this.#value;
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.#value);
    return this.#text;
  }

  /** Whether the JSON text has more bytes than a payload may have; looks at no more of it than it must. */
  get isTooLarge(): boolean {
    // A template can name the same large document thousands of times, and printing that would exhaust the memory.
    if (this.#text === undefined && isTextLongerThan(this.#value, PAYLOAD_SIZE_BYTES_MAX)) return true;
    const { text } = this;
    // A UTF-16 unit is at most three bytes of UTF-8.
    return text.length * 3 > PAYLOAD_SIZE_BYTES_MAX && Buffer.byteLength(text) > PAYLOAD_SIZE_BYTES_MAX;
  }
}

/** AWS's refusal of a payload; `source` is the state, or the task that answered it. */
export function dataLimitError(source: string): StatesError {
  return new StatesError(
    ErrorName.dataLimitExceeded,
    `The state/task '${source}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    false,
  );
}

/** Throws `StatesError` for a text that is no JSON or nested too deep: templates in a loop can nest without end. */
export function parsePayload(text: string): Json {
  try {
    return parseExactJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof AwsError)) throw error;
    throw runtimeError(`The payload is not valid JSON: ${errorMessage(error)}`);
  }
}

/** Whether the JSON text of a value is certainly longer than `lengthMax`: counts its letters, stops when past it. */
function isTextLongerThan(value: Json | undefined, lengthMax: number): boolean {
  let length = 0;
  const pending: (Json | undefined)[] = [value];
  while (pending.length > 0 && length <= lengthMax) {
    const node = pending.pop();
    if (typeof node === 'string') {
      length += node.length + 2;
    } else if (Array.isArray(node)) {
      length += node.length + 1;
      if (length <= lengthMax) for (const item of node as readonly Json[]) pending.push(item);
    } else if (isJsonObject(node)) {
      for (const [name, member] of Object.entries(node)) {
        length += name.length + 4;
        pending.push(member);
      }
    } else {
      length += 1;
    }
  }
  return length > lengthMax;
}
