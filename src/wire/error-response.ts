/**
 * What callers are told of anything thrown. An `AwsError` is told as it is; everything else is a bug of ours, which
 * is logged with the request id and told as `InternalFailure`, without its text or stack.
 */
import { AwsError, errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { WireRequest } from './dispatch.ts';
import type { EncodedAnswer } from './protocols/protocol.ts';
import { escapeXml, xmlElement } from './protocols/xml.ts';
import { headerText, parseCredential } from './scope.ts';

const INTERNAL_MESSAGE =
  'The request processing has failed because of an unknown error, exception or failure.';

/** The error to tell for anything thrown. */
export function toAwsError(thrown: unknown, requestId: string, log: Logger): AwsError {
  if (thrown instanceof AwsError) return thrown;
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  log.error({ requestId, error: errorMessage(thrown), stack }, 'a request failed by a bug of ours');
  return new AwsError('InternalFailure', INTERNAL_MESSAGE, { fault: 'server', cause: thrown });
}

/** Services of REST XML by the names that they are signed with: their requests may say nothing of a type. */
const REST_XML_SIGNERS: ReadonlySet<string> = new Set(['cloudfront', 'route53', 's3']);

function speaksRestXml(request: WireRequest): boolean {
  const service = parseCredential(request)?.service;
  return service !== undefined && REST_XML_SIGNERS.has(service);
}

/** Errors before a service is known, in the protocol that the request looks like. */
export function encodeUnrouted(error: AwsError, request: WireRequest, requestId: string): EncodedAnswer {
  const contentType = headerText(request, 'content-type') ?? '';
  if (contentType.startsWith('application/x-www-form-urlencoded') || speaksRestXml(request)) {
    const content =
      xmlElement('Type', error.fault === 'client' ? 'Sender' : 'Receiver') +
      xmlElement('Code', escapeXml(error.code)) +
      xmlElement('Message', escapeXml(error.message));
    const body = xmlElement(
      'ErrorResponse',
      xmlElement('Error', content) + xmlElement('RequestId', requestId),
    );
    return { status: error.httpStatus, contentType: 'text/xml', body };
  }
  return {
    status: error.httpStatus,
    contentType: contentType.startsWith('application/x-amz-json') ? contentType : 'application/json',
    headers: { 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message }),
  };
}
