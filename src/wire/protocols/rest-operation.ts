/**
 * What REST JSON and REST XML have in common: the operation is a method and a path; members of the input lie in path
 * labels, the query string, headers and the body, as the model says. A payload member is the whole body: bytes for a
 * blob (Lambda's Invoke), a document for a structure. How a document is written is the business of a `BodyCodec`.
 */
import type { MemberModel, OperationModel, ServiceModel, Shape, StructureShape } from '../../api/model.ts';
import { invariant } from '../../base/assert.ts';
import { formatIsoMs } from '../../base/clock.ts';
import type { WireRequest } from '../dispatch.ts';
import { serializationError, timestampFormatOf } from './json-decode.ts';
import { EMPTY_ANSWER_BODY } from './protocol.ts';
import type { EncodedAnswer, Labels, OperationCodec } from './protocol.ts';
import { scalarFromText } from './scalar-text.ts';

export type Input = Record<string, unknown>;

/** Reads and writes the document in a body. */
export interface BodyCodec {
  readonly contentType: string;
  /** The members of the structure `shapeName` that a body says. `root` is the name of the document's element. */
  decode(body: Buffer, shapeName: string, root: string): Input;
  encode(value: Readonly<Record<string, unknown>>, shapeName: string, root: string): string;
}

/** A member that lies outside the body. */
interface BoundMember {
  readonly name: string;
  readonly wireName: string;
  readonly member: MemberModel;
  readonly shape: Shape;
}

function requireStructure(model: ServiceModel, name: string): StructureShape {
  const shape = model.shapes[name];
  invariant(shape?.type === 'structure', `${name} is no structure`);
  return shape;
}

export function boundMembers(model: ServiceModel, structure: StructureShape): BoundMember[] {
  return Object.entries(structure.members)
    .filter(([, member]) => member.location !== undefined)
    .map(([name, member]) => {
      const shape = model.shapes[member.shape];
      invariant(shape !== undefined, `the model has no shape ${member.shape}`);
      const wireName = member.locationName ?? (member.location === 'headers' ? '' : name);
      return { name, wireName, member, shape };
    });
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw serializationError('The URI has a malformed percent-encoding');
  }
}

/** One operation of a REST service. */
export class RestOperation implements OperationCodec {
  readonly #operation: OperationModel;
  readonly #model: ServiceModel;
  readonly #body: BodyCodec;
  readonly #inputs: readonly BoundMember[];
  readonly #outputs: readonly BoundMember[];

  constructor(operation: OperationModel, model: ServiceModel, body: BodyCodec) {
    this.#operation = operation;
    this.#model = model;
    this.#body = body;
    const { input, output } = operation;
    this.#inputs = input === undefined ? [] : boundMembers(model, requireStructure(model, input));
    this.#outputs = output === undefined ? [] : boundMembers(model, requireStructure(model, output));
  }

  decode(request: WireRequest, labels: Labels): unknown {
    const { input } = this.#operation;
    if (input === undefined) return {};
    const result = this.#decodeBody(request, input);
    const queryAt = request.url.indexOf('?');
    const query = new URLSearchParams(queryAt === -1 ? '' : request.url.slice(queryAt + 1));
    for (const bound of this.#inputs) {
      const value = readBound(bound, request, { labels, query });
      // What the body says of a member that lies elsewhere does not count.
      if (value !== undefined) result[bound.name] = value;
      else if (Object.hasOwn(result, bound.name)) result[bound.name] = undefined;
    }
    return result;
  }

