/**
 * AWS Query: a form with `Action`, `Version` and flattened members (`Tags.member.1.Key=a`) comes in, XML goes out.
 * IAM, STS, SNS and CloudFormation speak it. A form is first folded into a tree by the dots of its keys, bounded in
 * fields and depth, and the tree is read by the model.
 */
import type { ListShape, MapShape, MemberModel, OperationModel, ServiceModel } from '../../api/model.ts';
import { invariant } from '../../base/assert.ts';
import { AwsError } from '../../base/errors.ts';
import type { WireRequest } from '../dispatch.ts';
import type { EncodedAnswer, OperationCodec, ProtocolCodec } from './protocol.ts';
import { scalarFromText } from './scalar-text.ts';
import { isFlattened, requireShape, XmlEncoder, xmlNameOf } from './xml-encode.ts';
import { encodeXmlError, XML_TYPE, xmlNamespaceOf } from './xml-error.ts';
import { xmlElement } from './xml.ts';

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

/** Reads inputs from forms by the model. */
class FormDecoder {
  readonly #model: ServiceModel;

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  structure(shapeName: string, node: FormNode): Record<string, unknown> {
    const shape = requireShape(this.#model, shapeName);
    invariant(shape.type === 'structure', `${shapeName} is no structure`);
    const result: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(shape.members)) {
      const child = node.children?.get(xmlNameOf(this.#model, name, member));
      if (child !== undefined) result[name] = this.#read(member, child);
    }
    return result;
  }

  #read(member: MemberModel, node: FormNode): unknown {
    const shape = requireShape(this.#model, member.shape);
    switch (shape.type) {
      case 'structure':
        return this.structure(member.shape, node);
      case 'list':
        return this.#readList(shape, isFlattened(shape, member), node);
      case 'map':
        return this.#readMap(shape, isFlattened(shape, member), node);
      default:
        return scalarFromText(shape, node.value ?? '', malformedInput);
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
}

function malformedInput(message: string): AwsError {
  return new AwsError('MalformedInput', message);
}

interface Codecs {
  readonly model: ServiceModel;
  readonly decoder: FormDecoder;
  readonly encoder: XmlEncoder;
}

class AwsQueryOperation implements OperationCodec {
  readonly #name: string;
  readonly #operation: OperationModel;
  readonly #codecs: Codecs;

  constructor(name: string, operation: OperationModel, codecs: Codecs) {
    this.#name = name;
    this.#operation = operation;
    this.#codecs = codecs;
  }

  decode(request: WireRequest): unknown {
    const { input } = this.#operation;
    return input === undefined ? {} : this.#codecs.decoder.structure(input, parseForm(formText(request)));
  }

  encode(output: unknown, requestId: string): EncodedAnswer {
    const { output: shapeName, resultWrapper } = this.#operation;
    const { encoder, model } = this.#codecs;
    let content = '';
    if (shapeName !== undefined) {
      content = encoder.structure(shapeName, (output ?? {}) as Record<string, unknown>);
      if (resultWrapper !== undefined) content = xmlElement(resultWrapper, content);
    }
    const metadata = xmlElement('ResponseMetadata', xmlElement('RequestId', requestId));
    const body = xmlElement(`${this.#name}Response`, content + metadata, xmlNamespaceOf(model));
    return { status: 200, contentType: XML_TYPE, body };
  }
}

/** The form of a request: its body, or the query string of a GET. */
export function formText(request: WireRequest): string {
  if (request.body.length > 0) return request.body.toString('utf8');
  const queryAt = request.url.indexOf('?');
  return queryAt === -1 ? '' : request.url.slice(queryAt + 1);
}

export class AwsQuery implements ProtocolCodec {
  readonly #codecs: Codecs;

  constructor(model: ServiceModel) {
    this.#codecs = { model, decoder: new FormDecoder(model), encoder: new XmlEncoder(model) };
  }

  operation(name: string, operation: OperationModel): OperationCodec {
    return new AwsQueryOperation(name, operation, this.#codecs);
  }

  error(error: AwsError, requestId: string): EncodedAnswer {
    return encodeXmlError(this.#codecs.model, error, requestId);
  }
}
