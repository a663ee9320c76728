/**
 * AWS Query: a form with `Action`, `Version` and flattened members (`Tags.member.1.Key=a`) comes in, XML goes out.
 * IAM, STS, SNS and CloudFormation speak it. A form is first folded into a tree by the dots of its keys, bounded in
 * fields and depth, and the tree is read by the model.
 */
import type {
  ListShape,
  MapShape,
  MemberModel,
  OperationModel,
  ServiceModel,
  Shape,
} from '../../api/model.ts';
import { invariant } from '../../base/assert.ts';
import { formatIsoMs, formatIsoSeconds } from '../../base/clock.ts';
import { AwsError } from '../../base/errors.ts';
import type { WireRequest } from '../dispatch.ts';
import { decodeTimestamp } from './json-decode.ts';
import { encodeBlob } from './json-encode.ts';
import { errorStatus } from './protocol.ts';
import type { EncodedAnswer, OperationCodec, ProtocolCodec } from './protocol.ts';
import { escapeXml, xmlElement } from './xml.ts';

const CONTENT_TYPE = 'text/xml';
/** No request of AWS's comes near: the largest, a batch of 10 with attributes, has some 500 fields. */
const FORM_FIELDS_MAX = 10_000;
const KEY_DEPTH_MAX = 32;

interface FormNode {
  value: string | undefined;
  children: Map<string, FormNode> | undefined;
}

function malformed(message: string): AwsError {
  return new AwsError('MalformedQueryString', message);
}

/** Folds a form into a tree by the dots of its keys. Of a key that comes twice the last one counts. */
export function parseForm(text: string): FormNode {
  const root: FormNode = { value: undefined, children: undefined };
  let fields = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    fields += 1;
    if (fields > FORM_FIELDS_MAX) throw malformed(`A form may have ${FORM_FIELDS_MAX} fields at most.`);
    const parts = key.split('.');
    if (parts.length > KEY_DEPTH_MAX) throw malformed(`A key may have ${KEY_DEPTH_MAX} parts at most.`);
    let node = root;
    for (const part of parts) {
      node.children ??= new Map();
      let child = node.children.get(part);
      if (child === undefined) {
        child = { value: undefined, children: undefined };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  return root;
}

/** The children named 1, 2, 3, ... in that order; gaps are closed. */
function numbered(node: FormNode | undefined): FormNode[] {
  const found: [number, FormNode][] = [];
  for (const [key, child] of node?.children ?? []) {
    if (/^\d{1,9}$/.test(key)) found.push([Number(key), child]);
  }
  return found.toSorted(([a], [b]) => a - b).map(([, child]) => child);
}

/** Reads inputs from forms and writes outputs as XML, both by the model. */
class QueryShapes {
  readonly #model: ServiceModel;

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  #shape(name: string): Shape {
    const shape = this.#model.shapes[name];
    invariant(shape !== undefined, `the model has no shape ${name}`);
    return shape;
  }

  readStructure(shapeName: string, node: FormNode): Record<string, unknown> {
    const shape = this.#shape(shapeName);
    invariant(shape.type === 'structure', `${shapeName} is no structure`);
    const result: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(shape.members)) {
      const child = node.children?.get(this.#wireName(name, member));
      if (child !== undefined) result[name] = this.#read(member, child);
    }
    return result;
  }

  /** A flattened list is named by its elements, not by the member that holds it. */
  #wireName(name: string, member: MemberModel): string {
    const shape = this.#shape(member.shape);
    if (
      shape.type === 'list' &&
      (shape.flattened || member.flattened) &&
      shape.member.locationName !== undefined
    ) {
      return shape.member.locationName;
    }
    return member.locationName ?? name;
  }

  #read(member: MemberModel, node: FormNode): unknown {
    const shape = this.#shape(member.shape);
    switch (shape.type) {
      case 'structure':
        return this.readStructure(member.shape, node);
      case 'list':
        return this.#readList(shape, isFlattened(shape, member), node);
      case 'map':
        return this.#readMap(shape, isFlattened(shape, member), node);
      default:
        return readScalar(shape, node.value ?? '');
    }
  }

  #readList(shape: ListShape, flattened: boolean, node: FormNode): unknown[] {
    const holder = flattened ? node : node.children?.get(shape.member.locationName ?? 'member');
    return numbered(holder).map((child) => this.#read(shape.member, child));
  }

  #readMap(shape: MapShape, flattened: boolean, node: FormNode): Record<string, unknown> {
    const holder = flattened ? node : node.children?.get('entry');
    const result = Object.create(null) as Record<string, unknown>;
    for (const entry of numbered(holder)) {
      const key = entry.children?.get(shape.key.locationName ?? 'key')?.value;
      const value = entry.children?.get(shape.value.locationName ?? 'value');
      if (key !== undefined && value !== undefined) result[key] = this.#read(shape.value, value);
    }
    return result;
  }

  /** The elements of a structure, without one around them. */
  writeStructure(shapeName: string, value: Readonly<Record<string, unknown>>): string {
    const shape = this.#shape(shapeName);
    invariant(shape.type === 'structure', `${shapeName} is no structure`);
    let xml = '';
    for (const [name, member] of Object.entries(shape.members)) {
      const given = value[name];
      if (given !== undefined && given !== null)
        xml += this.#write(this.#wireName(name, member), member, given);
    }
    return xml;
  }

  #write(element: string, member: MemberModel, value: unknown): string {
    const shape = this.#shape(member.shape);
    switch (shape.type) {
      case 'structure':
        return xmlElement(element, this.writeStructure(member.shape, value as Record<string, unknown>));
      case 'list': {
        const flattened = isFlattened(shape, member);
        const name = flattened ? element : (shape.member.locationName ?? 'member');
        const items = (value as readonly unknown[])
          .map((item) => this.#write(name, shape.member, item))
          .join('');
        return flattened ? items : xmlElement(element, items);
      }
      case 'map': {
        const flattened = isFlattened(shape, member);
        const entries = Object.entries(value as object)
          .map(([key, item]) => xmlElement(flattened ? element : 'entry', this.#writeEntry(shape, key, item)))
          .join('');
        return flattened ? entries : xmlElement(element, entries);
      }
      default:
        return xmlElement(element, escapeXml(scalarText(shape, member, value)));
    }
  }

  #writeEntry(shape: MapShape, key: string, value: unknown): string {
    const keyElement = xmlElement(shape.key.locationName ?? 'key', escapeXml(key));
    return keyElement + this.#write(shape.value.locationName ?? 'value', shape.value, value);
  }
}

