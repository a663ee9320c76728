/** Errors as XML: the same for Query and REST XML. */
import type { ServiceModel } from '../../api/model.ts';
import type { AwsError } from '../../base/errors.ts';
import { errorStatus } from './protocol.ts';
import type { EncodedAnswer } from './protocol.ts';
import { escapeXml, xmlElement } from './xml.ts';

export const XML_TYPE = 'text/xml';

/** The namespace of a service's answers. */
export function xmlNamespaceOf({ metadata }: ServiceModel): string {
  const { xmlNamespace, endpointPrefix, apiVersion } = metadata;
  return xmlNamespace ?? `http://${endpointPrefix}.amazonaws.com/doc/${apiVersion}/`;
}

/** `details` are elements that stand beside the message. */
export function encodeXmlError(
  model: ServiceModel,
  error: AwsError,
  requestId: string,
  details = '',
): EncodedAnswer {
  const shape = Object.hasOwn(model.shapes, error.code) ? model.shapes[error.code] : undefined;
  const modelledCode = shape?.type === 'structure' ? shape.error?.code : undefined;
  const content =
    xmlElement('Type', error.fault === 'client' ? 'Sender' : 'Receiver') +
    xmlElement('Code', escapeXml(modelledCode ?? error.code)) +
    xmlElement('Message', escapeXml(error.message)) +
    details;
  const body = xmlElement(
    'ErrorResponse',
    xmlElement('Error', content) + xmlElement('RequestId', requestId),
    xmlNamespaceOf(model),
  );
  return { status: errorStatus(model, error), contentType: XML_TYPE, body };
}
