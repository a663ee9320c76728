/**
 * AWS JSON 1.0 and 1.1: every request is `POST /` with the operation in `X-Amz-Target` and one JSON object as its
 * body. It is the protocol of the data plane, so a request costs one `JSON.parse`, one walk over the members that
 * are present, and one `JSON.stringify`.
 */
import type { OperationModel, ServiceModel } from '../../api/model.ts';
import { AwsError } from '../../base/errors.ts';
import { isJsonObject, parseJson } from '../../base/json.ts';
import type { WireRequest } from '../dispatch.ts';
import { JsonDecoders, serializationError } from './json-decode.ts';
import type { Decode } from './json-decode.ts';
import { JsonEncoders } from './json-encode.ts';
import type { Encode } from './json-encode.ts';
import { EMPTY_ANSWER_BODY, errorMembers } from './protocol.ts';
import type { EncodedAnswer, OperationCodec, ProtocolCodec } from './protocol.ts';

/** What AWS puts before the `#` of an error's `__type`; clients read only what follows it. */
const ERROR_NAMESPACES: ReadonlyMap<string, string> = new Map([
  ['sqs', 'com.amazonaws.sqs#'],
  ['dynamodb', 'com.amazonaws.dynamodb.v20120810#'],
]);

/** Errors of the layer in front of every service carry its namespace. */
const CORAL_SERVICE_ERRORS: ReadonlySet<string> = new Set([
  'SerializationException',
  'UnknownOperationException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'ExpiredTokenException',
  'AccessDeniedException',
]);

/**
 * The codes that SQS had when it spoke Query. Clients of that time, and tools written against them, match these in
 * `x-amzn-query-error`; they are the `awsQueryError` traits of AWS's Smithy model, which botocore's leaves out.
 */
const SQS_QUERY_CODES: ReadonlyMap<string, string> = new Map([
  ['BatchEntryIdsNotDistinct', 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct'],
  ['BatchRequestTooLong', 'AWS.SimpleQueueService.BatchRequestTooLong'],
  ['EmptyBatchRequest', 'AWS.SimpleQueueService.EmptyBatchRequest'],
  ['InvalidBatchEntryId', 'AWS.SimpleQueueService.InvalidBatchEntryId'],
  ['KmsAccessDenied', 'KMS.AccessDeniedException'],
  ['KmsDisabled', 'KMS.DisabledException'],
  ['KmsInvalidKeyUsage', 'KMS.InvalidKeyUsageException'],
  ['KmsInvalidState', 'KMS.InvalidStateException'],
  ['KmsNotFound', 'KMS.NotFoundException'],
  ['KmsOptInRequired', 'KMS.OptInRequired'],
  ['KmsThrottled', 'KMS.ThrottlingException'],
  ['MessageNotInflight', 'AWS.SimpleQueueService.MessageNotInflight'],
  ['PurgeQueueInProgress', 'AWS.SimpleQueueService.PurgeQueueInProgress'],
  ['QueueDeletedRecently', 'AWS.SimpleQueueService.QueueDeletedRecently'],
  ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
  ['QueueNameExists', 'QueueAlreadyExists'],
  ['TooManyEntriesInBatchRequest', 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest'],
  ['UnsupportedOperation', 'AWS.SimpleQueueService.UnsupportedOperation'],
]);

/** The code that a query-compatible service gives to an error in `x-amzn-query-error`, and in Query answers. */
export function queryErrorCode(code: string): string {
  return SQS_QUERY_CODES.get(code) ?? code;
}

/** The JSON object in a body; an empty one stands for no members, as it does at AWS. */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = parseJson(body.toString('utf8'));
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError('SerializationException', '', { cause: error });
  }
  if (!isJsonObject(parsed)) throw serializationError('');
  return parsed;
}

class AwsJsonOperation implements OperationCodec {
  readonly #decode: Decode | undefined;
  readonly #encode: Encode | undefined;
  readonly #hasOutput: boolean;
  readonly #contentType: string;

  constructor(
    decode: Decode | undefined,
    encode: Encode | undefined,
    answer: { hasOutput: boolean; contentType: string },
  ) {
    this.#decode = decode;
    this.#encode = encode;
    this.#hasOutput = answer.hasOutput;
    this.#contentType = answer.contentType;
  }

  decode(request: WireRequest): unknown {
    const parsed = parseJsonBody(request.body);
    return this.#decode === undefined ? parsed : this.#decode(parsed);
  }

  encode(output: unknown): EncodedAnswer {
    const contentType = this.#contentType;
    if (!this.#hasOutput) return { status: 200, contentType, body: EMPTY_ANSWER_BODY };
    const value = this.#encode === undefined ? output : this.#encode(output ?? {});
    return { status: 200, contentType, body: JSON.stringify(value ?? {}) };
  }
}

export class AwsJson implements ProtocolCodec {
  readonly #model: ServiceModel;
  readonly #contentType: string;
  readonly #decoders: JsonDecoders;
  readonly #encoders: JsonEncoders;

  constructor(model: ServiceModel) {
    this.#model = model;
    this.#contentType = `application/x-amz-json-${model.metadata.jsonVersion ?? '1.1'}`;
    this.#decoders = new JsonDecoders(model);
    this.#encoders = new JsonEncoders(model);
  }

  operation(_name: string, { input, output }: OperationModel): OperationCodec {
    return new AwsJsonOperation(
      input === undefined ? undefined : this.#decoders.get(input),
      output === undefined ? undefined : this.#encoders.get(output),
      { hasOutput: output !== undefined, contentType: this.#contentType },
    );
  }

  error(error: AwsError, _requestId: string): EncodedAnswer {
    const { id, metadata } = this.#model;
    const members = errorMembers(this.#model, error);
    const encode = Object.hasOwn(this.#model.shapes, error.code) ? this.#encoders.get(error.code) : undefined;
    const encoded = encode === undefined ? members : encode(members);
    const body = JSON.stringify(
      Object.assign({ __type: errorNamespace(id, error.code) + error.code }, encoded),
    );
    const answer = { status: error.httpStatus, contentType: this.#contentType, body };
    if (metadata.awsQueryCompatible === undefined) return answer;
    const fault = error.fault === 'client' ? 'Sender' : 'Receiver';
    return { ...answer, headers: { 'x-amzn-query-error': `${queryErrorCode(error.code)};${fault}` } };
  }
}

function errorNamespace(serviceId: string, code: string): string {
  if (CORAL_SERVICE_ERRORS.has(code)) return 'com.amazon.coral.service#';
  if (code === 'ValidationException') return 'com.amazon.coral.validate#';
  return ERROR_NAMESPACES.get(serviceId) ?? '';
}