  #decodeBody(request: WireRequest, inputName: string): Input {
    const structure = requireStructure(this.#model, inputName);
    const { payload } = structure;
    if (payload === undefined) {
      // Operations without body members are sent with any body or none, so it is not even parsed.
      if (this.#inputs.length === Object.keys(structure.members).length) return {};
      return this.#body.decode(request.body, inputName, inputName);
    }
    const member = structure.members[payload];
    invariant(member !== undefined, `${inputName} has no member ${payload}`);
    const shape = this.#model.shapes[member.shape];
    if (request.body.length === 0) return {};
    if (shape?.type === 'blob') return { [payload]: request.body };
    if (shape?.type === 'string') return { [payload]: request.body.toString('utf8') };
    const root = member.locationName ?? member.shape;
    return { [payload]: this.#body.decode(request.body, member.shape, root) };
  }

  encode(output: unknown): EncodedAnswer {
    const value = (output ?? {}) as Readonly<Record<string, unknown>>;
    const headers: Record<string, string> = {};
    let status = this.#operation.status ?? 200;
    for (const bound of this.#outputs) {
      const given = value[bound.name];
      if (given === undefined || given === null) continue;
      if (bound.member.location === 'statusCode') status = Number(given);
      else writeHeader(this.#model, bound, given, headers);
    }
    // A 204 has no body by the rules of HTTP, whatever the model says.
    if (this.#operation.output === undefined || status === 204) {
      return { status, contentType: undefined, headers, body: EMPTY_ANSWER_BODY };
    }
    return {
      status,
      contentType: this.#body.contentType,
      headers,
      body: this.#encodeBody(this.#operation.output, value),
    };
  }

  #encodeBody(outputName: string, value: Readonly<Record<string, unknown>>): string | Uint8Array {
    const { payload, members } = requireStructure(this.#model, outputName);
    if (payload === undefined) {
      let body: Readonly<Record<string, unknown>> = value;
      if (this.#outputs.length > 0) {
        const outside = new Set(this.#outputs.map((bound) => bound.name));
        body = Object.fromEntries(Object.entries(value).filter(([name]) => !outside.has(name)));
      }
      return this.#body.encode(body, outputName, outputName);
    }
    const given = value[payload];
    if (given === undefined || given === null) return EMPTY_ANSWER_BODY;
    if (typeof given === 'string' || given instanceof Uint8Array) return given;
    const member = members[payload];
    invariant(member !== undefined, `${outputName} has no member ${payload}`);
    const document = given as Readonly<Record<string, unknown>>;
    return this.#body.encode(document, member.shape, member.locationName ?? member.shape);
  }
}

function readBound(
  bound: BoundMember,
  request: WireRequest,
  parts: { readonly labels: Labels; readonly query: URLSearchParams },
): unknown {
  switch (bound.member.location) {
    case 'uri': {
      const label = parts.labels.get(bound.wireName);
      return label === undefined
        ? undefined
        : scalarFromText(bound.shape, percentDecode(label), serializationError);
    }
    case 'querystring':
      return readQuery(bound, parts.query);
    case 'header': {
      const header = request.headers[bound.wireName.toLowerCase()];
      if (header === undefined) return undefined;
      return scalarFromText(
        bound.shape,
        Array.isArray(header) ? header.join(', ') : header,
        serializationError,
      );
    }
    case 'headers':
      return readPrefixedHeaders(bound.wireName.toLowerCase(), request);
    default:
      return undefined;
  }
}

function readQuery(bound: BoundMember, query: URLSearchParams): unknown {
  const { shape } = bound;
  if (shape.type === 'map') {
    const entries = [...query].filter(([key]) => key.startsWith(bound.member.locationName ?? ''));
    return entries.length === 0
      ? undefined
      : Object.assign(Object.create(null) as object, Object.fromEntries(entries));
  }
  if (shape.type === 'list') {
    const values = query.getAll(bound.wireName);
    return values.length === 0 ? undefined : values;
  }
  const text = query.get(bound.wireName);
  return text === null ? undefined : scalarFromText(shape, text, serializationError);
}

function readPrefixedHeaders(prefix: string, request: WireRequest): unknown {
  const found = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.startsWith(prefix) && value !== undefined) found[name.slice(prefix.length)] = String(value);
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

export function writeHeader(
  model: ServiceModel,
  bound: BoundMember,
  value: unknown,
  headers: Record<string, string>,
): void {
  if (bound.member.location === 'headers') {
    for (const [key, text] of Object.entries(value as object)) headers[bound.wireName + key] = String(text);
    return;
  }
  if (bound.shape.type !== 'timestamp') {
    headers[bound.wireName] = String(value);
    return;
  }
  const format = timestampFormatOf(model, bound.member, 'rfc822');
  // No operation of ours answers with an HTTP date; the first that does needs a formatter in base/clock.ts.
  invariant(format !== 'rfc822', `${bound.name} is an HTTP date`);
  const atMs = value as number;
  headers[bound.wireName] = format === 'unixTimestamp' ? String(atMs / 1000) : formatIsoMs(atMs);
}
