/**
 * REST XML: bodies are XML documents whose root is named by the shape of the input or output. Route 53 speaks it.
 * Requests may come without a content type (the AWS CLI sends none), so none is asked for. No model here has XML
 * attributes or namespaces inside of a document; the first that does (S3's grantees) needs both in the generated model.
 */
import type { OperationModel, ServiceModel } from '../../api/model.ts';
import { AwsError } from '../../base/errors.ts';
import type { EncodedAnswer, OperationCodec, ProtocolCodec } from './protocol.ts';
import { RestOperation } from './rest-operation.ts';
import type { BodyCodec, Input } from './rest-operation.ts';
import { XmlDecoder } from './xml-decode.ts';
import { XmlEncoder } from './xml-encode.ts';
import { encodeXmlError, XML_TYPE, xmlNamespaceOf } from './xml-error.ts';
import { parseXml } from './xml-parse.ts';
import { xmlElement } from './xml.ts';

const DECLARATION = '<?xml version="1.0"?>\n';

class XmlBody implements BodyCodec {
  readonly contentType = XML_TYPE;
  readonly #decoder: XmlDecoder;
  readonly #encoder: XmlEncoder;
  readonly #namespace: string;

  constructor(model: ServiceModel, encoder: XmlEncoder) {
    this.#decoder = new XmlDecoder(model);
    this.#encoder = encoder;
    this.#namespace = xmlNamespaceOf(model);
  }

  /** An empty body says no member: what is required is then missed by validation. */
  decode(body: Buffer, shapeName: string, root: string): Input {
    if (body.length === 0) return {};
    const element = parseXml(body.toString('utf8'));
    if (element.name !== root) {
      const message = `${element.name.slice(0, 100)} is not valid, expected ${root}`;
      throw new AwsError('MalformedInput', message);
    }
    return this.#decoder.structure(shapeName, element);
  }

  encode(value: Readonly<Record<string, unknown>>, shapeName: string, root: string): string {
    return DECLARATION + xmlElement(root, this.#encoder.structure(shapeName, value), this.#namespace);
  }
}

export class RestXml implements ProtocolCodec {
  readonly #model: ServiceModel;
  readonly #encoder: XmlEncoder;
  readonly #body: BodyCodec;

  constructor(model: ServiceModel) {
    this.#model = model;
    this.#encoder = new XmlEncoder(model);
    this.#body = new XmlBody(model, this.#encoder);
  }

  operation(_name: string, operation: OperationModel): OperationCodec {
    return new RestOperation(operation, this.#model, this.#body);
  }

  error(error: AwsError, requestId: string): EncodedAnswer {
    const isModelled = Object.hasOwn(this.#model.shapes, error.code);
    const details = isModelled ? this.#encoder.structure(error.code, error.members) : '';
    const answer = encodeXmlError(this.#model, error, requestId, details);
    return { ...answer, body: DECLARATION + answer.body };
  }
}
