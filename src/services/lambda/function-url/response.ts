/**
 * What a function answered, as HTTP: payload format 2.0. Pure. A function is user code, so nothing that it answers may
 * end a connection, add a second message to it or be taken for the platform's own word.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { AwsError } from '../../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../base/json.ts';
import { isHeader, isHopByHop, type UrlAnswer, type UrlHeader } from './http.ts';

const JSON_TYPE: UrlHeader = ['Content-Type', 'application/json'];

/**
 * What the platform says itself: a function's own arrives under another name. AWS does so too, which is why no browser
 * asks for a password of a function that answers 401.
 */
const REMAPPED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'server',
  'www-authenticate',
]);
const DROPPED: ReadonlySet<string> = new Set(['x-amzn-requestid', 'x-amzn-trace-id']);

/** A function that fails, or answers what is no answer, is told to nobody but its log. */
export function badGateway(): UrlAnswer {
  return { status: 502, headers: [JSON_TYPE], body: 'Internal Server Error' };
}

/** An answer of the platform itself, in the words of AWS. */
export function refusal(status: number, code: string, message: string | null): UrlAnswer {
  const body = JSON.stringify({ Message: message });
  return { status, headers: [JSON_TYPE, ['x-amzn-ErrorType', code]], body };
}

/** An object with a `statusCode` says what to answer; every other value is the body itself. */
export function toUrlAnswer(payloadText: string): UrlAnswer {
  try {
    const payload = parseJson(payloadText);
    if (isJsonObject(payload) && payload['statusCode'] !== undefined) return fromParts(payload);
    // A text is answered without its quotes.
    return {
      status: 200,
      headers: [JSON_TYPE],
      body: typeof payload === 'string' ? payload : payloadText,
    };
  } catch (error) {
    // No JSON, or too deep: a bootstrap of the user's own can answer anything.
    if (error instanceof SyntaxError || error instanceof AwsError) return badGateway();
    throw error;
  }
}

function fromParts(payload: JsonObject): UrlAnswer {
  const status = toStatus(payload['statusCode']);
  const headers = toHeaders(payload['headers']);
  const cookies = toCookies(payload['cookies']);
  if (status === undefined || headers === undefined || cookies === undefined) return badGateway();
  const hasType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  // Neither of the two has a body, whatever the function says (RFC 9110, 15.3.5 and 15.4.5).
  const isEmpty = status === 204 || status === 304;
  return {
    status,
    headers: [...(hasType ? [] : [JSON_TYPE]), ...headers, ...cookies],
    body: isEmpty ? '' : toBody(payload),
  };
}

/** A number or its text; what is below 200 is no end of an exchange. */
function toStatus(value: Json | undefined): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  if (typeof status !== 'number' || !Number.isInteger(status)) return undefined;
  return status >= 200 && status <= 599 ? status : undefined;
}

function toHeaders(value: Json | undefined): UrlHeader[] | undefined {
  if (value === undefined || value === null) return [];
  if (!isJsonObject(value)) return undefined;
  const headers: UrlHeader[] = [];
  for (const [name, given] of Object.entries(value)) {
    if (given === null) continue;
    if (typeof given === 'object' || !isHeader([name, String(given)])) return undefined;
    const lowerCase = name.toLowerCase();
    if (REMAPPED.has(lowerCase)) headers.push([`x-amzn-Remapped-${lowerCase}`, String(given)]);
    else if (!isHopByHop(lowerCase) && !DROPPED.has(lowerCase)) headers.push([name, String(given)]);
  }
  return headers;
}

function toCookies(value: Json | undefined): UrlHeader[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const cookies = value.map((cookie): UrlHeader => ['Set-Cookie', String(cookie)]);
  return cookies.every(isHeader) ? cookies : undefined;
}

function toBody({ body, isBase64Encoded }: JsonObject): string | Uint8Array {
  if (body === undefined || body === null) return '';
  if (typeof body !== 'string') return JSON.stringify(body);
  return isBase64Encoded === true ? Buffer.from(body, 'base64') : body;
}
