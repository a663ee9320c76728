/**
 * SQS as it was before it spoke JSON: clients older than 2023, and many small ones, send it forms. AWS's model no
 * longer names the elements of that protocol, but they follow one rule: everything is flattened and named in the
 * singular, or by the structure that it holds. So the model of the Query protocol is derived from the JSON one.
 */
import type { MemberModel, OperationModel, ServiceModel, Shape, StructureShape } from '../../api/model.ts';
import type { AwsError } from '../../base/errors.ts';
import type { WireRequest } from '../dispatch.ts';
import { queryErrorCode } from './aws-json.ts';
import { AwsQuery } from './aws-query.ts';
import type { EncodedAnswer, Labels, OperationCodec, ProtocolCodec } from './protocol.ts';

const XML_NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/';
/** Old clients post to the queue's own address and leave `QueueUrl` out. */
const QUEUE_PATH = /^\/\d{12}\/[\w.-]{1,80}$/;

/** `QueueUrls` is `QueueUrl`, `tags` is `Tag`; the one exception is the actions of `AddPermission`. */
function singular(name: string): string {
  if (name === 'Actions') return 'ActionName';
  return name.charAt(0).toUpperCase() + name.slice(1).replace(/s$/, '');
}

function elementName(model: ServiceModel, name: string, member: MemberModel): string | undefined {
  const shape = model.shapes[member.shape];
  if (shape?.type === 'map') return singular(name);
  if (shape?.type !== 'list') return undefined;
  const element = shape.member.shape;
  return model.shapes[element]?.type === 'structure' ? element : singular(name);
}

function renameMembers(model: ServiceModel, structure: StructureShape): StructureShape {
  const members: Record<string, MemberModel> = {};
  for (const [name, member] of Object.entries(structure.members)) {
    const locationName = elementName(model, name, member);
    members[name] = locationName === undefined ? member : { ...member, locationName, flattened: true };
  }
  return { ...structure, members };
}

function deriveShape(model: ServiceModel, name: string, shape: Shape): Shape {
  if (shape.type === 'structure') {
    const code = queryErrorCode(name);
    const renamed = renameMembers(model, shape);
    return shape.error === undefined || code === name
      ? renamed
      : { ...renamed, error: { ...shape.error, code } };
  }
  if (shape.type !== 'map') return shape;
  // Tags have keys, attributes have names.
  const keyName = name === 'TagMap' ? 'Key' : 'Name';
  const key = { ...shape.key, locationName: keyName };
  return { ...shape, key, value: { ...shape.value, locationName: 'Value' } };
}

function deriveSqsQueryModel(model: ServiceModel): ServiceModel {
  const operations: Record<string, OperationModel> = {};
  for (const [name, operation] of Object.entries(model.operations)) {
    operations[name] =
      operation.output === undefined ? operation : { ...operation, resultWrapper: `${name}Result` };
  }
  const shapes: Record<string, Shape> = {};
  for (const [name, shape] of Object.entries(model.shapes)) shapes[name] = deriveShape(model, name, shape);
  return { ...model, metadata: { ...model.metadata, xmlNamespace: XML_NAMESPACE }, operations, shapes };
}

class SqsQueryOperation implements OperationCodec {
  readonly #inner: OperationCodec;

  constructor(inner: OperationCodec) {
    this.#inner = inner;
  }

  decode(request: WireRequest, labels: Labels): unknown {
    const input = this.#inner.decode(request, labels) as Record<string, unknown>;
    const [path = ''] = request.url.split('?', 1);
    if (input['QueueUrl'] === undefined && QUEUE_PATH.test(path)) {
      const { host } = request.headers;
      input['QueueUrl'] = `http://${String(host)}${path}`;
    }
    return input;
  }

  encode(output: unknown, requestId: string): EncodedAnswer {
    return this.#inner.encode(output, requestId);
  }
}

export class SqsQuery implements ProtocolCodec {
  readonly #model: ServiceModel;
  readonly #query: AwsQuery;

  constructor(model: ServiceModel) {
    this.#model = deriveSqsQueryModel(model);
    this.#query = new AwsQuery(this.#model);
  }

  operation(name: string): OperationCodec {
    const operation = this.#model.operations[name] as OperationModel;
    return new SqsQueryOperation(this.#query.operation(name, operation));
  }

  error(error: AwsError, requestId: string): EncodedAnswer {
    return this.#query.error(error, requestId);
  }
}
