/**
 * The region and service that a request is signed for, read off its head at the cost of a few searches: it is looked at
 * for each request of a region that has peers. What is no signature at all is found out later, by `wire/scope.ts`.
 */
export interface SignedScope {
  readonly region: string;
  readonly service: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256 ';
const CREDENTIAL = 'Credential=';
const END = '/aws4_request';
const SCOPE_LENGTH_MAX = 256;

/** Undefined without a signature, and for SigV4A, which names no one region. */
export function signedScope(authorization: string | undefined, url: string): SignedScope | undefined {
  if (authorization === undefined) return presignedScope(url);
  if (!authorization.startsWith(ALGORITHM)) return undefined;
  const at = authorization.indexOf(CREDENTIAL);
  return at === -1 ? undefined : parse(authorization.slice(at + CREDENTIAL.length, at + SCOPE_LENGTH_MAX));
}

function presignedScope(url: string): SignedScope | undefined {
  const queryAt = url.indexOf('?');
  if (queryAt === -1 || !url.includes('X-Amz-Credential=', queryAt)) return undefined;
  const query = new URLSearchParams(url.slice(queryAt + 1));
  if (query.get('X-Amz-Algorithm') !== ALGORITHM.trim()) return undefined;
  return parse(query.get('X-Amz-Credential') ?? '');
}

/** `key/date/region/service/aws4_request...` */
function parse(text: string): SignedScope | undefined {
  const end = text.indexOf(END);
  if (end === -1) return undefined;
  const [, , region, service, more] = text.slice(0, end).split('/');
  return region === undefined || service === undefined || more !== undefined
    ? undefined
    : { region, service };
}
