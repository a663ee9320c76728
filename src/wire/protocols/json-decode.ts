/**
 * Turns what `JSON.parse` made of a request into the typed input of an operation, by the service's model. One walk
 * over the members that are present: it checks types (a wrong one is a `SerializationException`, in the words of
 * AWS's own parser), turns blobs and timestamps into what the generated types say, and drops nulls, which mean
 * "absent" to AWS. It changes the parsed value in place, so a request without blobs allocates nothing here.
 *
 * Maps lose their prototype, since their keys are the caller's. Members that the model does not know stay untouched
 * and unread, as AWS ignores them. Recursion is bounded by the depth that `base/json.ts` lets through.
 */
import type { MemberModel, ServiceModel, Shape, TimestampFormat } from '../../api/model.ts';
import { invariant } from '../../base/assert.ts';
import { parseInstant } from '../../base/clock.ts';
import { AwsError } from '../../base/errors.ts';

export type Decode = (value: unknown) => unknown;

interface StructureMember {
  readonly name: string;
  readonly decode: Decode;
}

export function serializationError(message: string): AwsError {
  return new AwsError('SerializationException', message);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const STRUCTURE_FOUND = 'Start of structure or map found where not expected.';
const LIST_FOUND = 'Start of list found where not expected';
const UNEXPECTED_TYPE = 'Unexpected field type';

/** The name of a JSON token as AWS's parser says it. */
function tokenName(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  return 'STRING_VALUE';
}

function wrongType(value: unknown, javaType: string): AwsError {
  if (Array.isArray(value))
    return serializationError(`Unrecognized collection type class java.lang.${javaType}`);
  if (typeof value === 'object') return serializationError(STRUCTURE_FOUND);
  return serializationError(
    `${tokenName(value)} can not be converted to ${javaType === 'String' ? 'a' : 'an'} ${javaType}`,
  );
}

function decodeString(value: unknown): unknown {
  if (typeof value !== 'string') throw wrongType(value, 'String');
  return value;
}

function decodeBoolean(value: unknown): unknown {
  if (typeof value !== 'boolean') throw wrongType(value, 'Boolean');
  return value;
}

/** AWS cuts the fraction off a number that is sent for a whole one. */
function decodeInteger(value: unknown): unknown {
  if (typeof value !== 'number') throw wrongType(value, 'Integer');
  return Number.isInteger(value) ? value : Math.trunc(value);
}

function decodeLong(value: unknown): unknown {
  if (typeof value !== 'number') throw wrongType(value, 'Long');
  return Number.isInteger(value) ? value : Math.trunc(value);
}

const FLOAT_NAMES: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

function decodeFloat(value: unknown): unknown {
  if (typeof value === 'number') return value;
  const named = FLOAT_NAMES.get(value);
  if (named === undefined) throw wrongType(value, 'Double');
  return named;
}

function decodeBlob(value: unknown): unknown {
  if (typeof value !== 'string') {
    throw serializationError('only base-64-encoded strings are convertible to bytes');
  }
  if (value.length % 4 !== 0) {
    const message = `Base64 encoded length is expected a multiple of 4 bytes but found: ${value.length}`;
    throw serializationError(message);
  }
  if (!BASE64.test(value)) throw serializationError('Invalid Base64 character');
  return Buffer.from(value, 'base64');
}

/**
 * Milliseconds since the epoch. Callers send seconds as a number where the protocol's default holds and ISO 8601 or
 * an HTTP date elsewhere; any of them is taken anywhere, since the kinds cannot be confused.
 */
export function decodeTimestamp(value: unknown): number {
  if (typeof value === 'number') return Math.round(value * 1000);
  if (typeof value === 'string') {
    const seconds = /^-?\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
    const atMs = seconds === undefined ? parseInstant(value) : Math.round(seconds * 1000);
    if (atMs !== undefined) return atMs;
  }
  throw serializationError(`${tokenName(value)} can not be converted to a Timestamp`);
}

const SCALAR_DECODERS: Readonly<Record<string, Decode>> = {
  string: decodeString,
  boolean: decodeBoolean,
  integer: decodeInteger,
  long: decodeLong,
  float: decodeFloat,
  double: decodeFloat,
  blob: decodeBlob,
  timestamp: decodeTimestamp,
};

/** The decoders of one service's shapes, each compiled when it is first asked for. */
export class JsonDecoders {
  readonly #model: ServiceModel;
  readonly #compiled = new Map<string, Decode>();

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  get(shapeName: string): Decode {
    const known = this.#compiled.get(shapeName);
    if (known !== undefined) return known;
    const shape = this.#model.shapes[shapeName];
    invariant(shape !== undefined, `the model has no shape ${shapeName}`);
    return this.#compile(shapeName, shape);
  }

  /** Shapes may contain themselves, so a decoder is known by name before its parts are compiled. */
  #compile(name: string, shape: Shape): Decode {
    switch (shape.type) {
      case 'structure': {
        const members = new Map<string, StructureMember>();
        const decode: Decode = (value) => decodeStructure(value, name, members);
        this.#compiled.set(name, decode);
        for (const [member, model] of Object.entries(shape.members)) {
          if (model.location !== undefined) continue;
          members.set(model.locationName ?? member, { name: member, decode: this.get(model.shape) });
        }
        return decode;
      }
      case 'list':
        return this.#compileContainer(name, shape.member, decodeList);
      case 'map':
        return this.#compileContainer(name, shape.value, decodeMap);
      default:
        return SCALAR_DECODERS[shape.type] ?? decodeString;
    }
  }

  #compileContainer(
    name: string,
    element: MemberModel,
    decodeAll: (value: unknown, element: Decode) => unknown,
  ): Decode {
    let decodeElement: Decode | undefined;
    const decode: Decode = (value) => decodeAll(value, (decodeElement ??= this.get(element.shape)));
    this.#compiled.set(name, decode);
    return decode;
  }
}

