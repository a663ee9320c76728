/**
 * Which pages of other origins may call a function URL. With settings of its own a URL answers the preflight itself
 * and adds its headers to every answer; without them both are the function's business. Pure.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
 */
import type { FunctionUrlCors } from '../../../engine/function/function-record.ts';
import { headerOf, type UrlAnswer, type UrlHeader, type UrlRequest } from './http.ts';

const ANY = '*';

/** Whether a browser asks if it may ask. */
export function isPreflight(request: UrlRequest): boolean {
  return (
    request.method === 'OPTIONS' &&
    headerOf(request, 'origin') !== undefined &&
    headerOf(request, 'access-control-request-method') !== undefined
  );
}

/** 200 in any case: that the page may not is said by what is missing. */
export function preflightAnswer(cors: FunctionUrlCors, request: UrlRequest): UrlAnswer {
  const headers = corsHeaders(cors, request);
  if (!isAllowed(cors, request)) return { status: 200, headers, body: '' };
  const methods = namesOf(cors, cors.allowMethods, headerOf(request, 'access-control-request-method'));
  const names = namesOf(cors, cors.allowHeaders, headerOf(request, 'access-control-request-headers'));
  const { maxAgeSeconds } = cors;
  return {
    status: 200,
    headers: [
      ...headers,
      ...(methods === undefined ? [] : [['Access-Control-Allow-Methods', methods] as const]),
      ...(names === undefined ? [] : [['Access-Control-Allow-Headers', names] as const]),
      ...(maxAgeSeconds === undefined ? [] : [['Access-Control-Max-Age', String(maxAgeSeconds)] as const]),
    ],
    body: '',
  };
}

/**
 * What is added to every answer. The origin is named even where all may, so the answer depends on it. A function that
 * sends such headers too makes them two, as at AWS, and browsers take neither.
 */
export function corsHeaders(cors: FunctionUrlCors, request: UrlRequest): UrlHeader[] {
  const headers: UrlHeader[] = [['Vary', 'Origin']];
  if (!isAllowed(cors, request)) return headers;
  headers.push(['Access-Control-Allow-Origin', headerOf(request, 'origin') ?? ANY]);
  if (cors.allowCredentials === true) headers.push(['Access-Control-Allow-Credentials', 'true']);
  const exposed = cors.exposeHeaders ?? [];
  if (exposed.length > 0) headers.push(['Access-Control-Expose-Headers', exposed.join(',')]);
  return headers;
}

function isAllowed({ allowOrigins = [] }: FunctionUrlCors, request: UrlRequest): boolean {
  const origin = headerOf(request, 'origin');
  return origin !== undefined && (allowOrigins.includes(ANY) || allowOrigins.includes(origin));
}

/** Of a request with credentials a browser takes the star for a name (Fetch standard), so the asked for is named. */
function namesOf(
  { allowCredentials }: FunctionUrlCors,
  allowed: readonly string[] | undefined,
  asked: string | undefined,
): string | undefined {
  if (allowed === undefined || allowed.length === 0) return undefined;
  return allowed.includes(ANY) && allowCredentials === true ? asked : allowed.join(',');
}
