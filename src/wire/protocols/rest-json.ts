/** REST JSON: bodies are JSON objects, and an error says its code in a header. */
import type { OperationModel, ServiceModel } from '../../api/model.ts';
import type { AwsError } from '../../base/errors.ts';
import { parseJsonBody } from './aws-json.ts';
import { JsonDecoders } from './json-decode.ts';
import { JsonEncoders } from './json-encode.ts';
import { errorMembers, errorStatus } from './protocol.ts';
import type { EncodedAnswer, OperationCodec, ProtocolCodec } from './protocol.ts';
import { boundMembers, RestOperation, writeHeader } from './rest-operation.ts';
import type { BodyCodec, Input } from './rest-operation.ts';

const CONTENT_TYPE = 'application/json';

class JsonBody implements BodyCodec {
  readonly contentType = CONTENT_TYPE;
  readonly #decoders: JsonDecoders;
  readonly #encoders: JsonEncoders;

  constructor(model: ServiceModel) {
    this.#decoders = new JsonDecoders(model);
    this.#encoders = new JsonEncoders(model);
  }

  decode(body: Buffer, shapeName: string): Input {
    return this.#decoders.get(shapeName)(parseJsonBody(body)) as Input;
  }

  encode(value: Readonly<Record<string, unknown>>, shapeName: string): string {
    const encode = this.#encoders.get(shapeName);
    return JSON.stringify(encode === undefined ? value : encode(value));
  }
}

export class RestJson implements ProtocolCodec {
  readonly #model: ServiceModel;
  readonly #body: BodyCodec;

  constructor(model: ServiceModel) {
    this.#model = model;
    this.#body = new JsonBody(model);
  }

  operation(_name: string, operation: OperationModel): OperationCodec {
    return new RestOperation(operation, this.#model, this.#body);
  }

  error(error: AwsError, _requestId: string): EncodedAnswer {
    const model = this.#model;
    const headers: Record<string, string> = { 'x-amzn-errortype': error.code };
    const body = errorMembers(model, error);
    const shape = Object.hasOwn(model.shapes, error.code) ? model.shapes[error.code] : undefined;
    if (shape?.type === 'structure') {
      for (const bound of boundMembers(model, shape)) {
        const given = body[bound.name];
        if (given === undefined) continue;
        writeHeader(model, bound, given, headers);
        delete body[bound.name];
      }
    }
    return {
      status: errorStatus(model, error),
      contentType: CONTENT_TYPE,
      headers,
      body: JSON.stringify(body),
    };
  }
}
