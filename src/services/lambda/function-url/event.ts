/**
 * An HTTP request as the event of a function: payload format 2.0. Pure: whoever calls says the time and the ids.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { isUtf8 } from 'node:buffer';
import { formatHttpDate } from '../../../base/clock.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import { headerOf, isHopByHop, type UrlRequest } from './http.ts';

/** Who signed a request, as an event tells it. */
export interface UrlCaller {
  readonly accessKeyId: string;
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
}

export interface UrlEventFacts {
  readonly urlId: string;
  readonly domainName: string;
  readonly requestId: string;
  /** The value of `X-Amzn-Trace-Id`. */
  readonly traceId: string;
  readonly atMs: number;
  /** Undefined for a URL that takes everybody. */
  readonly caller: UrlCaller | undefined;
}

const ROUTE_KEY = '$default';

export function toUrlEvent(request: UrlRequest, facts: UrlEventFacts): JsonObject {
  const queryAt = request.url.indexOf('?');
  const rawPath = queryAt === -1 ? request.url : request.url.slice(0, queryAt);
  const rawQueryString = queryAt === -1 ? '' : request.url.slice(queryAt + 1);
  const cookies = cookiesOf(request);
  return {
    version: '2.0',
    routeKey: ROUTE_KEY,
    rawPath,
    rawQueryString,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers: headersOf(request, facts),
    ...(rawQueryString === '' ? {} : { queryStringParameters: parametersOf(rawQueryString) }),
    requestContext: requestContext(request, rawPath, facts),
    ...bodyOf(request),
  };
}

function requestContext(request: UrlRequest, path: string, facts: UrlEventFacts): JsonObject {
  const { caller, urlId, atMs } = facts;
  return {
    accountId: caller?.account ?? 'anonymous',
    apiId: urlId,
    ...(caller === undefined ? {} : { authorizer: { iam: describeCaller(caller) } }),
    domainName: facts.domainName,
    domainPrefix: urlId,
    http: {
      method: request.method,
      path,
      protocol: 'HTTP/1.1',
      sourceIp: sourceIp(request),
      userAgent: headerOf(request, 'user-agent') ?? '',
    },
    requestId: facts.requestId,
    routeKey: ROUTE_KEY,
    stage: ROUTE_KEY,
    time: formatLogTime(atMs),
    timeEpoch: atMs,
  };
}

function describeCaller({ accessKeyId, account, arn, userId }: UrlCaller): JsonObject {
  return {
    accessKey: accessKeyId,
    accountId: account,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: arn,
    userId,
  };
}

/** `31/Jan/2026:09:05:07 +0000`, out of `Sat, 31 Jan 2026 09:05:07 GMT`. */
function formatLogTime(atMs: number): string {
  const [, day, month, year, time] = formatHttpDate(atMs).split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Sockets that take both families show an IPv4 address as a part of IPv6. */
function sourceIp({ remoteAddress = '' }: UrlRequest): string {
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
}

/** What a proxy says of the client is said here and believed from nobody. */
function headersOf(request: UrlRequest, facts: UrlEventFacts): JsonObject {
  const scheme = request.isEncrypted === true ? 'https' : 'http';
  const port = /:(\d+)$/.exec(headerOf(request, 'host') ?? '')?.[1] ?? (scheme === 'https' ? '443' : '80');
  const headers = new Map<string, Json>();
  for (const name of Object.keys(request.headers)) {
    const value = headerOf(request, name);
    if (value !== undefined && !isHopByHop(name)) headers.set(name, value);
  }
  headers.set('x-amzn-trace-id', facts.traceId);
  headers.set('x-forwarded-for', sourceIp(request));
  headers.set('x-forwarded-port', port);
  headers.set('x-forwarded-proto', scheme);
  return Object.fromEntries(headers);
}

/** Unlike API Gateway, function URLs tell cookies here and leave them among the headers too. */
function cookiesOf(request: UrlRequest): string[] {
  const text = headerOf(request, 'cookie') ?? '';
  return text
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '');
}

/** Values of a name that comes more than once are joined with commas. */
function parametersOf(query: string): JsonObject {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(parameters);
}

/** A body that its type says to be text is given as it is, all others in base64, HTML forms too. */
function bodyOf(request: UrlRequest): JsonObject {
  const { body } = request;
  if (body.length === 0) return { isBase64Encoded: false };
  // Bytes that are no UTF-8, whatever their type says, would not survive as text.
  const isText = isTextType(headerOf(request, 'content-type') ?? '') && isUtf8(body);
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

const TEXT_TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/javascript',
  'application/xml',
]);

function isTextType(contentType: string): boolean {
  const [type = ''] = contentType.toLowerCase().split(';');
  const name = type.trim();
  return name.startsWith('text/') || TEXT_TYPES.has(name) || name.endsWith('+json') || name.endsWith('+xml');
}