function decodeStructure(
  value: unknown,
  name: string,
  members: ReadonlyMap<string, StructureMember>,
): unknown {
  if (typeof value !== 'object' || value === null) throw serializationError(UNEXPECTED_TYPE);
  if (Array.isArray(value)) throw serializationError(`Unrecognized collection type class ${name}`);
  const record = value as Record<string, unknown>;
  for (const key in record) {
    const member = members.get(key);
    if (member === undefined) continue;
    const given = record[key];
    const decoded = given === null ? undefined : member.decode(given);
    if (decoded !== given) record[member.name] = decoded;
    else if (member.name !== key) record[member.name] = given;
  }
  return record;
}

function decodeList(value: unknown, element: Decode): unknown {
  if (!Array.isArray(value)) {
    throw serializationError(typeof value === 'object' ? STRUCTURE_FOUND : UNEXPECTED_TYPE);
  }
  for (let index = 0; index < value.length; index += 1) {
    const given: unknown = value[index];
    if (given === null) throw serializationError(UNEXPECTED_TYPE);
    const decoded = element(given);
    if (decoded !== given) value[index] = decoded;
  }
  return value;
}

function decodeMap(value: unknown, element: Decode): unknown {
  if (typeof value !== 'object' || value === null) throw serializationError(UNEXPECTED_TYPE);
  if (Array.isArray(value)) throw serializationError(LIST_FOUND);
  const record = Object.setPrototypeOf(value, null) as Record<string, unknown>;
  for (const key in record) {
    const given = record[key];
    if (given === null) {
      delete record[key];
      continue;
    }
    const decoded = element(given);
    if (decoded !== given) record[key] = decoded;
  }
  return record;
}

/** How a timestamp is written where neither its member nor its shape says so. */
export function timestampFormatOf(
  model: ServiceModel,
  member: MemberModel,
  fallback: TimestampFormat,
): TimestampFormat {
  const shape = model.shapes[member.shape];
  const ofShape = shape !== undefined && 'timestampFormat' in shape ? shape.timestampFormat : undefined;
  return member.timestampFormat ?? ofShape ?? fallback;
}
