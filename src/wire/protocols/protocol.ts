/**
 * What a protocol is to the rest of the wire: for each operation of a service, a codec between bytes and typed
 * values, and one way to write errors. A codec is compiled from the model once, at the operation's first call.
 */
import type { OperationModel, ServiceModel } from '../../api/model.ts';
import type { AwsError } from '../../base/errors.ts';
import type { WireRequest } from '../dispatch.ts';

/** The values of a REST path's labels, still percent-encoded; empty elsewhere. */
export type Labels = ReadonlyMap<string, string>;

/** An answer without what all answers have: request id, length, connection. */
export interface EncodedAnswer {
  readonly status: number;
  /** Undefined for an answer without a body. */
  readonly contentType: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface OperationCodec {
  /** Throws `SerializationException` for bytes that are no input of the operation. */
  decode(request: WireRequest, labels: Labels): unknown;
  encode(output: unknown, requestId: string): EncodedAnswer;
}

export interface ProtocolCodec {
  operation(name: string, operation: OperationModel): OperationCodec;
  error(error: AwsError, requestId: string): EncodedAnswer;
}

export const EMPTY_ANSWER_BODY = '';

/** The HTTP status of an error: the model's where it has one (REST), else the error's own. */
export function errorStatus(model: ServiceModel, error: AwsError): number {
  const shape = Object.hasOwn(model.shapes, error.code) ? model.shapes[error.code] : undefined;
  const modelled = shape?.type === 'structure' ? shape.error?.status : undefined;
  return modelled ?? error.httpStatus;
}

/** The members of an error's body. `Message` or `message`: AWS is of two minds, so the model decides. */
export function errorMembers(model: ServiceModel, error: AwsError): Record<string, unknown> {
  const shape = Object.hasOwn(model.shapes, error.code) ? model.shapes[error.code] : undefined;
  const members = shape?.type === 'structure' ? shape.members : {};
  const body: Record<string, unknown> = {};
  // Lambda's errors all say whose fault they are.
  if (Object.hasOwn(members, 'Type')) body['Type'] = error.fault === 'client' ? 'User' : 'Service';
  // Text that is not modelled comes from the protocol layer, which spells it `Message` in this one case.
  const capital =
    shape === undefined ? error.code === 'SerializationException' : Object.hasOwn(members, 'Message');
  if (error.message !== '') body[capital ? 'Message' : 'message'] = error.message;
  return Object.assign(body, error.members);
}