function isFlattened(shape: ListShape | MapShape, member: MemberModel): boolean {
  return shape.flattened === true || member.flattened === true;
}

function readScalar(shape: Shape, text: string): unknown {
  switch (shape.type) {
    case 'boolean':
      if (!/^(true|false)$/i.test(text)) throw invalidParameter(text, 'Boolean');
      return text.toLowerCase() === 'true';
    case 'integer':
    case 'long':
      if (!/^[+-]?\d{1,19}$/.test(text)) throw invalidParameter(text, shape.type);
      return Number(text);
    case 'float':
    case 'double':
      if (text.trim() === '' || Number.isNaN(Number(text))) throw invalidParameter(text, shape.type);
      return Number(text);
    case 'timestamp':
      return decodeTimestamp(text);
    case 'blob':
      return Buffer.from(text, 'base64');
    default:
      return text;
  }
}

function invalidParameter(text: string, type: string): AwsError {
  return new AwsError('MalformedInput', `'${text.slice(0, 100)}' is no ${type}`);
}

function scalarText(shape: Shape, member: MemberModel, value: unknown): string {
  if (shape.type === 'blob') return String(encodeBlob(value));
  if (shape.type !== 'timestamp') return String(value);
  const format = member.timestampFormat ?? shape.timestampFormat ?? 'iso8601';
  const atMs = value as number;
  if (format === 'unixTimestamp') return String(atMs / 1000);
  // IAM and STS write whole seconds; a fraction is only shown where there is one.
  return atMs % 1000 === 0 ? formatIsoSeconds(atMs) : formatIsoMs(atMs);
}

class AwsQueryOperation implements OperationCodec {
  readonly #name: string;
  readonly #operation: OperationModel;
  readonly #shapes: QueryShapes;
  readonly #xmlNamespace: string;

  constructor(
    name: string,
    operation: OperationModel,
    context: { shapes: QueryShapes; xmlNamespace: string },
  ) {
    this.#name = name;
    this.#operation = operation;
    this.#shapes = context.shapes;
    this.#xmlNamespace = context.xmlNamespace;
  }

  decode(request: WireRequest): unknown {
    const { input } = this.#operation;
    return input === undefined ? {} : this.#shapes.readStructure(input, parseForm(formText(request)));
  }

  encode(output: unknown, requestId: string): EncodedAnswer {
    const { output: shapeName, resultWrapper } = this.#operation;
    let content = '';
    if (shapeName !== undefined) {
      content = this.#shapes.writeStructure(shapeName, (output ?? {}) as Record<string, unknown>);
      if (resultWrapper !== undefined) content = xmlElement(resultWrapper, content);
    }
    const metadata = xmlElement('ResponseMetadata', xmlElement('RequestId', requestId));
    const body = `<${this.#name}Response xmlns="${this.#xmlNamespace}">${content}${metadata}</${this.#name}Response>`;
    return { status: 200, contentType: CONTENT_TYPE, body };
  }
}

/** The form of a request: its body, or the query string of a GET. */
export function formText(request: WireRequest): string {
  if (request.body.length > 0) return request.body.toString('utf8');
  const queryAt = request.url.indexOf('?');
  return queryAt === -1 ? '' : request.url.slice(queryAt + 1);
}

export class AwsQuery implements ProtocolCodec {
  readonly #model: ServiceModel;
  readonly #shapes: QueryShapes;

  constructor(model: ServiceModel) {
    this.#model = model;
    this.#shapes = new QueryShapes(model);
  }

  get #xmlNamespace(): string {
    const { xmlNamespace, endpointPrefix, apiVersion } = this.#model.metadata;
    return xmlNamespace ?? `http://${endpointPrefix}.amazonaws.com/doc/${apiVersion}/`;
  }

  operation(name: string, operation: OperationModel): OperationCodec {
    return new AwsQueryOperation(name, operation, { shapes: this.#shapes, xmlNamespace: this.#xmlNamespace });
  }

  error(error: AwsError, requestId: string): EncodedAnswer {
    const shape = Object.hasOwn(this.#model.shapes, error.code) ? this.#model.shapes[error.code] : undefined;
    const modelledCode = shape?.type === 'structure' ? shape.error?.code : undefined;
    const content =
      xmlElement('Type', error.fault === 'client' ? 'Sender' : 'Receiver') +
      xmlElement('Code', escapeXml(modelledCode ?? error.code)) +
      xmlElement('Message', escapeXml(error.message));
    const body = `<ErrorResponse xmlns="${this.#xmlNamespace}">${xmlElement('Error', content)}${xmlElement('RequestId', requestId)}</ErrorResponse>`;
    return { status: errorStatus(this.#model, error), contentType: CONTENT_TYPE, body };
  }
}
